//! Every route: what whoever asks has to be allowed, who answers, and what the description of the interface says of it.

use ::api::{
    accounts::{AccountChange, AccountView, NewAccount, NewPassword},
    alerts::{AlertView, NewAlert},
    audience::{AudienceGroups, AudienceView},
    audit::{AuditView, Verification},
    away::{AwayView, NewAbsence},
    computers::{NetMessageTaken, NewNetMessage},
    conditions::{ClearedCondition, ClearedView, ConditionView, NewCondition},
    erasure::ErasedView,
    groups::{GroupView, NewGroup},
    keys::KeysView,
    message_names::{MessageNameView, NewMessageName},
    messages::{MessagesTaken, NewMessage},
    notices::NoticeView,
    privacy::PrivacyView,
    reports::ReportView,
    rights::{RightChange, RightsView},
    schedules::{NewSchedule, ScheduleView},
    service::{AuthorityView, ConfigurationInForce, RefusedSourceView, Status},
    sessions::SessionView,
    templates::{FromTemplate, NewTemplate, TemplateView},
    tokens::{MadeToken, NewToken, TokenView},
};
use domain::Need::{Administer, Anyone, Audit, Chat, Publish, Read, SeeAlerts};
use serde_json::json;

use super::{
    accounts, alert_report, alerts, audience, audit, away, backup, computers, conditions, erasure, groups,
    keys, message_names, messages, notices,
    page::PageQuery,
    people_routes, privacy, rights,
    routes::{Answers, Routes},
    schedules, service, sessions, sources, templates, tokens,
};

/// All of them.
pub(super) fn routes() -> Routes {
    let routes = people_routes::routes(Routes::default());
    let routes = rights(groups(own(accounts(routes))));
    let routes = proof(schedules(templates(drafts(alerts(messages(routes))))));
    tokens(conditions(service(audit(routes))))
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
        .says("Change one's own password, by showing the old one; all sessions end but that of the browser that asks.")
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
        .says(
            "Send a message to a person by their NetBIOS name, to a Windows or Samba computer, to all computers of a \
             workgroup (`*`, `/DOMAIN:NAME`), or to everybody who is signed in (`/USERS`).",
        )
        .takes::<NewNetMessage>(json!({ "name": "PRESS1", "host": "10.0.0.7", "text": "Please log off" }))
        .answers::<NetMessageTaken>()
        .get("/message-names", Administer, message_names::list)
        .says("The names under which messages of Windows computers arrive here, beside those of people.")
        .query::<PageQuery>()
        .lists::<MessageNameView>()
        .put("/message-names/{name}", Administer, message_names::add)
        .says("Add a message name: an alias of this computer.")
        .takes::<NewMessageName>(json!({ "to": "group:it" }))
        .answers::<MessageNameView>()
        .delete("/message-names/{name}", Administer, message_names::delete)
        .says("Delete a message name.")
}

fn alerts(routes: Routes) -> Routes {
    routes
        .get("/alerts", SeeAlerts, alerts::list)
        .says(
            "Alerts, newest first: those in force, or all of them. A person with a right to publish sees those that they \
             have sent, and the drafts and those waiting for a release that they could send.",
        )
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
        .get("/alerts/{id}", SeeAlerts, alerts::show)
        .says("An alert.")
        .answers::<AlertView>()
        .get("/alerts/{id}/report", SeeAlerts, alert_report::report)
        .says(
            "Who has an alert, who has seen it, who has confirmed it, and who was not reached and why. \
             With `Accept: text/csv`, all of it as a table.",
        )
        .query::<alert_report::Rows>()
        .answers::<ReportView>()
        .post("/alerts/{id}/release", Publish, alerts::release)
        .says("Let an alert go that waits for a second person: not its sender.")
        .answers::<AlertView>()
        .post("/alerts/{id}/again", Publish, alerts::again)
        .says("Say an alert in force once more to those who have not confirmed it and are signed in: every 30 seconds at most.")
        .answers::<AlertView>()
        .post("/alerts/{id}/cancel", Publish, alerts::cancel)
        .says("Call an alert off; people who have it are told.")
        .answers::<AlertView>()
        .get("/audience", SeeAlerts, audience::count)
        .says(
            "How many people an audience has, and how many of them can be reached now. A person with a right to publish \
             is told of audiences that it covers.",
        )
        .query::<audience::Which>()
        .answers::<AudienceView>()
        .get("/audience/groups", SeeAlerts, audience::groups)
        .says("The names of the groups that the asker may send alerts to.")
        .answers::<AudienceGroups>()
        .get("/notices", Read, notices::list)
        .says("The notice board: announcements, newest first, also those that are over.")
        .query::<notices::Which>()
        .lists::<NoticeView>()
}

/// Alerts that were only written down.
fn drafts(routes: Routes) -> Routes {
    routes
        .put("/alerts/{id}", Publish, alerts::change)
        .says("Write a draft anew: one's own, or what one may send. `If-Match` names the version that was seen.")
        .takes::<NewAlert>(json!({ "headline": "Fire drill at one", "audience": "group:ward" }))
        .answers::<AlertView>()
        .delete("/alerts/{id}", Publish, alerts::delete)
        .says("Throw a draft away: one's own, or what one may send.")
        .post("/alerts/{id}/send", Publish, alerts::send_draft)
        .says("Send a draft, in the name of whoever asks. `If-Match` names the version that was seen.")
        .answers::<AlertView>()
}

