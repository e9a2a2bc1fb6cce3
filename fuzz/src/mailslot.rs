//! What is written into a mailslot, and what the messenger reads from its own. The first byte names the code page.

use netbios::code_page::CodePage;
use netbios::mailslot::{MESSENGER, Message, MessageLimits, Write};

const CODE_PAGES: [u16; 4] = [850, 437, 866, 1252];

pub(crate) fn run(data: &[u8]) {
    let [page, bytes @ ..] = data else { return };
    let page = CodePage::new(CODE_PAGES[usize::from(page % 4)]).expect("a known code page");
    if let Ok(write) = Write::decode(bytes) {
        assert!(write.data.len() <= bytes.len());
        let again = write.encode();
        assert_eq!(Write::decode(&again), Ok(write), "what is written changes on its way");
        message(page, write.data);
    }
    message(page, bytes);
}

fn message(page: CodePage, bytes: &[u8]) {
    let limits = MessageLimits::default();
    let Ok(message) = Message::decode(bytes, page, &limits) else { return };
    // A byte is at most three in UTF-8.
    assert!(
        message.text.len() <= 3 * limits.text_bytes_max && message.from.len() <= 3 * limits.name_bytes_max
    );
    let Ok(outgoing) = message.encode(page) else { return };
    let write = Write::decode(&outgoing.data).expect("we write what we read");
    assert!(write.is_for(MESSENGER));
    let read = Message::decode(write.data, page, &limits).expect("we write what we read");
    if outgoing.replaced.is_empty() {
        assert_eq!(read.text, message.text, "a text changes on its way");
    }
}
