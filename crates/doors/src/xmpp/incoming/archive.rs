use bytes::Bytes;
use domain::{Address, ArchiveDefault, ArchivePreferences, Message, MessageId};
use hub::{HubError, Item};
use jiff::Timestamp;
use store::{ArchivePage, ArchiveQuery, Found, SearchQuery, StoreError};
use xmpp::{
    Element,
    extension::{
        archive::{self, Default as WireDefault, Preferences, Query, Request},
        delay::Delay,
        result_set::Page,
    },
    jid::Jid,
    stanza::{Condition, StanzaError},
    stream::Limits,
};

use super::super::{conversation::Conversation, outgoing};

/// How many messages a page has where the client does not say, and at most.
pub(super) const PAGE: usize = 50;
pub(super) const PAGE_MAX: usize = 250;
/// How many pages one query looks through for messages of one device.
const PAGES_LOOKED_THROUGH_MAX: usize = 20;

/// The person's archive (XEP-0313), where there is one.
pub(super) async fn handle(
    conversation: &Conversation,
    request: Request,
) -> Result<Option<Element>, StanzaError> {
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    if !hub.settings().archive {
        return Err(Condition::ServiceUnavailable.into());
    }
    match request {
        Request::Form => Ok(Some(archive::form())),
        Request::Query(query) => self::query(conversation, &query).await.map(Some),
        Request::Metadata => {
            let bounds = hub.store().archive_bounds(own).await.map_err(|error| refusal(&error.into()))?;
            let end = |(id, at): (MessageId, Timestamp)| (id.to_string(), outgoing::stamp(at));
            Ok(Some(archive::metadata(bounds.map(|(first, last)| (end(first), end(last))))))
        }
        Request::Preferences => Ok(Some(on_the_wire(&hub.archive_preferences(own)).to_element())),
        Request::SetPreferences(preferences) => {
            let set = hub.set_archive_preferences(own, of_the_house(&preferences)).await;
            set.map_err(|error| refusal(&error))?;
            Ok(Some(on_the_wire(&hub.archive_preferences(own)).to_element()))
        }
    }
}

/// Sends the results, and returns what is said after them (XEP-0313 §4).
async fn query(conversation: &Conversation, query: &Query) -> Result<Element, StanzaError> {
    // A client that does not read what it asked for is not given more.
    if conversation.session.outbox.is_filling() {
        return Err(StanzaError::new(Condition::ResourceConstraint).with_text("read the last page first"));
    }
    let asked = asked(conversation, query)?;
    let Some(asked) = asked else { return Ok(archive::fin(&Page { ends: None, count: Some(0) }, true)) };
    if let Some(text) = &query.text {
        return search(conversation, query, &asked, text).await;
    }
    let (from_end, limit, counts) = (asked.from_end, asked.limit, query.page.max == Some(0));
    let (page, last_seen) = page(conversation, query, asked).await?;
    // From where a page begins that is not the first, how many there are on all is not to be seen.
    let is_whole = query.page.after.is_none() && query.page.before.as_ref().is_none_or(String::is_empty);
    let is_none = is_whole && page.complete && page.messages.is_empty();
    let limited = query.after_id.is_some() || query.before_id.is_some() || has_device(query);
    let count = if is_none { Some(0) } else { page.count.filter(|_| !limited) };
    if counts {
        return Ok(archive::fin(&Page { ends: None, count }, page.messages.is_empty()));
    }
    let (page, fits) = fitting(conversation, page, from_end, limit);
    let ends = page.messages.first().zip(page.messages.last()).map(|(first, last)| (first.id, last.id));
    let ends = ends.or(last_seen.filter(|_| !page.complete).map(|seen| (seen, seen)));
    let ends = ends.map(|(first, last)| (first.to_string(), last.to_string()));
    if query.flip_page {
        page.messages.iter().rev().for_each(|message| send(conversation, query, message));
    } else {
        page.messages.iter().for_each(|message| send(conversation, query, message));
    }
    Ok(archive::fin(&Page { ends, count }, page.complete && fits))
}

