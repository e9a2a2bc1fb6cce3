use domain::{
    Address,
    room::{Affiliation, Role},
};
use hub::RoomView;
use xmpp::{
    Element,
    extension::{
        disco::{Identity, Info, Item, Items, Request},
        result_set,
        rooms::configuration,
    },
    jid::Jid,
    namespace,
    stanza::{Condition, StanzaError},
};

use super::{super::super::conversation::Conversation, refusal};

/// How many rooms one answer names at most.
const ROOMS_MAX: usize = 500;

/// What the host of rooms is, and which rooms everyone finds there (XEP-0045 §6.2, §6.3).
pub(super) fn host(
    conversation: &Conversation,
    request: &Request,
    payload: &Element,
) -> Result<Element, StanzaError> {
    match request {
        Request::Info { node: None } => {
            let features = [
                namespace::DISCO_INFO,
                namespace::DISCO_ITEMS,
                namespace::MUC,
                namespace::MUC_UNIQUE,
                namespace::PING,
                namespace::RESULT_SET,
            ];
            let identities = vec![identity("Rooms")];
            Ok(Info { identities, features: owned(&features), ..Info::default() }.to_element())
        }
        Request::Items { node: None } => {
            let page = result_set::Request::read(payload)?;
            let most =
                page.max.map_or(ROOMS_MAX, |max| usize::try_from(max).unwrap_or(ROOMS_MAX)).min(ROOMS_MAX);
            let rooms = conversation.door.hub.listed_rooms(page.after.as_deref(), most);
            let ends = rooms.first().zip(rooms.last());
            let ends = ends.map(|(first, last)| (first.address.to_string(), last.address.to_string()));
            let items = rooms.iter().filter_map(item).collect();
            let items = Items { node: None, items }.to_element();
            let asked = payload.child("set", namespace::RESULT_SET).is_some();
            let page = asked.then(|| result_set::Page { ends, count: None }.to_element());
            Ok(items.with_children(page))
        }
        Request::Info { node: Some(_) } | Request::Items { node: Some(_) } => {
            Err(Condition::ItemNotFound.into())
        }
    }
}

fn item(room: &RoomView) -> Option<Item> {
    let name =
        if room.configuration.title.is_empty() { room.address.name() } else { &room.configuration.title };
    Some(Item { jid: Jid::new(room.address.as_str()).ok()?, node: None, name: Some(name.to_owned()) })
}

/// What a room is, and who is in it for who may know (XEP-0045 §6.4, §6.5).
pub(super) fn room(
    conversation: &Conversation,
    address: &Address,
    request: &Request,
) -> Result<Element, StanzaError> {
    let view = conversation.door.hub.room(address, &conversation.session).map_err(|error| refusal(&error))?;
    match request {
        Request::Info { node: None } => Ok(information(conversation, &view).to_element()),
        Request::Items { node: None } => {
            let open = view.configuration.listed && !view.configuration.members_only;
            let knows = open || view.role > Role::None || view.affiliation >= Affiliation::Member;
            let names = view.nicknames.iter().filter(|_| knows);
            let item = |nickname: &String| {
                Some(Item { jid: Jid::new(&format!("{address}/{nickname}")).ok()?, node: None, name: None })
            };
            Ok(Items { node: None, items: names.filter_map(item).collect() }.to_element())
        }
        Request::Info { node: Some(_) } | Request::Items { node: Some(_) } => {
            Err(Condition::ItemNotFound.into())
        }
    }
}

fn information(conversation: &Conversation, view: &RoomView) -> Info {
    let archive = [namespace::ARCHIVE, namespace::ARCHIVE_EXTENDED, namespace::FULL_TEXT];
    let archive = archive.into_iter().filter(|_| conversation.door.hub.settings().archive);
    let features = [
        namespace::DISCO_INFO,
        namespace::DISCO_ITEMS,
        namespace::MUC,
        namespace::MUC_STABLE_ID,
        namespace::MUC_SELF_PING,
        namespace::STANZA_ID,
        namespace::OCCUPANT_ID,
        namespace::PING,
    ];
    let features = features.into_iter().chain(configuration::features(&view.configuration)).chain(archive);
    let title = if view.configuration.title.is_empty() {
        view.address.name()
    } else {
        view.configuration.title.as_str()
    };
    let form = configuration::information(&view.configuration, view.subject.as_deref(), view.nicknames.len());
    Info {
        node: None,
        identities: vec![identity(title)],
        features: features.map(str::to_owned).collect(),
        forms: vec![form],
    }
}

fn identity(name: &str) -> Identity {
    Identity {
        category: "conference".to_owned(),
        kind: "text".to_owned(),
        lang: None,
        name: Some(name.to_owned()),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
