//! The sender's own id of a message, by which a repeat is recognised (XEP-0359 §3.2).

use domain::Content;
use sha2::{Digest, Sha256};

/// How a message shows everything that it says.
type Texts<'a> = &'a dyn Fn(&mut dyn FnMut(&str));

/// The id that a repeat has too. Where the words of a message are not its own, what it says is part of the id: so is
/// something encrypted, which comes with the same words each time, and whatever only clients understand.
pub(super) fn own_id(
    origin_id: Option<&str>,
    content: &Content,
    encrypted: bool,
    texts: Texts<'_>,
) -> Option<String> {
    let id = origin_id.filter(|id| !id.is_empty())?;
    if !encrypted && *content != Content::Other {
        return Some(id.to_owned());
    }
    let mut digest = Sha256::new();
    texts(&mut |text| digest.update(text));
    let said: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(format!("{id} {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_something_else_under_the_same_id_has_an_id_of_its_own() {
        let id = |content: &Content, encrypted, said: &'static str| {
            own_id(Some("o"), content, encrypted, &|show| said.chars().for_each(|c| show(&c.to_string())))
        };
        let words = Content::Text { body: "encrypted".to_owned(), subject: None };
        assert_eq!(id(&words, false, "a"), Some("o".to_owned()));
        assert_eq!(id(&words, true, "ab"), id(&words, true, "ab"));
        assert_ne!(id(&words, true, "a"), id(&words, true, "b"));
        assert_ne!(id(&Content::Other, false, "a"), id(&Content::Other, false, "b"));
        assert_eq!(own_id(Some(""), &words, false, &|_| {}), None);
        assert_eq!(own_id(None, &Content::Other, false, &|_| {}), None);
    }
}
