use std::{collections::HashMap, sync::Arc};

use domain::{Address, Content, MessageId, room::RoomMessage};
use jiff::Timestamp;
use store::{ArchiveQuery, Change, Found, RoomQuery, SearchPage, SearchQuery};

use crate::{Hub, HubError, RoomView};

/// What is said in a room and was not read is counted no further than this.
const COUNTED_MAX: usize = 100;

/// One of a person's conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationView {
    /// The other person, or the room.
    pub with: Address,
    /// Whether it is a room.
    pub is_room: bool,
    /// The room's name for people, where it has one.
    pub title: Option<String>,
    /// What was said last.
    pub last: Option<Found>,
    /// Whether something came after it that may change what was said: a reaction, or that it was taken back.
    pub changed: bool,
    /// How much of it the person has not read; counted no further than 1,000, in rooms than 100.
    pub unread: usize,
    /// When the newest thing was said that the person has read; none where nothing is known to be read.
    pub read_at: Option<Timestamp>,
}

/// What is looked for in what a person may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistorySearch {
    /// The words, as [`SearchQuery`] reads them.
    pub text: String,
    /// Only in the conversation with this person, or in this room.
    pub with: Option<Address>,
    /// Only what is older than this message.
    pub before: Option<MessageId>,
    /// How many at most.
    pub limit: usize,
}

impl Hub {
    /// Looks for words in a person's own archive and in the rooms that they belong to or are in, newest first.
    pub async fn search_history(
        &self,
        person: &Address,
        search: HistorySearch,
    ) -> Result<SearchPage, HubError> {
        let rooms = self.rooms_of(person).into_iter().map(|room| room.address);
        let in_room = search.with.as_ref().filter(|with| self.is_rooms_domain(with.domain())).cloned();
        let rooms = match (&in_room, &search.with) {
            (Some(room), _) => rooms.filter(|known| known == room).collect(),
            (None, Some(_)) => Vec::new(),
            (None, None) => rooms.collect(),
        };
        let query = SearchQuery {
            owner: person.clone(),
            text: search.text,
            own: in_room.is_none(),
            with: search.with.filter(|_| in_room.is_none()),
            rooms,
            before: search.before,
            limit: search.limit,
        };
        Ok(self.store.search(query).await?)
    }

    /// A person's conversations with others and in rooms, the one with the newest message first, at most `limit`.
    pub async fn conversations(
        &self,
        person: &Address,
        limit: usize,
    ) -> Result<Vec<ConversationView>, HubError> {
        let with_people = self.store.conversations(person, limit).await?.into_iter();
        let mut views: Vec<ConversationView> = with_people
            .map(|conversation| ConversationView {
                with: conversation.with,
                is_room: false,
                title: None,
                last: Some(Found::Message(conversation.last)),
                changed: conversation.changed,
                unread: conversation.unread,
                read_at: conversation.read_at,
            })
            .collect();
        let marks: HashMap<Address, MessageId> = self.store.read_marks(person).await?.into_iter().collect();
        for room in self.rooms_of(person) {
            let mark = marks.get(&room.address).copied();
            views.push(self.conversation_in(person, room, mark).await?);
        }
        views.sort_by_key(|view| std::cmp::Reverse(view.last.as_ref().map(Found::id)));
        views.truncate(limit);
        Ok(views)
    }

    async fn conversation_in(
        &self,
        person: &Address,
        room: RoomView,
        mark: Option<MessageId>,
    ) -> Result<ConversationView, HubError> {
        let query = RoomQuery { from_end: true, ..RoomQuery::of(room.address.clone(), COUNTED_MAX) };
        let messages = self.store.room_messages(query).await?.messages;
        let says = |message: &&Arc<RoomMessage>| {
            matches!(message.content, Content::Text { .. }) && message.new_subject().is_none()
        };
        let is_read = |message: &Arc<RoomMessage>| {
            message.sender == *person || mark.is_some_and(|mark| message.id <= mark)
        };
        let newest_first = || messages.iter().rev().filter(says);
        Ok(ConversationView {
            with: room.address,
            is_room: true,
            title: Some(room.configuration.title).filter(|title| !title.is_empty()),
            last: newest_first().next().cloned().map(Found::InRoom),
            changed: messages
                .iter()
                .rev()
                .take_while(|message| !says(message))
                .any(|message| message.content == Content::Other),
            unread: newest_first().take_while(|message| !is_read(message)).count(),
            read_at: newest_first().find(|message| is_read(message)).map(|message| message.accepted_at),
        })
    }

    /// A page of a conversation, oldest first: the end of it or of what comes before a message, or the beginning of
    /// what comes after one. Says too whether nothing is past the page: before it, or after it where `after` is given.
    pub async fn history(
        &self,
        person: &Address,
        with: &Address,
        before: Option<MessageId>,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<(Vec<Found>, bool), HubError> {
        let from_end = after.is_none();
        if self.is_rooms_domain(with.domain()) {
            if !self.rooms_of(person).iter().any(|room| room.address == *with) {
                return Err(domain::room::RoomRefusal::NotInRoom.into());
            }
            let query = RoomQuery { before, after, from_end, ..RoomQuery::of(with.clone(), limit) };
            let page = self.store.room_messages(query).await?;
            return Ok((page.messages.into_iter().map(Found::InRoom).collect(), page.complete));
        }
        let query = ArchiveQuery {
            with: Some(with.clone()),
            before: before.into_iter().collect(),
            after: after.into_iter().collect(),
            from_end,
            ..ArchiveQuery::of(person.clone(), limit)
        };
        let page = self.store.archive(query).await?;
        Ok((page.messages.into_iter().map(Found::Message).collect(), page.complete))
    }

    /// A person has read a conversation up to a message of it.
    pub async fn mark_read(
        &self,
        person: &Address,
        with: &Address,
        message: MessageId,
    ) -> Result<(), HubError> {
        let change = Change::MarkRead { owner: person.clone(), conversation: with.clone(), message };
        self.store.commit(vec![change]).await?;
        Ok(())
    }
}
