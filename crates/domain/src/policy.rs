use thiserror::Error;

use crate::{Account, Computer, Sender, StrangerRules};

/// What policy may know about a recipient when it decides.
#[derive(Clone, Copy, Debug)]
pub struct RecipientView<'a> {
    /// The account, where there is one.
    pub account: Option<&'a Account>,
    /// Whether a session of theirs is available to messages, and visible.
    pub reachable_now: bool,
    /// Whether the sender wrote to something that the administrator has appointed them to receive for, and not to
    /// them.
    pub appointed: bool,
    /// Whether they have blocked the sender.
    pub blocks_sender: bool,
    /// Whether their privacy lets the sender write to them.
    pub admits_sender: bool,
}

/// Why something may not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is nobody the sender may know of. One answer for unknown, disabled, hidden and absent people, so that
    /// nobody learns who exists by asking.
    #[error("nobody of that name can be reached")]
    NoSuchRecipient,
    /// The sender is disabled or gone.
    #[error("the sender may not send")]
    Sender,
    /// Only administrators may do this.
    #[error(
        "only administrators may send alerts, and who is given the right: `messngr user grant NAME publish:AUDIENCE:SEVERITY`"
    )]
    NotAdministrator,
    /// The sender may send alerts, and not such severe ones.
    #[error(
        "you may not send alerts of this severity: an administrator allows it with `messngr user grant NAME publish:AUDIENCE:SEVERITY`"
    )]
    TooSevere,
    /// The sender may send alerts, and not to all of these.
    #[error(
        "you may not send alerts to everyone in this audience: an administrator allows it with `messngr user grant NAME publish:AUDIENCE:SEVERITY`"
    )]
    OutsideAudience,
    /// Only auditors may do this.
    #[error("only administrators and auditors may read this")]
    NotAuditor,
    /// Who has written an alert does not release it.
    #[error("somebody else has to release this alert than its issuer")]
    OwnRelease,
    /// The sender has blocked the recipient.
    #[error("you have blocked this person")]
    Blocked,
    /// Nobody of that name has written to the sender from an old machine, or not from there.
    #[error(
        "only who has written to you from an old machine can be answered there, and nobody of that name has"
    )]
    NeverWrote,
    /// The administrator has blocked the old machine.
    #[error("your administrator has blocked this machine")]
    BlockedMachine,
}

/// May this sender's message go to this recipient?
///
/// An unverified sender reaches only who is signed in, visible, and allows it; everybody else looks absent to them.
/// Who is appointed gets it also later: that tells the sender nothing about anybody.
pub fn may_message(sender: &Sender, recipient: RecipientView<'_>) -> Result<(), Refusal> {
    let account = recipient.account.filter(|account| !account.disabled).ok_or(Refusal::NoSuchRecipient)?;
    match sender {
        Sender::Service => Ok(()),
        // Who is blocked, or not among those who may write, learns of nobody.
        _ if recipient.blocks_sender || !recipient.admits_sender => Err(Refusal::NoSuchRecipient),
        Sender::Account { .. } => Ok(()),
        Sender::Unverified { .. }
            if account.accepts_unverified && (recipient.reachable_now || recipient.appointed) =>
        {
            Ok(())
        }
        Sender::Unverified { .. } => Err(Refusal::NoSuchRecipient),
    }
}

/// May this person answer an unverified sender who has written to them, and where? Nobody else's machine is written to
/// for the asking: who is answered has asked for it.
pub fn may_answer(
    person: Option<&Account>,
    correspondent: Option<&Sender>,
    rules: &StrangerRules,
) -> Result<Computer, Refusal> {
    if person.is_none_or(|person| person.disabled) {
        return Err(Refusal::Sender);
    }
    match correspondent {
        Some(sender) if rules.blocks(sender) => Err(Refusal::BlockedMachine),
        Some(Sender::Unverified { name, source, .. }) => {
            let source = source.to_canonical();
            // Where it is not known from where they wrote, their name is looked for.
            let host = if source.is_unspecified() { name.clone() } else { source.to_string() };
            Ok(Computer { name: name.clone(), host, port: None })
        }
        Some(Sender::Account { .. } | Sender::Service) | None => Err(Refusal::NeverWrote),
    }
}

