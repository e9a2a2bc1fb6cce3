//! Every route: what whoever asks has to be allowed, who answers, and what the description of the interface says of it.

use ::api::{
    accounts::{AccountChange, AccountView, NewAccount, NewPassword},
    alerts::{AlertView, NewAlert, ReportView},
    audit::{AuditView, Verification},
    away::{AwayView, NewAbsence},
    computers::{NetMessageTaken, NewNetMessage},
    groups::{GroupView, NewGroup},
    messages::{MessagesTaken, NewMessage},
    privacy::PrivacyView,
    service::{AuthorityView, ConfigurationInForce, Status},
    sessions::SessionView,
    tokens::{MadeToken, NewToken, TokenView},
};
use domain::Need::{Administer, Anyone, Chat, Publish, Read};
use serde_json::json;

use super::{
    accounts, alerts, audit, away, backup, computers, groups, messages,
    page::PageQuery,
    people_routes, privacy,
    routes::{Answers, Routes},
    service, sessions, tokens,
};

/// All of them.
pub(super) fn routes() -> Routes {
    let routes = people_routes::routes(Routes::default());
    tokens(service(audit(alerts(messages(groups(own(accounts(routes))))))))
}

fn accounts(routes: Routes) -> Routes {
    routes
        .get("/accounts", Administer, accounts::list)
        .says("All accounts, by address.")
        .query::<PageQuery>()
        .lists::<AccountView>()
        .post("/accounts", Administer, accounts::add)
        .says("Make an account.")
        .takes::<NewAccount>(json!({ "name": "anna", "password": "correct horse", "groups": ["ward"] }))
        .makes::<AccountView>()
        .get("/accounts/{name}", Administer, accounts::show)
        .says("An account.")
        .answers::<AccountView>()
        .patch("/accounts/{name}", Administer, accounts::change)
        .says("Change what an account may do. What is left out stays.")
        .takes::<AccountChange>(json!({ "disabled": true }))
        .answers::<AccountView>()
        .delete("/accounts/{name}", Administer, accounts::remove)
        .says("Remove an account and everything of its own.")
        .put("/accounts/{name}/password", Administer, accounts::set_password)
        .says("Give a person a new password; their sessions end.")
        .takes::<NewPassword>(json!({ "password": "battery staple" }))
        .get("/accounts/{name}/away", Administer, away::show)
        .says("Whether a person is away, and how available they are.")
        .answers::<AwayView>()
        .put("/accounts/{name}/away", Administer, away::set)
        .says("A person is away: everybody who writes is told once.")
        .takes::<NewAbsence>(json!({ "text": "Back on Monday", "until": "2027-01-04T07:00:00Z" }))
        .answers::<AwayView>()
        .delete("/accounts/{name}/away", Administer, away::end)
        .says("A person is back.")
        .get("/accounts/{name}/privacy", Administer, privacy::show)
        .says("Who may write to a person, and who sees what of them.")
        .answers::<PrivacyView>()
        .put("/accounts/{name}/privacy", Administer, privacy::set)
        .says(
            "Change who may write to a person, and who sees what of them. What is left out is as by default.",
        )
        .takes::<PrivacyView>(json!({ "writes": "contacts", "reading": "nobody" }))
        .answers::<PrivacyView>()
}

/// What people do for themselves.
fn own(routes: Routes) -> Routes {
    routes
        .put("/me/password", Chat, accounts::set_own_password)
        .says("Change one's own password, by showing the old one; all sessions end.")
        .takes::<NewPassword>(json!({ "password": "battery staple", "old_password": "correct horse" }))
        .get("/me/away", Chat, away::show_own)
        .says("Whether one is away, and how available one is.")
        .answers::<AwayView>()
        .put("/me/away", Chat, away::set_own)
        .says("One is away: everybody who writes is told once.")
        .takes::<NewAbsence>(json!({ "text": "Back on Monday" }))
        .answers::<AwayView>()
        .delete("/me/away", Chat, away::end_own)
        .says("One is back.")
        .get("/me/privacy", Chat, privacy::show_own)
        .says("Who may write to one, and who sees what.")
        .answers::<PrivacyView>()
        .put("/me/privacy", Chat, privacy::set_own)
        .says("Change who may write to one, and who sees what. What is left out is as by default.")
        .takes::<PrivacyView>(json!({ "writes": "contacts" }))
        .answers::<PrivacyView>()
}

