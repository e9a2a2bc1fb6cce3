//! Windows code page 1252, which some programs write although the messenger's texts are OEM.

/// The number of the page.
pub(super) const NUMBER: u16 = 1252;

/// Bytes 0x80 to 0x9F. The five that the page leaves undefined stay C1 control characters, as Windows maps them.
const FROM_0X80: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of a byte.
pub(super) fn character(byte: u8) -> char {
    match byte {
        0x80..=0x9f => FROM_0X80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The byte of a character beyond ASCII.
pub(super) fn byte(character: char) -> Option<u8> {
    if let Some(position) = (0x80..=0x9f).zip(FROM_0X80).find(|(_, candidate)| *candidate == character) {
        return Some(position.0);
    }
    match u32::from(character) {
        0x80..=0x9f => None,
        code => u8::try_from(code).ok(),
    }
}
