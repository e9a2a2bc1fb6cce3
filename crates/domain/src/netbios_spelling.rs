/// The most characters of a NetBIOS name that a person can have: the sixteenth byte is the suffix (RFC 1001 §14.1).
pub const NETBIOS_SPELLING_MAX: usize = 15;

/// The NetBIOS spellings that an account of this name may be given, best first. The store takes the first that
/// nobody has, once, and the account keeps it.
///
/// A spelling is upper-case ASCII, so that every OEM code page writes it with the same bytes.
pub fn netbios_spellings(name: &str) -> impl Iterator<Item = String> {
    let plain: String = name.chars().filter_map(plain_letter).collect();
    let plain = if plain.is_empty() { "USER".to_owned() } else { plain };
    let first = shortened(&plain, NETBIOS_SPELLING_MAX);
    std::iter::once(first).chain((2u32..).map(move |number| {
        let tail = format!("~{number}");
        shortened(&plain, NETBIOS_SPELLING_MAX - tail.len()) + &tail
    }))
}

fn shortened(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

fn plain_letter(character: char) -> Option<char> {
    let upper = character.to_uppercase().next()?;
    let plain = match upper {
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' | 'Ø' => 'O',
        'Ù'..='Ü' => 'U',
        'Ý' => 'Y',
        other => other,
    };
    (plain.is_ascii_alphanumeric() || "-_.$!#%(){}~^".contains(plain)).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_or_accented_name_gets_a_short_plain_spelling_and_numbered_ones_after_it() {
        let spellings: Vec<String> = netbios_spellings("jürgen.vonderwaldsee").take(3).collect();
        assert_eq!(spellings, ["JURGEN.VONDERWA", "JURGEN.VONDER~2", "JURGEN.VONDER~3"]);
        assert_eq!(netbios_spellings("日本").next().unwrap(), "USER");
        assert!(netbios_spellings("anna").take(2000).all(|spelling| spelling.len() <= NETBIOS_SPELLING_MAX));
    }
}