/// The page that is asked for, and where looking for it ended. Where one device is named, page after page is looked
/// through until there is a message of its, or so many were looked through that the client may ask again.
async fn page(
    conversation: &Conversation,
    query: &Query,
    mut asked: ArchiveQuery,
) -> Result<(ArchivePage, Option<MessageId>), StanzaError> {
    let mut pages = 0;
    loop {
        let found = conversation.door.hub.archive(asked.clone()).await;
        let mut page = found.map_err(|error| refusal(&error))?;
        let seen = if asked.from_end { page.messages.first() } else { page.messages.last() };
        let seen = seen.map(|message| message.id);
        page.messages.retain(|message| matches_device(conversation, query, message));
        pages += 1;
        match seen {
            Some(seen) if page.messages.is_empty() && !page.complete && pages < PAGES_LOOKED_THROUGH_MAX => {
                let bounds = if asked.from_end { &mut asked.before } else { &mut asked.after };
                bounds.push(seen);
                asked.limit = PAGE_MAX;
            }
            seen => return Ok((page, seen)),
        }
    }
}

/// How many messages are looked through for the page that a client wants of those with its words.
const FOUND_MAX: usize = 1_000;

/// Messages with these words, of the newest 1,000 that have them (XEP-0431).
async fn search(
    conversation: &Conversation,
    query: &Query,
    asked: &ArchiveQuery,
    text: &str,
) -> Result<Element, StanzaError> {
    let wanted = SearchQuery {
        owner: asked.owner.clone(),
        text: text.to_owned(),
        with: asked.with.clone(),
        rooms: Vec::new(),
        own: true,
        before: asked.before.iter().min().copied(),
        limit: FOUND_MAX,
    };
    let found = conversation.door.hub.store().search(wanted).await.map_err(|error| refusal(&error.into()))?;
    let mut messages: Vec<_> = found
        .found
        .into_iter()
        .rev()
        .filter_map(|found| match found {
            Found::Message(message) => Some(message),
            Found::InRoom(_) => None,
        })
        .filter(|message| {
            asked.after.iter().all(|after| message.id > *after)
                && asked.start.is_none_or(|start| message.accepted_at >= start)
                && asked.end.is_none_or(|end| message.accepted_at <= end)
                && (asked.ids.is_empty() || asked.ids.contains(&message.id))
        })
        .collect();
    let mut complete = messages.len() <= asked.limit;
    if asked.from_end {
        complete &= found.complete;
        messages = messages.split_off(messages.len().saturating_sub(asked.limit));
    } else {
        messages.truncate(asked.limit);
    }
    let page = ArchivePage { messages, complete, count: None };
    if query.page.max == Some(0) {
        return Ok(archive::fin(&Page::default(), page.messages.is_empty()));
    }
    let (page, fits) = fitting(conversation, page, asked.from_end, asked.limit);
    let ends = page.messages.first().zip(page.messages.last());
    let ends = ends.map(|(first, last)| (first.id.to_string(), last.id.to_string()));
    if query.flip_page {
        page.messages.iter().rev().for_each(|message| send(conversation, query, message));
    } else {
        page.messages.iter().for_each(|message| send(conversation, query, message));
    }
    Ok(archive::fin(&Page { ends, count: None }, page.complete && fits))
}

/// The query in the words of the house; none where nothing can match.
fn asked(conversation: &Conversation, query: &Query) -> Result<Option<ArchiveQuery>, StanzaError> {
    let max = query.page.max.map_or(PAGE, |max| usize::try_from(max).unwrap_or(PAGE_MAX));
    let mut asked = ArchiveQuery::of(conversation.session.address().clone(), max.clamp(1, PAGE_MAX));
    if let Some(with) = &query.with {
        let Ok(with) = Address::parse(with.to_bare().as_str()) else { return Ok(None) };
        asked.with = Some(with);
    }
    asked.start = query.start.as_deref().map(time).transpose()?;
    asked.end = query.end.as_deref().map(time).transpose()?;
    // A page is within what the form asks for (XEP-0313 §4.1.3).
    let before = query.page.before.as_ref().filter(|before| !before.is_empty());
    asked.after = query.page.after.iter().chain(&query.after_id).map(id).collect::<Result<_, _>>()?;
    asked.before = before.into_iter().chain(&query.before_id).map(id).collect::<Result<_, _>>()?;
    asked.ids = query.ids.iter().map(id).collect::<Result<_, _>>()?;
    asked.from_end = query.page.before.is_some();
    Ok(Some(asked))
}

