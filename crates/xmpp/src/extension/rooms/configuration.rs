//! How a room is set up, as a form for its owners and as a form for who asks what it is (XEP-0045 §10.2, §15.5).

use domain::room::RoomConfiguration;

use super::super::data_forms::{Field, FieldKind, Form, FormKind};
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

const TITLE: &str = "muc#roomconfig_roomname";
const DESCRIPTION: &str = "muc#roomconfig_roomdesc";
const PERSISTENT: &str = "muc#roomconfig_persistentroom";
const LISTED: &str = "muc#roomconfig_publicroom";
const MEMBERS_ONLY: &str = "muc#roomconfig_membersonly";
const MODERATED: &str = "muc#roomconfig_moderatedroom";
const HAS_PASSWORD: &str = "muc#roomconfig_passwordprotectedroom";
const PASSWORD: &str = "muc#roomconfig_roomsecret";
const WHOIS: &str = "muc#roomconfig_whois";
const CHANGE_SUBJECT: &str = "muc#roomconfig_changesubject";
const ALLOW_INVITES: &str = "muc#roomconfig_allowinvites";
const MAX_USERS: &str = "muc#roomconfig_maxusers";

/// The form with what is in force filled in.
pub fn form(now: &RoomConfiguration) -> Form {
    let text = |name, value: &str, label| {
        Field::new(name, [value]).with_kind(FieldKind::TextSingle).with_label(label)
    };
    let yes = |name, value: bool, label| {
        Field::new(name, [if value { "1" } else { "0" }]).with_kind(FieldKind::Boolean).with_label(label)
    };
    let password = now.password.as_deref().unwrap_or_default();
    let whois = Field::new(WHOIS, [if now.shows_addresses { "anyone" } else { "moderators" }])
        .with_kind(FieldKind::ListSingle)
        .with_label("Who sees people's addresses")
        .with_option("Everyone in the room", "anyone")
        .with_option("Moderators", "moderators");
    let most = now.occupants_max.to_string();
    let most = [20, 50, 100, 200, 500, 1_000].into_iter().map(|count: u32| count.to_string()).fold(
        Field::new(MAX_USERS, [most.as_str()])
            .with_kind(FieldKind::ListSingle)
            .with_label("How many people may be in it at once")
            .with_option(most.as_str(), most.as_str()),
        |field, count| if count == most { field } else { field.with_option(count.as_str(), count.as_str()) },
    );
    let fields = vec![
        Field::form_type(namespace::MUC_ROOM_CONFIG),
        text(TITLE, &now.title, "Name"),
        text(DESCRIPTION, &now.description, "What it is for"),
        yes(PERSISTENT, now.persistent, "It stays when nobody is in it"),
        yes(LISTED, now.listed, "Everyone finds it in the list of rooms"),
        yes(MEMBERS_ONLY, now.members_only, "Only members enter"),
        yes(ALLOW_INVITES, now.members_invite, "Members may invite"),
        yes(MODERATED, now.moderated, "Only those speak who were given voice"),
        yes(CHANGE_SUBJECT, now.anyone_sets_subject, "Everyone may change the subject"),
        yes(HAS_PASSWORD, now.password.is_some(), "It has a password"),
        Field::new(PASSWORD, [password]).with_kind(FieldKind::TextPrivate).with_label("The password"),
        whois,
        most,
    ];
    Form {
        kind: FormKind::Form,
        title: Some("How the room is set up".to_owned()),
        instructions: None,
        fields,
    }
}

/// The configuration that a filled-in form wants; what it does not say stays as it is. Fields that are not known are
/// passed over: clients fill in what other services ask.
///
/// # Errors
/// `not-acceptable` for a form of another type, an answer that is none, or a password that is said to be there and is
/// not.
pub fn filled_in(form: &Form, now: &RoomConfiguration) -> Result<RoomConfiguration, StanzaError> {
    if form.form_type().is_some_and(|form_type| form_type != namespace::MUC_ROOM_CONFIG) {
        return Err(unacceptable("this is not the form of a room's configuration"));
    }
    let mut wanted = now.clone();
    let mut has_password = None;
    for field in &form.fields {
        let value = || field.values.first().cloned().unwrap_or_default();
        let yes = || field.is_true().ok_or_else(|| unacceptable(format!("{} is yes or no", field.variable)));
        match field.variable.as_str() {
            TITLE => wanted.title = value(),
            DESCRIPTION => wanted.description = value(),
            PERSISTENT => wanted.persistent = yes()?,
            LISTED => wanted.listed = yes()?,
            MEMBERS_ONLY => wanted.members_only = yes()?,
            ALLOW_INVITES => wanted.members_invite = yes()?,
            MODERATED => wanted.moderated = yes()?,
            CHANGE_SUBJECT => wanted.anyone_sets_subject = yes()?,
            HAS_PASSWORD => has_password = Some(yes()?),
            PASSWORD => wanted.password = Some(value()).filter(|password| !password.is_empty()),
            WHOIS => {
                wanted.shows_addresses = match value().as_str() {
                    "anyone" => true,
                    "moderators" => false,
                    _ => return Err(unacceptable("addresses are shown to anyone or to moderators")),
                };
            }
            MAX_USERS => {
                wanted.occupants_max = value().parse().map_err(|_| unacceptable("how many is a number"))?;
            }
            _ => {}
        }
    }
    match has_password {
        Some(false) => wanted.password = None,
        Some(true) if wanted.password.is_none() => return Err(unacceptable("there is no password")),
        _ => {}
    }
    Ok(wanted)
}

