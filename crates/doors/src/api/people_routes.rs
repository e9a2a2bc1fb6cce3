//! The routes of what is the asker's own, and of the event stream.

use ::api::{
    alerts::AlertView,
    events::{OpenEvents, Ticket},
    people::{Blocks, ContactView, History, HistoryQuery, Me, PutContact, Subscribe},
    sessions::SessionView,
};
use domain::Need::Chat;
use serde_json::json;

use super::{
    events, people,
    routes::{Answers, Routes},
};

pub(super) fn routes(routes: Routes) -> Routes {
    contacts(own(stream(routes)))
}

fn stream(routes: Routes) -> Routes {
    routes
        .get("/events", Chat, events::open)
        .says("A WebSocket by which a person hears and says what happens, as it happens: docs/events.md.")
        .query::<OpenEvents>()
        .post("/events/ticket", Chat, events::ticket)
        .says(
            "What a page in a browser opens the event stream with: it cannot say who it is otherwise there.",
        )
        .answers::<Ticket>()
}

fn own(routes: Routes) -> Routes {
    routes
        .get("/me", Chat, people::me)
        .says("Who asks.")
        .answers::<Me>()
        .get("/me/sessions", Chat, people::sessions)
        .says("Where the asker is signed in, by name.")
        .answers::<Vec<SessionView>>()
        .delete("/me/sessions/{device}", Chat, people::sign_out)
        .says("Sign one of them out.")
        .get("/me/alerts", Chat, people::alerts)
        .says("The alerts in force that the asker has not confirmed, oldest first.")
        .answers::<Vec<AlertView>>()
        .get("/history", Chat, people::history)
        .says("Messages that the asker has sent and got, oldest first.")
        .query::<HistoryQuery>()
        .answers::<History>()
}

fn contacts(routes: Routes) -> Routes {
    routes
        .get("/contacts", Chat, people::contacts)
        .says("The asker's contacts.")
        .answers::<Vec<ContactView>>()
        .put("/contacts/{address}", Chat, people::put_contact)
        .says("Put somebody on the list, or change what it says of them.")
        .takes::<PutContact>(json!({ "name": "Bert", "labels": ["ward"] }))
        .delete("/contacts/{address}", Chat, people::remove_contact)
        .says("Take somebody off the list: neither sees the other's presence after that.")
        .post("/contacts/{address}/subscription", Chat, people::subscribe)
        .says("Ask to see somebody's presence, or answer who has asked.")
        .takes::<Subscribe>(json!({ "action": "subscribe" }))
        .get("/blocks", Chat, people::blocks)
        .says("Whom the asker has blocked.")
        .answers::<Blocks>()
        .put("/blocks/{address}", Chat, people::block)
        .says("Block somebody: nothing goes to or comes from them any more.")
        .delete("/blocks/{address}", Chat, people::unblock)
        .says("Block somebody no longer.")
        .answers_with(Answers::Nothing)
}