/// What policy may know of somebody who asks or answers one of a person's devices.
#[derive(Clone, Copy, Debug, Default)]
pub struct RelayView {
    /// Whether it is an answer, to which nothing is ever answered.
    pub is_answer: bool,
    /// Whether the sender sees the person's presence, or was shown it on purpose.
    pub sees_presence: bool,
    /// Whether the person sees the sender's, or was shown it.
    pub is_seen: bool,
    /// Whether it is the sender's own device.
    pub same_person: bool,
}

/// May a query go straight to one of a person's devices? Only if the asker is one who sees that person's presence,
/// or was shown it on purpose: to everybody else the device does not exist, whomever they show themselves to. Its
/// answer may come from whoever is seen or sees.
pub fn may_relay(view: RelayView) -> Result<(), Refusal> {
    let RelayView { is_answer, sees_presence, is_seen, same_person } = view;
    if sees_presence || same_person || is_answer && is_seen { Ok(()) } else { Err(Refusal::NoSuchRecipient) }
}

/// May somebody see what a person shows of themselves beside their presence: the card, and when they were last there?
/// Only those who see the presence; to everybody else there is no such person.
pub fn may_see_profile(sees_presence: bool, same_person: bool) -> Result<(), Refusal> {
    if sees_presence || same_person { Ok(()) } else { Err(Refusal::NoSuchRecipient) }
}

