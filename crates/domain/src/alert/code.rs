use std::{fmt, str::FromStr};

use crate::{AlertError, displayable};

/// What whoever has no client of their own confirms an alert with: 8 letters and digits that nobody takes for another,
/// shown as `ABCD-EFGH`. Of its 40 bits an attacker who may guess ten times a minute has no chance as long as an alert
/// lasts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConfirmationCode([u8; LENGTH]);

const LENGTH: usize = 8;

/// Crockford's Base32: no I, L, O or U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl ConfirmationCode {
    /// The code that these bytes make.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes.map(|byte| LETTERS[usize::from(byte) % LETTERS.len()]))
    }

    fn as_str(&self) -> &str {
        // It holds nothing but letters and digits.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for ConfirmationCode {
    type Err = AlertError;

    /// However a person has written it: in small letters, with spaces and hyphens, with an O for a 0.
    fn from_str(text: &str) -> Result<Self, AlertError> {
        let letters =
            text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').take(LENGTH + 1);
        let letter = |letter: char| match letter.to_ascii_uppercase() {
            'O' => Some(b'0'),
            'I' | 'L' => Some(b'1'),
            other => LETTERS.iter().copied().find(|known| char::from(*known) == other),
        };
        let letters: Option<Vec<u8>> = letters.map(letter).collect();
        let code = letters.and_then(|letters| letters.try_into().ok());
        code.map(Self).ok_or_else(|| AlertError::Code { text: displayable(text).chars().take(20).collect() })
    }
}

impl fmt::Display for ConfirmationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.as_str().split_at(LENGTH / 2);
        write!(formatter, "{first}-{second}")
    }
}

/// Whoever knows it can confirm: it stays out of logs.
impl fmt::Debug for ConfirmationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ConfirmationCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_a_person_has_written_it() {
        let code = ConfirmationCode::from_bytes([0, 1, 10, 31, 32, 17, 18, 255]);
        assert_eq!(code.to_string(), "01AZ-0HJZ");
        for written in ["01AZ-0HJZ", "01az0hjz", " o1az ohjz ", "OIAZ-0HJZ", "olaz-0hjz"] {
            assert_eq!(written.parse(), Ok(code), "{written}");
        }
        for wrong in ["", "01AZ", "01AZ-0HJZ0", "01AZ-0HJU", "01AZ/0HJZ", "ÀBCDEFGH"] {
            assert!(wrong.parse::<ConfirmationCode>().is_err(), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "ConfirmationCode(…)");
    }
}