fn groups(routes: Routes) -> Routes {
    routes
        .get("/groups", Administer, groups::list)
        .says("All groups with their members, by name.")
        .query::<PageQuery>()
        .lists::<GroupView>()
        .post("/groups", Administer, groups::add)
        .says("Make a group.")
        .takes::<NewGroup>(json!({ "name": "ward" }))
        .answers_with(Answers::Made)
        .delete("/groups/{name}", Administer, groups::remove)
        .says("Remove a group; its members stay.")
        .put("/groups/{name}/members/{person}", Administer, groups::join)
        .says("Put a person into a group. Once more is no mistake.")
        .delete("/groups/{name}/members/{person}", Administer, groups::leave)
        .says("Take a person out of a group. Not being in it is no mistake.")
}

fn messages(routes: Routes) -> Routes {
    routes
        .get("/sessions", Administer, sessions::list)
        .says("Who is there now: all sessions, by address and name.")
        .query::<PageQuery>()
        .lists::<SessionView>()
        .post("/messages", Chat, messages::send)
        .says("Send the same words to each person of an audience, as whoever asks.")
        .takes::<NewMessage>(
            json!({ "to": "anna,group:ward", "text": "The canteen is open", "id": "canteen-1" }),
        )
        .answers::<MessagesTaken>()
        .post("/net-messages", Chat, computers::send)
        .says("Send a message to a person by their NetBIOS name, or to a Windows or Samba computer.")
        .takes::<NewNetMessage>(json!({ "name": "PRESS1", "host": "10.0.0.7", "text": "Please log off" }))
        .answers::<NetMessageTaken>()
}

fn alerts(routes: Routes) -> Routes {
    routes
        .get("/alerts", Read, alerts::list)
        .says("Alerts, newest first: those in force, or all of them.")
        .query::<alerts::Which>()
        .lists::<AlertView>()
        .post("/alerts", Publish, alerts::send)
        .says("Send an alert. A token publishes to the audiences that it names, and their parts.")
        .takes::<NewAlert>(json!({
            "headline": "Fire drill at noon",
            "text": "Meet at the gate.",
            "severity": "severe",
            "audience": "group:ward,bert",
            "choices": ["Safe", "Need help"],
            "expires_in_seconds": 7_200,
        }))
        .makes::<AlertView>()
        .get("/alerts/{id}", Read, alerts::show)
        .says("An alert.")
        .answers::<AlertView>()
        .get("/alerts/{id}/report", Read, alerts::report)
        .says("Who has an alert, who has seen it, who has confirmed it, and who was not reached and why.")
        .answers::<ReportView>()
        .post("/alerts/{id}/cancel", Publish, alerts::cancel)
        .says("Call an alert off; people who have it are told.")
        .answers::<AlertView>()
}

fn audit(routes: Routes) -> Routes {
    routes
        .get("/audit", Administer, audit::list)
        .says("The audit log, oldest record first.")
        .query::<audit::Which>()
        .lists::<AuditView>()
        .get("/audit/verification", Administer, audit::verify)
        .says("Whether the audit log is as it was written.")
        .answers::<Verification>()
}

fn service(routes: Routes) -> Routes {
    routes
        .get("/status", Read, service::status)
        .says("How the service is: what listens where, and what does not and why.")
        .answers::<Status>()
        .get("/configuration", Administer, service::configuration)
        .says("The configuration in force.")
        .answers::<ConfigurationInForce>()
        .get("/ca", Anyone, service::ca)
        .says("The service's own certificate authority, and how a machine comes to trust it.")
        .query::<service::Where>()
        .answers::<AuthorityView>()
        .post("/backup", Administer, backup::write)
        .says("A copy of everything that the service keeps, secrets included.")
        .answers_with(Answers::File)
}

fn tokens(routes: Routes) -> Routes {
    routes
        .get("/tokens", Administer, tokens::list)
        .says("The tokens of programs, in the order in which they were made.")
        .query::<PageQuery>()
        .lists::<TokenView>()
        .post("/tokens", Administer, tokens::add)
        .says("Make a token. Its secret is told only now.")
        .takes::<NewToken>(json!({
            "name": "alertmanager",
            "account": "monitoring",
            "scopes": ["publish:group:ops"],
            "expires_in_seconds": 31_536_000,
        }))
        .makes::<MadeToken>()
        .delete("/tokens/{id}", Administer, tokens::remove)
        .says("Make a token useless for ever.")
}