/// May this account send alerts?
pub fn may_alert(issuer: Option<&Account>) -> Result<(), Refusal> {
    match issuer {
        Some(account) if account.administrator && !account.disabled => Ok(()),
        Some(_) => Err(Refusal::NotAdministrator),
        None => Err(Refusal::Sender),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Address, Protocol};

    fn account() -> Account {
        Account {
            address: Address::parse("anna@x.internal").unwrap(),
            netbios: "ANNA".to_owned(),
            administrator: false,
            disabled: false,
            accepts_unverified: true,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_stranger_of_an_old_protocol_gets_one_answer_for_everyone_out_of_reach() {
        let stranger = Sender::Unverified {
            name: "WS7".into(),
            source: [10, 0, 0, 7].into(),
            protocol: Protocol::Windows,
        };
        let (here, refusing, disabled) = (
            account(),
            Account { accepts_unverified: false, ..account() },
            Account { disabled: true, ..account() },
        );
        let ask = |account, reachable_now| {
            may_message(
                &stranger,
                RecipientView {
                    account,
                    reachable_now,
                    appointed: false,
                    blocks_sender: false,
                    admits_sender: true,
                },
            )
        };
        assert_eq!(ask(Some(&here), true), Ok(()));
        for (account, reachable_now) in
            [(None, false), (Some(&here), false), (Some(&refusing), true), (Some(&disabled), true)]
        {
            assert_eq!(ask(account, reachable_now), Err(Refusal::NoSuchRecipient));
        }
        let appointed = |account| {
            may_message(
                &stranger,
                RecipientView {
                    account: Some(account),
                    reachable_now: false,
                    appointed: true,
                    blocks_sender: false,
                    admits_sender: true,
                },
            )
        };
        assert_eq!(appointed(&here), Ok(()));
        assert_eq!(appointed(&refusing), Err(Refusal::NoSuchRecipient));
        assert_eq!(appointed(&disabled), Err(Refusal::NoSuchRecipient));
    }

    #[test]
    fn only_who_has_written_is_answered_and_where_they_wrote_from() {
        let from = |source: &str| Sender::Unverified {
            name: "WS7".into(),
            source: source.parse().unwrap(),
            protocol: Protocol::Windows,
        };
        let (anna, disabled) = (account(), Account { disabled: true, ..account() });
        let rules = StrangerRules { blocked: vec!["10.0.0.66".parse().unwrap()], ..StrangerRules::default() };
        let ask = |person, sender: Option<&Sender>| {
            may_answer(person, sender, &rules).map(|computer| computer.to_string())
        };
        for (source, answered) in [
            ("10.0.0.7", Ok("WS7@10.0.0.7".to_owned())),
            ("::ffff:10.0.0.7", Ok("WS7@10.0.0.7".to_owned())),
            ("0.0.0.0", Ok("WS7@WS7".to_owned())),
            ("10.0.0.66", Err(Refusal::BlockedMachine)),
        ] {
            assert_eq!(ask(Some(&anna), Some(&from(source))), answered, "{source}");
        }
        assert_eq!(ask(Some(&anna), None), Err(Refusal::NeverWrote));
        assert_eq!(ask(Some(&anna), Some(&Sender::Service)), Err(Refusal::NeverWrote));
        assert_eq!(ask(Some(&disabled), Some(&from("10.0.0.7"))), Err(Refusal::Sender));
        assert_eq!(ask(None, Some(&from("10.0.0.7"))), Err(Refusal::Sender));
    }

    #[test]
    fn a_person_reaches_people_who_are_away() {
        let anna = account();
        let sender = Sender::Account { address: Address::parse("bert@x.internal").unwrap() };
        let away = RecipientView {
            account: Some(&anna),
            reachable_now: false,
            appointed: false,
            blocks_sender: false,
            admits_sender: true,
        };
        assert!(may_message(&sender, away).is_ok());
    }

    #[test]
    fn who_is_blocked_is_refused_as_if_nobody_were_there_and_the_service_never_is() {
        let anna = account();
        let blocking = RecipientView {
            account: Some(&anna),
            reachable_now: true,
            appointed: true,
            blocks_sender: true,
            admits_sender: true,
        };
        let bert = Sender::Account { address: Address::parse("bert@x.internal").unwrap() };
        let nobody = RecipientView { account: None, ..blocking };
        assert_eq!(may_message(&bert, blocking), may_message(&bert, nobody));
        assert_eq!(may_message(&bert, blocking), Err(Refusal::NoSuchRecipient));
        assert!(may_message(&Sender::Service, blocking).is_ok());
        // Who is not among those who may write hears the same.
        let reserved = RecipientView { blocks_sender: false, admits_sender: false, ..blocking };
        assert_eq!(may_message(&bert, reserved), may_message(&bert, nobody));
        assert!(may_message(&Sender::Service, reserved).is_ok());
    }

    #[test]
    fn who_shows_themselves_may_be_asked_and_not_ask() {
        let shown = RelayView { is_seen: true, ..RelayView::default() };
        assert_eq!(may_relay(shown), Err(Refusal::NoSuchRecipient));
        assert_eq!(may_relay(RelayView { is_answer: true, ..shown }), Ok(()));
        let stranger = RelayView { is_answer: true, ..RelayView::default() };
        assert_eq!(may_relay(stranger), Err(Refusal::NoSuchRecipient));
        for view in [
            RelayView { sees_presence: true, ..RelayView::default() },
            RelayView { same_person: true, ..RelayView::default() },
        ] {
            assert_eq!(may_relay(view), Ok(()));
        }
    }

    #[test]
    fn only_administrators_alert() {
        let (person, administrator) = (account(), Account { administrator: true, ..account() });
        assert_eq!(may_alert(Some(&person)), Err(Refusal::NotAdministrator));
        assert_eq!(may_alert(Some(&administrator)), Ok(()));
        assert_eq!(
            may_alert(Some(&Account { disabled: true, ..administrator })),
            Err(Refusal::NotAdministrator)
        );
        assert_eq!(may_alert(None), Err(Refusal::Sender));
    }
}
