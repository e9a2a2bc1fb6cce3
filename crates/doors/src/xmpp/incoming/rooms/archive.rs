use bytes::Bytes;
use domain::{Address, room::RoomMessage};
use hub::{Item, RoomReader};
use store::{RoomPage, RoomQuery};
use xmpp::{
    Element,
    extension::{
        archive::{self, Query, Request},
        delay::Delay,
        result_set::Page,
    },
    stanza::{Condition, StanzaError},
};

use super::{
    super::{
        super::{conversation::Conversation, outgoing, outgoing_rooms},
        archive::{PAGE, PAGE_MAX, id, time},
    },
    refusal,
};

/// What was said in a room (XEP-0313, for who may read it).
pub(super) async fn handle(
    conversation: &Conversation,
    room: &Address,
    request: Request,
) -> Result<Option<Element>, StanzaError> {
    let hub = &conversation.door.hub;
    if !hub.settings().archive {
        return Err(Condition::ServiceUnavailable.into());
    }
    let reader = hub.room_reader(&conversation.session, room).map_err(|error| refusal(&error))?;
    match request {
        Request::Form => Ok(Some(archive::form())),
        Request::Query(query) => self::query(conversation, room, reader, &query).await.map(Some),
        Request::Metadata => metadata(conversation, room).await.map(Some),
        // What a room keeps is not its people's to say.
        Request::Preferences | Request::SetPreferences(_) => Err(Condition::NotAllowed.into()),
    }
}

async fn metadata(conversation: &Conversation, room: &Address) -> Result<Element, StanzaError> {
    let hub = &conversation.door.hub;
    let mut ends = Vec::new();
    for from_end in [false, true] {
        let query = RoomQuery { from_end, ..RoomQuery::of(room.clone(), 1) };
        let page = hub.room_messages(query).await.map_err(|error| refusal(&error))?;
        ends.extend(
            page.messages
                .first()
                .map(|message| (message.id.to_string(), outgoing::stamp(message.accepted_at))),
        );
    }
    let last = ends.pop();
    Ok(archive::metadata(ends.pop().zip(last)))
}

async fn query(
    conversation: &Conversation,
    room: &Address,
    reader: RoomReader,
    query: &Query,
) -> Result<Element, StanzaError> {
    // A client that does not read what it asked for is not given more.
    if conversation.session.outbox.is_filling() {
        return Err(StanzaError::new(Condition::ResourceConstraint).with_text("read the last page first"));
    }
    let max = query.page.max.map_or(PAGE, |max| usize::try_from(max).unwrap_or(PAGE_MAX));
    let mut asked = RoomQuery::of(room.clone(), max.clamp(1, PAGE_MAX));
    if let Some(with) = &query.with {
        let person = Address::parse(with.to_bare().as_str()).ok().filter(|_| reader.sees_addresses);
        let Some(person) = person else { return Ok(archive::fin(&Page::default(), true)) };
        asked.sender = Some(person);
    }
    let before = query.page.before.as_ref().filter(|before| !before.is_empty());
    asked.start = query.start.as_deref().map(time).transpose()?;
    asked.end = query.end.as_deref().map(time).transpose()?;
    asked.after = query.page.after.as_ref().or(query.after_id.as_ref()).map(id).transpose()?;
    asked.before = before.or(query.before_id.as_ref()).map(id).transpose()?;
    asked.ids = query.ids.iter().map(id).collect::<Result<_, _>>()?;
    asked.text.clone_from(&query.text);
    asked.from_end = query.page.before.is_some();
    let from_end = asked.from_end;
    let page = conversation.door.hub.room_messages(asked).await.map_err(|error| refusal(&error))?;
    if query.page.max == Some(0) {
        return Ok(archive::fin(&Page::default(), page.messages.is_empty()));
    }
    let (page, fits) = fitting(conversation, page, from_end);
    let ends = page.messages.first().zip(page.messages.last());
    let ends = ends.map(|(first, last)| (first.id.to_string(), last.id.to_string()));
    let give = |message: &std::sync::Arc<RoomMessage>| send(conversation, query, reader, message);
    if query.flip_page {
        page.messages.iter().rev().for_each(give);
    } else {
        page.messages.iter().for_each(give);
    }
    Ok(archive::fin(&Page { ends, count: None }, page.complete && fits))
}

/// As much of a page as goes into a quarter of the client's outbox, and whether that is all.
fn fitting(conversation: &Conversation, mut page: RoomPage, from_end: bool) -> (RoomPage, bool) {
    let room = conversation.door.hub.settings().outbox_bytes_max / 4;
    let all = page.messages.len();
    let mut used = 0;
    let mut fits = |message: &RoomMessage| {
        used += message.native.as_ref().map_or(512, |native| native.bytes.len()) + 512;
        used <= room
    };
    if from_end {
        let count = page.messages.iter().rev().take_while(|message| fits(message)).count().max(1);
        page.messages = page.messages.split_off(all.saturating_sub(count));
    } else {
        let count = page.messages.iter().take_while(|message| fits(message)).count().max(1);
        page.messages.truncate(count);
    }
    let complete = page.messages.len() == all;
    (page, complete)
}

fn send(conversation: &Conversation, query: &Query, reader: RoomReader, message: &RoomMessage) {
    let to = conversation.full_jid();
    let delay = Delay { from: None, stamp: outgoing::stamp(message.accepted_at), reason: None };
    let bytes = outgoing_rooms::archived(message, reader.sees_addresses);
    let mut out = Vec::with_capacity(bytes.len() + 512);
    let id = message.id.to_string();
    archive::write_result(
        &mut out,
        (message.room.as_str(), to),
        query.query_id.as_deref(),
        &id,
        &delay,
        &bytes,
    );
    conversation.session.push(Item::Native(Bytes::from(out)));
}
