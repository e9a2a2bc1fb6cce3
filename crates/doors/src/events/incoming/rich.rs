//! What is more than words: answers to a message, files, reactions, corrections, retractions. They are kept as XMPP
//! writes them, so that every client understands them that can.

use ::api::events::{FileView, ReplyView};
use domain::{Content, displayable};
use xmpp::{
    Element,
    extension::{correction, file_sharing::SharedFile, reactions, reply::Reply, retraction},
    stanza::Reactions,
};

use super::{
    super::link::Link,
    message::{check_can_be_changed, checked_mark, send_with},
};
use crate::api::{Problem, checked_text};

/// How many reactions somebody has to one message, and the longest of them, in bytes.
const REACTIONS_MAX: usize = 20;
const REACTION_BYTES_MAX: usize = 64;

/// The longest address of a file, and its longest name, in bytes.
const URL_BYTES_MAX: usize = 2_000;
const NAME_BYTES_MAX: usize = 255;

/// Where files may be: what clients are led to is no script.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// What belongs to words beside them.
pub(super) fn belongings(reply: Option<ReplyView>, file: Option<FileView>) -> Result<Vec<Element>, Problem> {
    let mut elements = Vec::new();
    if let Some(ReplyView { of, from }) = reply {
        checked_mark(&of)?;
        let to = from.map(|from| displayable(&from).into_owned()).filter(|from| !from.is_empty());
        elements.push(Reply { id: of, to }.to_element());
    }
    if let Some(file) = file {
        elements.extend(shared(file)?.to_elements());
    }
    Ok(elements)
}

/// All that the person reacts to a message with.
pub(super) async fn reaction(
    link: &Link,
    number: u32,
    id: Option<String>,
    to: &str,
    of: String,
    emoji: Vec<String>,
) -> Result<(), Problem> {
    checked_mark(&of)?;
    let fits = |text: &String| (1..=REACTION_BYTES_MAX).contains(&text.len()) && displayable(text) == *text;
    if emoji.len() > REACTIONS_MAX || !emoji.iter().all(fits) {
        return Err(Problem::invalid(format!(
            "there are at most {REACTIONS_MAX} reactions, each of 1 to {REACTION_BYTES_MAX} bytes"
        )));
    }
    let elements = reactions::reactions(&Reactions { id: of, reactions: emoji });
    send_with(link, number, id, to, Content::Other, elements.into()).await
}

/// Other words in the place of a message's.
pub(super) async fn correct(
    link: &Link,
    number: u32,
    id: Option<String>,
    to: &str,
    of: String,
    text: &str,
) -> Result<(), Problem> {
    checked_mark(&of)?;
    checked_text(text)?;
    check_can_be_changed(link, to)?;
    let content = Content::Text { body: displayable(text).into_owned(), subject: None };
    send_with(link, number, id, to, content, vec![correction::replace(&of)]).await
}

/// That a message is taken back.
pub(super) async fn retract(
    link: &Link,
    number: u32,
    id: Option<String>,
    to: &str,
    of: String,
) -> Result<(), Problem> {
    checked_mark(&of)?;
    check_can_be_changed(link, to)?;
    send_with(link, number, id, to, Content::Other, retraction::retract(&of).into()).await
}

fn shared(file: FileView) -> Result<SharedFile, Problem> {
    let FileView { url, name, size, media_type, width, height } = file;
    let leads = SCHEMES.iter().any(|scheme| url.starts_with(scheme)) && !url.contains(char::is_whitespace);
    if !leads || url.len() > URL_BYTES_MAX || displayable(&url) != url {
        return Err(Problem::invalid("a file has an address that begins with https://, without spaces"));
    }
    if name.len() > NAME_BYTES_MAX || media_type.len() > NAME_BYTES_MAX {
        return Err(Problem::invalid(format!("the name of a file has at most {NAME_BYTES_MAX} bytes")));
    }
    let said = |text: &str| Some(displayable(text).into_owned()).filter(|text| !text.is_empty());
    Ok(SharedFile {
        url,
        name: said(&name),
        size: (size > 0).then_some(size),
        media_type: said(&media_type),
        width,
        height,
    })
}
