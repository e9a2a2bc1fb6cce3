use ::api::events::{ContentView, FileView, ReplyView};
use domain::{Content, Message, Protocol, displayable};
use xmpp::{
    Element,
    extension::{
        file_sharing::SharedFile,
        reply::{self, Reply},
    },
    namespace, native,
    stanza::MessageContent,
};

/// What a message says that is more than words, or says it by more: none where it is written otherwise than XMPP writes
/// it, or says nothing of this.
pub(super) fn content(content: &Content, stanza: &Element) -> Option<ContentView> {
    let said = MessageContent::read(stanza);
    if said.encrypted {
        return None;
    }
    let shown = |text: &str| displayable(text).into_owned();
    if let Some(of) = said.retraction_of {
        return Some(ContentView::Retraction { of });
    }
    if let Some(reactions) = said.reactions {
        let emoji = reactions.reactions.iter().map(|reaction| shown(reaction)).collect();
        return Some(ContentView::Reaction { of: reactions.id, emoji });
    }
    let invitation =
        stanza.child("x", namespace::MUC_USER).and_then(|x| x.child("invite", namespace::MUC_USER));
    if invitation.is_some() {
        // The room carries it (XEP-0045 §7.8.2).
        let room = stanza.attribute("from").unwrap_or_default();
        return Some(ContentView::Invitation { room: room.split('/').next().unwrap_or_default().to_owned() });
    }
    let Content::Text { body, subject } = content else { return None };
    if let Some(of) = said.correction_of {
        return Some(ContentView::Correction { of, text: shown(body) });
    }
    let (reply, file) = (Reply::read(stanza), SharedFile::read(stanza));
    if reply.is_none() && file.is_none() {
        return None;
    }
    let mut text = match reply {
        Some(_) => reply::without_fallback(stanza, body, namespace::REPLY),
        None => body.clone(),
    };
    if let Some(file) = &file
        && text.trim() == file.url
    {
        text.clear();
    }
    Some(ContentView::Text {
        text: shown(&text),
        subject: subject.as_deref().map(shown),
        reply: reply.map(|reply| ReplyView { of: reply.id, from: reply.to }),
        file: file.map(file_view),
    })
}

/// Whether only clients of others can read it: it is encrypted, or says so (XEP-0380 §3).
pub(super) fn is_encrypted(stanza: &Element) -> bool {
    MessageContent::read(stanza).encrypted
        || stanza.child("encryption", namespace::ENCRYPTION_METHOD).is_some()
}

/// A message as it was written by XMPP.
pub(super) fn stanza(message: &Message) -> Option<Element> {
    let native = message.native.as_ref().filter(|native| native.protocol == Protocol::Xmpp)?;
    native::read_message(&native.bytes)
}

fn file_view(file: SharedFile) -> FileView {
    let SharedFile { url, name, size, media_type, width, height } = file;
    // An address alone ends in the name.
    let last = url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let name = name.unwrap_or_else(|| last.to_owned());
    FileView {
        name: displayable(&name).into_owned(),
        size: size.unwrap_or(0),
        media_type: media_type.unwrap_or_default(),
        url: displayable(&url).into_owned(),
        width,
        height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_other_clients_can_read_is_said_to_be_encrypted() {
        let message = |child: Element| {
            Element::new("message", namespace::CLIENT)
                .with_child(Element::new("body", namespace::CLIENT).with_text("You cannot read this"))
                .with_child(child)
        };
        for (name, of) in [
            ("encrypted", namespace::OMEMO),
            ("encrypted", namespace::OMEMO_LEGACY),
            ("openpgp", namespace::OPENPGP),
            ("encryption", namespace::ENCRYPTION_METHOD),
        ] {
            assert!(is_encrypted(&message(Element::new(name, of))), "{name} {of}");
        }
        assert!(!is_encrypted(&message(Element::new("request", namespace::RECEIPTS))));
    }
}
