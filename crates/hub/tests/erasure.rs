//! What is kept about a person, and what is left when they are erased.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use bytes::Bytes;
use domain::{
    Address, Content, Presence,
    room::{Nickname, RoomConfiguration},
};
use hub::{FileDraft, FileSettings, HistoryWish, HubError, Item, Kept, Origin, RoomDraft, RoomEntry};
use serde_json::Value;
use store::{FileId, Keep, RoomQuery};
use testkit::{Guest, House};

fn room() -> Address {
    Address::new("pumps", "rooms.office.internal").unwrap()
}

async fn enter(house: &House, guest: &Guest, nickname: &str) {
    let entry = RoomEntry {
        nickname: Nickname::new(nickname).unwrap(),
        renamed: false,
        password: None,
        history: HistoryWish::default(),
        presence: Presence::default(),
    };
    house.hub.enter_room(&guest.session, &room(), entry).await.unwrap();
}

async fn say(house: &House, guest: &Guest, text: &str, subject: Option<&str>) {
    let number = guest.session.received(guest.connection()).unwrap();
    let session = guest.session.clone();
    let origin = Origin { session, number, copied: false, keep: Keep::NOBODY, now_or_never: false };
    let (id, accepted_at) = house.hub.environment().message_id_and_time();
    let content = Content::Text { body: text.to_owned(), subject: subject.map(str::to_owned) };
    let draft = RoomDraft { id, content, native: None, sender_id: None, accepted_at };
    let refuse = |result: Result<(), &HubError>| Some(Item::Native(Bytes::from(result.err()?.to_string())));
    house.hub.say_in_room(&room(), draft, origin, Box::new(refuse)).await;
}

async fn upload(house: &House, owner: &str, bytes: &'static [u8]) -> FileId {
    let size = bytes.len() as u64;
    let draft = FileDraft { name: "plan.pdf".to_owned(), size, media_type: "application/pdf".to_owned() };
    let slot = house.hub.open_file_slot(&house.address(owner), draft).await.unwrap();
    let mut incoming = house.hub.begin_file(slot.slot, Some(size)).await.unwrap();
    incoming.take(Bytes::from_static(bytes)).await.unwrap();
    house.hub.finish_file(incoming).await.unwrap().id
}

/// Who said what under which name, as the store has it.
async fn said(house: &House) -> Vec<(String, String, String)> {
    let page = house.hub.room_messages(RoomQuery::of(room(), 100)).await.unwrap();
    let line = |message: &domain::room::RoomMessage| {
        let Content::Text { body, subject } = &message.content else { panic!("{message:?}") };
        let words = subject.clone().unwrap_or_else(|| body.clone());
        (message.sender.to_string(), message.nickname.to_string(), words)
    };
    page.messages.iter().map(|message| line(message)).collect()
}

async fn export(house: &House, name: &str) -> Vec<Value> {
    let mut kept = Vec::new();
    let mut take = |one: Kept| {
        kept.push(serde_json::to_value(&one).unwrap());
        true
    };
    house.hub.export_account("test", name, &mut take).await.unwrap();
    kept
}

#[tokio::test]
async fn an_export_has_rooms_files_and_absence_and_erasing_leaves_only_words_of_somebody_unknown() {
    let mut house = House::open().await;
    house.add("anna").await;
    house.add("bert").await;
    let folder = tempfile::tempdir().unwrap();
    let settings = FileSettings {
        folder: folder.path().join("files"),
        base_url: "https://office.internal:8443".to_owned(),
        size_bytes_max: 1_000,
        quota_bytes: 10_000,
        keep_days: 0,
        free_bytes_min: 0,
        free_percent_min: 0,
    };
    house.hub.set_files(settings.clone()).unwrap();
    let (anna, bert) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "bert", "desk").await);
    enter(&house, &anna, "Anna").await;
    let lasting = RoomConfiguration { persistent: true, ..RoomConfiguration::default() };
    house.hub.configure_room(&anna.session, &room(), lasting).await.unwrap();
    enter(&house, &bert, "Bert").await;
    say(&house, &anna, "", Some("Pumps of hall 2")).await;
    say(&house, &anna, "The pump is hot", None).await;
    say(&house, &bert, "I am on my way", None).await;
    house.hub.set_absence("anna", "anna", "On holiday", None).await.unwrap();
    let (own, shared) = (upload(&house, "anna", b"her own").await, upload(&house, "anna", b"shared").await);
    let of_another = upload(&house, "bert", b"shared").await;
    while said(&house).await.len() < 3 {
        tokio::task::yield_now().await;
    }

    let kept = export(&house, "anna").await;
    let values = |kind: &str| {
        let of_kind = kept.iter().filter(|one| one["kind"] == kind);
        of_kind.map(|one| one["value"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(values("absence")[0]["text"], "On holiday");
    assert_eq!(values("room"), [serde_json::json!({ "room": room().as_str(), "affiliation": "owner" })]);
    assert_eq!(values("file").len(), 2);
    assert_eq!((&values("file")[0]["id"], &values("file")[0]["size"]), (&own.to_string().into(), &7.into()));
    let words = values("room-message");
    assert_eq!(words.len(), 2, "her own words, and not those of others");
    assert_eq!((&words[1]["nickname"], &words[1]["room"]), (&"Anna".into(), &room().as_str().into()));

    let pseudonym = house.hub.erase_account("test", "anna").await.unwrap();
    let unknown = (pseudonym.to_string(), pseudonym.name().to_owned());
    let expected = [
        (unknown.0.clone(), unknown.1.clone(), "Pumps of hall 2".to_owned()),
        (unknown.0, unknown.1, "The pump is hot".to_owned()),
        (house.address("bert").to_string(), "Bert".to_owned(), "I am on my way".to_owned()),
    ];
    assert_eq!(said(&house).await, expected);
    for gone in [own, shared] {
        assert!(house.hub.open_file(gone).await.unwrap().is_none());
    }
    assert!(house.hub.open_file(of_another).await.unwrap().is_some(), "his own has the same bytes");
    let store = house.hub.store();
    assert!(store.files_of(&house.address("anna")).await.unwrap().is_empty());
    assert!(store.absences().await.unwrap().is_empty());
    let rooms = store.rooms().await.unwrap();
    assert!(rooms[0].affiliations.is_empty(), "{rooms:?}");
    assert_eq!(rooms[0].subject.as_ref().unwrap().by.as_str(), pseudonym.name());

    house.restart().await;
    assert_eq!(said(&house).await, expected);
    house.add("anna").await;
    let anew = export(&house, "anna").await;
    let kinds: Vec<&str> = anew.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["account", "audit"], "who gets the name has nothing of hers");
}