/// As much of a page as is wanted and goes into a quarter of the client's outbox, and whether that is all.
fn fitting(
    conversation: &Conversation,
    mut page: ArchivePage,
    from_end: bool,
    limit: usize,
) -> (ArchivePage, bool) {
    let room = conversation.door.hub.settings().outbox_bytes_max / 4;
    let all = page.messages.len();
    let weigh = |message: &Message| message.native.as_ref().map_or(512, |native| native.bytes.len()) + 512;
    let mut used = 0;
    let mut fits = |message: &Message| {
        used += weigh(message);
        used <= room
    };
    let count = if from_end {
        page.messages.iter().rev().take(limit).take_while(|message| fits(message)).count().max(1)
    } else {
        page.messages.iter().take(limit).take_while(|message| fits(message)).count().max(1)
    };
    if count < all {
        page.messages = if from_end {
            page.messages.split_off(all - count)
        } else {
            page.messages.drain(..count).collect()
        };
    }
    (page, count >= all)
}

fn send(conversation: &Conversation, query: &Query, message: &Message) {
    let session = &conversation.session;
    let own = session.address();
    let to = format!("{own}/{}", session.resource());
    let delay = Delay { from: None, stamp: outgoing::stamp(message.accepted_at), reason: None };
    let bytes = outgoing::archived_bytes(conversation, message, own);
    let mut out = Vec::with_capacity(bytes.len() + 512);
    let id = message.id.to_string();
    archive::write_result(&mut out, (own.as_str(), &to), query.query_id.as_deref(), &id, &delay, &bytes);
    session.push(Item::Native(Bytes::from(out)));
}

fn has_device(query: &Query) -> bool {
    query.with.as_ref().is_some_and(|with| with.resource().is_some())
}

/// Whether a message went to or came from the very device that is asked for (XEP-0313 §4.1.1).
fn matches_device(conversation: &Conversation, query: &Query, message: &Message) -> bool {
    let Some(with) = query.with.as_ref().filter(|_| has_device(query)) else { return true };
    let bytes = outgoing::archived_bytes(conversation, message, conversation.session.address());
    let limits = Limits { stanza_bytes_max: bytes.len(), ..Limits::default() };
    let Ok(stanza) = Element::parse(&bytes, &limits) else { return false };
    let is = |name| stanza.attribute(name).and_then(|jid| Jid::new(jid).ok()).is_some_and(|jid| jid == *with);
    is("from") || is("to")
}

pub(super) fn id(text: impl AsRef<str>) -> Result<MessageId, StanzaError> {
    text.as_ref().parse().map_err(|_| Condition::ItemNotFound.into())
}

/// A time of a query. No message is older or newer than what 64 bits of nanoseconds can say, so that whatever lies
/// beyond is as good as the first or the last of these times.
pub(super) fn time(text: &str) -> Result<Timestamp, StanzaError> {
    let wrong = |_| StanzaError::new(Condition::BadRequest).with_text("times read 2026-11-20T08:30:00Z");
    let at: Timestamp = text.trim().parse().map_err(wrong)?;
    let within = at.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Timestamp::from_nanosecond(within).map_err(|_| Condition::BadRequest.into())
}

fn of_the_house(preferences: &Preferences) -> ArchivePreferences {
    let texts = |jids: &[Jid]| jids.iter().map(|jid| jid.as_str().to_owned()).collect();
    let default = match preferences.default {
        WireDefault::Always => ArchiveDefault::Always,
        WireDefault::Never => ArchiveDefault::Never,
        WireDefault::Roster => ArchiveDefault::Contacts,
    };
    ArchivePreferences { default, always: texts(&preferences.always), never: texts(&preferences.never) }
}

fn on_the_wire(preferences: &ArchivePreferences) -> Preferences {
    let jids = |texts: &[String]| texts.iter().filter_map(|text| Jid::new(text).ok()).collect();
    let default = match preferences.default {
        ArchiveDefault::Always => WireDefault::Always,
        ArchiveDefault::Never => WireDefault::Never,
        ArchiveDefault::Contacts => WireDefault::Roster,
    };
    Preferences { default, always: jids(&preferences.always), never: jids(&preferences.never) }
}

fn refusal(error: &HubError) -> StanzaError {
    match error {
        HubError::Store(StoreError::Missing { .. }) => Condition::ItemNotFound.into(),
        HubError::TooMuchData { .. } => {
            StanzaError::new(Condition::NotAcceptable).with_text(error.to_string())
        }
        other => {
            tracing::warn!(error = %other, "an archive could not be read");
            StanzaError::new(Condition::ResourceConstraint).with_text("the service cannot do this now")
        }
    }
}
