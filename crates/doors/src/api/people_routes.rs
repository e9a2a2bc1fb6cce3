//! The routes of what is the asker's own, and of the event stream.

use ::api::{
    alerts::OwnAlertView,
    events::{OpenEvents, Ticket},
    files::{FilePlace, NewFile},
    notices::NoticeView,
    people::{
        Blocks, ContactView, ConversationView, EraseOwn, History, HistoryQuery, Me, PeopleQuery, PersonView,
        PutContact, Report, Subscribe,
    },
    rooms::{NewRoom, RoomView},
    session::{DeviceView, ScramChallenge, ScramFinal, ScramFirst, SessionInfo, SignedIn},
};
use domain::Need::{Anyone, Chat};
use serde_json::json;

use super::{
    events, files, history, own_alerts, people, rooms,
    routes::{Answers, Routes},
    session,
};

pub(super) fn routes(routes: Routes) -> Routes {
    rooms(contacts(own(stream(session(routes)))))
}

fn session(routes: Routes) -> Routes {
    routes
        .post_openly("/session/scram", session::start)
        .says("A person begins to sign in with a browser, by SCRAM-SHA-256 (RFC 7677).")
        .takes::<ScramFirst>(json!({ "message": "n,,n=anna,r=fyko+d2lbbFgONRv9qkxdawL" }))
        .answers::<ScramChallenge>()
        .post_openly("/session/scram/{exchange}", session::finish)
        .says("The proof, which is answered with that of the service and with the cookie.")
        .takes::<ScramFinal>(json!({ "message": "c=biws,r=…,p=…", "remember": true }))
        .answers::<SignedIn>()
        .get("/session", Anyone, session::show)
        .says("Who asks, and what of: what a page needs to begin.")
        .answers::<SessionInfo>()
        .delete("/session", Anyone, session::end)
        .says("Sign the browser out that asks.")
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
        .get("/me/sessions", Chat, session::list)
        .says("Where the asker is signed in: browsers, clients, programs with a token.")
        .answers::<Vec<DeviceView>>()
        .delete("/me/sessions", Chat, session::sign_out_everywhere)
        .says("Sign out everywhere but in the browser that asks. Programs keep their tokens.")
        .delete("/me/sessions/{id}", Chat, session::sign_out)
        .says("Sign one of them out, or make a token useless.")
        .get("/me/alerts", Chat, own_alerts::alerts)
        .says("The alerts in force that the asker has not confirmed, oldest first; or all that they were told of.")
        .query::<own_alerts::Which>()
        .lists::<OwnAlertView>()
        .get("/me/notices", Chat, own_alerts::board)
        .says("The notice board: the announcements that were for the asker, newest first, also those that are over.")
        .query::<own_alerts::WhichNotices>()
        .lists::<NoticeView>()
        .post("/me/reports", Chat, people::report)
        .says("Show a suspicious message that the asker has got to the administrators.")
        .takes::<Report>(
            json!({ "message": "01890000-0000-7000-8000-000000000000", "why": "asks for a password" }),
        )
        .get("/me/export", Chat, people::export)
        .says("Everything that is kept about the asker, one JSON object a line.")
        .answers_with(Answers::File("application/x-ndjson"))
        .post("/me/erase", Chat, people::erase)
        .says("Remove the asker's own account, as `POST /accounts/{name}/erase` does.")
        .takes::<EraseOwn>(json!({ "name": "admin" }))
        .get("/people", Chat, people::find)
        .says("People by letters of their names: those who let the asker write to them and do not hide.")
        .query::<PeopleQuery>()
        .answers::<Vec<PersonView>>()
        .post("/files", Chat, files::place)
        .says("A place for a file that is to be sent: its bytes are put there next.")
        .takes::<NewFile>(json!({ "name": "plan.png", "size": 48_000, "media_type": "image/png" }))
        .answers::<FilePlace>()
        .get("/conversations", Chat, history::conversations)
        .says("The asker's conversations with people and in rooms, the one with the newest message first.")
        .query::<history::Which>()
        .answers::<Vec<ConversationView>>()
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
        .get("/contacts/requests", Chat, people::contact_requests)
        .says("Who has asked to see the asker's presence and has no answer.")
        .answers::<Vec<PersonView>>()
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

fn rooms(routes: Routes) -> Routes {
    routes
        .get("/rooms", Chat, rooms::list)
        .says("Rooms: those that the asker belongs to or is in, and those that everybody finds.")
        .answers::<Vec<RoomView>>()
        .post("/rooms", Chat, rooms::make)
        .says("Make a room that stays. The asker's event stream is open.")
        .takes::<NewRoom>(json!({ "name": "press", "title": "Press hall", "members": ["bert"] }))
        .makes::<RoomView>()
        .get("/rooms/{address}", Chat, rooms::show)
        .says("A room, and who is in it and belongs to it.")
        .answers::<RoomView>()
        .put("/rooms/{address}/membership", Chat, rooms::join)
        .says("Be in a room, by each of the asker's browsers, from now on.")
        .delete("/rooms/{address}/membership", Chat, rooms::leave)
        .says("Be in it no longer.")
        .put("/rooms/{address}/members/{person}", Chat, rooms::invite)
        .says("Ask somebody into a room. The asker is in it.")
}
