use hub::ALERTS_NAME;
use xmpp::{
    Element,
    extension::{
        contact_addresses,
        disco::{Identity, Info, Item, Items, Request},
    },
    jid::Jid,
    namespace,
    stanza::{Condition, StanzaError},
};

use super::{
    super::{XmppSettings, conversation::Conversation},
    commands, upload,
};

/// What an account can do for its owner.
const ACCOUNT: [&str; 5] = [
    namespace::DISCO_INFO,
    namespace::DISCO_ITEMS,
    namespace::BLOCKING,
    namespace::CARBONS,
    namespace::CARBONS_RULES,
];

/// What the service can do.
const SERVICE: &[&str] = &[
    namespace::DISCO_INFO,
    namespace::DISCO_ITEMS,
    namespace::PING,
    namespace::VERSION,
    namespace::TIME,
    namespace::COMMANDS,
    namespace::BLOCKING,
    namespace::CARBONS,
    namespace::CARBONS_RULES,
    "msgoffline",
    namespace::LAST_ACTIVITY,
    namespace::PRIVATE,
    namespace::VCARD,
    namespace::REGISTRATION,
];

/// What the service says of itself, with whom to turn to about it (XEP-0157).
pub(in super::super) fn service_info(settings: &XmppSettings) -> Info {
    let addresses = settings.contact_addresses.iter();
    let addresses = addresses.map(|(purpose, uris)| (purpose.as_str(), uris.as_slice()));
    Info {
        node: None,
        identities: vec![identity("server", "im", "messngr")],
        features: features(SERVICE),
        forms: contact_addresses::form(addresses).into_iter().collect(),
    }
}
/// What it can do where messages are archived.
const ARCHIVE: [&str; 4] =
    [namespace::ARCHIVE, namespace::ARCHIVE_EXTENDED, namespace::FULL_TEXT, namespace::STANZA_ID];

/// What the service says of itself (XEP-0030), and of its commands.
pub(super) fn service(conversation: &Conversation, request: &Request) -> Result<Element, StanzaError> {
    let door = &conversation.door;
    match request {
        Request::Info { node: None } => Ok(service_info(&door.settings).to_element()),
        Request::Info { node: Some(node) } if door.capabilities.is_meant(node) => {
            Ok(Info { node: Some(node.clone()), ..service_info(&door.settings) }.to_element())
        }
        Request::Items { node: None } => {
            let alerts = format!("{ALERTS_NAME}@{}", conversation.door.hub.domain());
            let rooms = conversation.door.hub.rooms_domain();
            let mut items = vec![
                Item { jid: jid(&alerts)?, node: None, name: Some("Alerts".to_owned()) },
                Item { jid: jid(&rooms)?, node: None, name: Some("Rooms".to_owned()) },
            ];
            if let Some(host) = upload::host(conversation) {
                items.push(Item { jid: jid(&host)?, node: None, name: Some("Files".to_owned()) });
            }
            Ok(Items { node: None, items }.to_element())
        }
        Request::Items { node: Some(node) } if node == namespace::COMMANDS => {
            let service = jid(conversation.door.hub.domain())?;
            let item = |(node, name): (&str, &str)| Item {
                jid: service.clone(),
                node: Some(node.to_owned()),
                name: Some(name.to_owned()),
            };
            let items = commands::offered(conversation).into_iter().map(item).collect();
            Ok(Items { node: Some(node.clone()), items }.to_element())
        }
        Request::Info { node: Some(node) } => {
            let found = commands::offered(conversation).into_iter().find(|(offered, _)| offered == node);
            let (_, name) = found.ok_or(Condition::ItemNotFound)?;
            let identities = vec![identity("automation", "command-node", name)];
            let features = features(&[namespace::COMMANDS, namespace::DATA_FORMS]);
            Ok(Info { node: Some(node.clone()), identities, features, ..Info::default() }.to_element())
        }
        Request::Items { node: Some(_) } => Err(Condition::ItemNotFound.into()),
    }
}

/// What a person's own account says of itself.
pub(super) fn account(conversation: &Conversation, request: &Request) -> Result<Element, StanzaError> {
    match request {
        Request::Info { node: None } => {
            let identities = vec![identity("account", "registered", "messngr")];
            let archive = conversation.door.hub.settings().archive;
            let archive = ARCHIVE.iter().filter(|_| archive);
            let names: Vec<&str> = ACCOUNT.iter().chain(archive).copied().collect();
            Ok(Info { identities, features: features(&names), ..Info::default() }.to_element())
        }
        Request::Items { node } => Ok(Items { node: node.clone(), items: Vec::new() }.to_element()),
        Request::Info { node: Some(_) } => Err(Condition::ItemNotFound.into()),
    }
}

fn identity(category: &str, kind: &str, name: &str) -> Identity {
    Identity { category: category.to_owned(), kind: kind.to_owned(), lang: None, name: Some(name.to_owned()) }
}

fn features(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn jid(text: &str) -> Result<Jid, StanzaError> {
    Jid::new(text).map_err(|_| Condition::InternalServerError.into())
}
