//! Names, texts and server message blocks. The first byte names the code page.

use std::hint::black_box;

use netbios::code_page::CodePage;
use netbios::name::{ENCODED_BYTES, Name, Suffix};
use netbios::smb::{Header, end_multi_block, negotiate, send_message, start_multi_block, text_multi_block};

const CODE_PAGES: [u16; 8] = [850, 437, 866, 1252, 932, 936, 949, 950];

pub(crate) fn run(data: &[u8]) {
    let [page, bytes @ ..] = data else { return };
    let page = CodePage::new(CODE_PAGES[usize::from(page % 8)]).expect("a known code page");
    name(page, bytes);
    text(page, bytes);
    blocks(bytes);
}

fn name(page: CodePage, bytes: &[u8]) {
    if let Ok((name, rest)) = Name::decode(bytes) {
        assert!(bytes.len() - rest.len() >= ENCODED_BYTES && bytes.ends_with(rest));
        assert_eq!(Name::decode(&name.encode()), Ok((name, &[][..])));
    }
    if let Ok(name) = Name::new(&String::from_utf8_lossy(bytes), Suffix::MESSENGER, page) {
        assert_eq!(
            Name::new(&name.text(page), Suffix::MESSENGER, page),
            Ok(name),
            "a name changes on its way"
        );
    }
}

fn text(page: CodePage, bytes: &[u8]) {
    let text = page.decode_blocks(&bytes.split(|byte| *byte == 0xFE).collect::<Vec<_>>());
    assert!(!text.contains(['\r', '\u{14}']) && !text.ends_with('\n'), "line ends remain");
    let encoded = page.encode(&text).bytes;
    assert!(encoded.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | 0x14)));
}

fn blocks(bytes: &[u8]) {
    if let Ok(request) = send_message::Request::decode(bytes) {
        let encoded = request.encode();
        assert_eq!(body(&encoded).map(send_message::Request::decode), Some(Ok(request)));
    }
    if let Ok(request) = start_multi_block::Request::decode(bytes) {
        let encoded = request.encode();
        assert_eq!(body(&encoded).map(start_multi_block::Request::decode), Some(Ok(request)));
    }
    if let Ok(request) = text_multi_block::Request::decode(bytes) {
        let encoded = request.encode();
        assert_eq!(body(&encoded).map(text_multi_block::Request::decode), Some(Ok(request)));
    }
    let _ = black_box((end_multi_block::Request::decode(bytes), start_multi_block::Response::decode(bytes)));
    let _ = black_box(negotiate::Request::decode(bytes));
}

fn body(message: &[u8]) -> Option<&[u8]> {
    Header::decode(message).ok().map(|(_, body)| body)
}