fn unacceptable(why: impl Into<String>) -> StanzaError {
    StanzaError::new(Condition::NotAcceptable).with_text(why)
}

/// What can be said of a room in words that are registered (§6.4).
pub fn features(configuration: &RoomConfiguration) -> Vec<&'static str> {
    let either = |condition: bool, yes, no| if condition { yes } else { no };
    vec![
        either(configuration.password.is_some(), "muc_passwordprotected", "muc_unsecured"),
        either(configuration.listed, "muc_public", "muc_hidden"),
        either(configuration.persistent, "muc_persistent", "muc_temporary"),
        either(configuration.members_only, "muc_membersonly", "muc_open"),
        either(configuration.moderated, "muc_moderated", "muc_unmoderated"),
        either(configuration.shows_addresses, "muc_nonanonymous", "muc_semianonymous"),
    ]
}

/// The form that says what a room is to who asks (§6.4).
pub fn information(configuration: &RoomConfiguration, subject: Option<&str>, occupants: usize) -> Form {
    let yes = |value: bool| if value { "1" } else { "0" };
    let text = |name, value: &str| Field::new(name, [value]).with_kind(FieldKind::TextSingle);
    let fields = vec![
        Field::form_type("http://jabber.org/protocol/muc#roominfo"),
        text("muc#roomconfig_roomname", &configuration.title),
        text("muc#roominfo_description", &configuration.description),
        text("muc#roominfo_subject", subject.unwrap_or_default()),
        Field::new("muc#roominfo_subjectmod", [yes(configuration.anyone_sets_subject)])
            .with_kind(FieldKind::Boolean),
        text("muc#roominfo_occupants", &occupants.to_string()),
        text("muc#maxhistoryfetch", "100"),
    ];
    Form { kind: FormKind::Result, title: None, instructions: None, fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submitted(fields: &[(&str, &str)]) -> Form {
        let fields = fields.iter().map(|(name, value)| Field::new(*name, [*value]));
        let fields = [Field::form_type(namespace::MUC_ROOM_CONFIG)].into_iter().chain(fields).collect();
        Form { kind: FormKind::Submit, title: None, instructions: None, fields }
    }

    #[test]
    fn a_form_that_was_offered_and_sent_back_changes_nothing() {
        let now = RoomConfiguration {
            title: "Canteen".into(),
            password: Some("sesame".into()),
            members_only: true,
            ..RoomConfiguration::default()
        };
        let form = Form { kind: FormKind::Submit, ..form(&now) };
        assert_eq!(filled_in(&form, &now), Ok(now.clone()));
        assert_eq!(filled_in(&form, &RoomConfiguration::default()), Ok(now));
    }

    #[test]
    fn what_is_not_said_stays_and_nonsense_is_refused() {
        let now = RoomConfiguration {
            persistent: true,
            password: Some("x".into()),
            ..RoomConfiguration::default()
        };
        let open =
            filled_in(&submitted(&[(HAS_PASSWORD, "0"), ("muc#roomconfig_lang", "en")]), &now).unwrap();
        assert_eq!(open, RoomConfiguration { password: None, ..now.clone() });
        for (name, value) in [(PERSISTENT, "perhaps"), (WHOIS, "nobody"), (MAX_USERS, "many")] {
            let refused = filled_in(&submitted(&[(name, value)]), &now).unwrap_err();
            assert_eq!(refused.condition, Condition::NotAcceptable, "{name}");
        }
        let without = submitted(&[(HAS_PASSWORD, "1"), (PASSWORD, "")]);
        assert_eq!(filled_in(&without, &now).unwrap_err().condition, Condition::NotAcceptable);
    }
}