fn templates(routes: Routes) -> Routes {
    routes
        .get("/templates", SeeAlerts, templates::list)
        .says("All templates, by name.")
        .query::<PageQuery>()
        .lists::<TemplateView>()
        .get("/templates/{name}", SeeAlerts, templates::show)
        .says("A template.")
        .answers::<TemplateView>()
        .put("/templates/{name}", Administer, templates::put)
        .says("Keep a template, in the place of another of the same name.")
        .takes::<NewTemplate>(json!({
            "variables": ["what"],
            "alert": { "headline": "{what} is down", "audience": "everyone", "expires_in_seconds": 7_200 },
        }))
        .answers::<TemplateView>()
        .delete("/templates/{name}", Administer, templates::remove)
        .says("Forget a template. What was sent by it stays.")
        .post("/templates/{name}/alerts", Publish, templates::send)
        .says("Send an alert by a template.")
        .takes::<FromTemplate>(json!({ "values": { "what": "Mail" }, "severity": "minor" }))
        .makes::<AlertView>()
}

fn schedules(routes: Routes) -> Routes {
    routes
        .get("/schedules", SeeAlerts, schedules::list)
        .says("All schedules, by name; of a person with a right to publish their own.")
        .query::<PageQuery>()
        .lists::<ScheduleView>()
        .put("/schedules/{name}", Publish, schedules::put)
        .says("Send an alert again and again. A schedule of the same name is replaced.")
        .takes::<NewSchedule>(json!({
            "alert": { "headline": "Test of the siren", "audience": "everyone", "drill": true },
            "rule": "FREQ=MONTHLY;BYDAY=1MO;BYHOUR=12;BYMINUTE=0",
            "zone": "Europe/Madrid",
        }))
        .answers::<ScheduleView>()
        .delete("/schedules/{name}", Publish, schedules::remove)
        .says("Forget a schedule. What it has sent stays.")
        .post("/schedules/{name}/pause", Publish, schedules::pause)
        .says("Send nothing for a schedule until it is resumed.")
        .answers::<ScheduleView>()
        .post("/schedules/{name}/resume", Publish, schedules::resume)
        .says("Go on with a schedule; times that passed meanwhile are passed over.")
        .answers::<ScheduleView>()
}

/// By what signatures are checked.
fn proof(routes: Routes) -> Routes {
    routes
        .get("/alert-keys", Anyone, keys::list)
        .says("The keys by which what the service has signed can be checked.")
        .answers::<KeysView>()
        .post("/alert-keys", Administer, keys::rotate)
        .says("Make a new key, and sign with it from now on. What the old one signed still verifies.")
        .answers::<KeysView>()
}

/// What people may do beside what everybody may, and what is kept about them.
fn rights(routes: Routes) -> Routes {
    routes
        .get("/accounts/{name}/rights", Administer, rights::list)
        .says("What a person may do beside what everybody may.")
        .answers::<RightsView>()
        .post("/accounts/{name}/rights", Administer, rights::grant)
        .says("Let a person send alerts to an audience, or read all alerts and their reports.")
        .takes::<RightChange>(json!({ "right": "publish:group:ward:severe" }))
        .answers::<RightsView>()
        .post("/accounts/{name}/rights/revoke", Administer, rights::revoke)
        .says("Take a right from a person.")
        .takes::<RightChange>(json!({ "right": "publish:group:ward:severe" }))
        .answers::<RightsView>()
        .get("/accounts/{name}/export", Administer, erasure::export)
        .says("Everything that is kept about a person, one JSON object a line.")
        .answers_with(Answers::File("application/x-ndjson"))
        .post("/accounts/{name}/erase", Administer, erasure::erase)
        .says(
            "Remove an account, and take its name out of reports and of the audit log, which verify all the same.",
        )
        .answers::<ErasedView>()
}

fn audit(routes: Routes) -> Routes {
    routes
        .get("/audit", Audit, audit::list)
        .says("The audit log, oldest record first.")
        .query::<audit::Which>()
        .lists::<AuditView>()
        .get("/audit/verification", Audit, audit::verify)
        .says("Whether the audit log is as it was written and signed.")
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
        .get("/sources/refused", Administer, sources::refused)
        .says("Network addresses that are refused or have to wait now, and why.")
        .answers::<Vec<RefusedSourceView>>()
        .delete("/sources/refused/{address}", Administer, sources::let_in)
        .says("Let an address that has to wait try again at once.")
        .get("/ca", Anyone, service::ca)
        .says("The service's own certificate authority, and how a machine comes to trust it.")
        .query::<service::Where>()
        .answers::<AuthorityView>()
        .post("/backup", Administer, backup::write)
        .says("A copy of everything that the service keeps, secrets included.")
        .query::<backup::Which>()
        .answers_with(Answers::File("application/octet-stream"))
}

/// What the Alerter tells.
fn conditions(routes: Routes) -> Routes {
    routes
        .get("/conditions", Administer, conditions::list)
        .says("What is not normal on this host now, and the Alerter tells.")
        .query::<PageQuery>()
        .lists::<ConditionView>()
        .post("/conditions", Administer, conditions::raise)
        .says("Say that something is not normal, until it is cleared. The same words again are no news for a while.")
        .takes::<NewCondition>(json!({ "subject": "backup", "text": "The backup of tonight failed" }))
        .answers::<ConditionView>()
        .post("/conditions/clear", Administer, conditions::clear)
        .says("Say that it is normal again. Where nothing was raised, nothing is done.")
        .takes::<ClearedCondition>(json!({ "subject": "backup" }))
        .answers::<ClearedView>()
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
