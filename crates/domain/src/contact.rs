use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Address;

/// One person on someone's list, with the state of both directions of presence (RFC 6121 §2.1 and appendix A).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who is on the list.
    pub address: Address,
    /// The owner's name for them.
    pub name: Option<String>,
    /// The owner's folders for them (the protocol's "groups"), sorted, without repeats.
    pub labels: Vec<String>,
    /// Whether the entry is on the list that the owner sees. A request from a stranger is remembered without it.
    pub listed: bool,
    /// The owner sees the contact's presence (subscription "to").
    pub to: bool,
    /// The contact sees the owner's presence (subscription "from").
    pub from: bool,
    /// The owner has asked and waits for an answer ("pending out").
    pub asked: bool,
    /// The contact has asked and waits for the owner's answer ("pending in").
    pub asking: bool,
    /// The owner agreed before being asked (RFC 6121 §3.4).
    pub approved: bool,
}

/// What a person can say about seeing presence (RFC 6121 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionAction {
    /// May I see your presence?
    Subscribe,
    /// Yes, you may.
    Subscribed,
    /// I no longer want to see it.
    Unsubscribe,
    /// No, or no longer.
    Unsubscribed,
}

/// What follows for the one who acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outbound {
    /// The other person is to hear of it.
    pub routed: bool,
    /// The owner's entry changed and is to be shown to the owner's clients.
    pub changed: bool,
}

/// What follows for the one who is acted upon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inbound {
    /// The owner's clients are to be told.
    pub delivered: bool,
    /// The owner's entry changed.
    pub changed: bool,
    /// Somebody saw the other's presence and no longer does. Taking back or refusing a mere question ends nothing.
    pub ended: bool,
    /// The owner's answer, given before the question.
    pub reply: Option<SubscriptionAction>,
}

/// What one action does to both lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionStep {
    /// For who acts.
    pub outbound: Outbound,
    /// For who is acted upon; none where the action is not routed.
    pub inbound: Option<Inbound>,
    /// For who acts, from an answer given before the question.
    pub answered: Option<Inbound>,
}

/// Carries one action from `actor`'s list to `other`'s and, where the answer was given before, back.
///
/// `actor` is the entry for the other person on the acting person's list, `other` the entry for the acting person
/// on the other's list.
pub fn subscription_step(
    actor: &mut Contact,
    other: &mut Contact,
    action: SubscriptionAction,
) -> SubscriptionStep {
    let outbound = actor.outbound(action);
    let inbound = outbound.routed.then(|| other.inbound(action));
    let answered = inbound.and_then(|inbound| inbound.reply).map(|reply| actor.inbound(reply));
    SubscriptionStep { outbound, inbound, answered }
}

/// Carries one action from `actor`'s list where the other person has blocked who acts, and hears nothing of it (XEP-0191
/// §3.3): a question waits without being put; whatever else is said changes only the actor's own list.
pub fn unheard_subscription_step(
    actor: &mut Contact,
    other: &mut Contact,
    action: SubscriptionAction,
) -> SubscriptionStep {
    let outbound = actor.outbound(action);
    other.asking |= action == SubscriptionAction::Subscribe && !other.from;
    SubscriptionStep { outbound, inbound: None, answered: None }
}

/// What follows when somebody is no longer blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// They ask, and their question is put to the owner now.
    Question,
    /// They do this now, as far as the owner hears of it: they did it while they were blocked.
    Theirs(SubscriptionAction),
    /// The owner does this now, and finds what they have said meanwhile.
    Own(SubscriptionAction),
}

/// What two people's lists do not agree on because one, `owner`, had blocked the other and heard nothing. The entries
/// are those for each other.
pub fn unheard(owner: &Contact, other: &Contact) -> Vec<Unheard> {
    let mut unheard = Vec::new();
    if owner.asking || owner.from {
        match (other.asked, other.to) {
            (true, _) if owner.from || owner.approved => {
                unheard.push(Unheard::Theirs(SubscriptionAction::Subscribe));
            }
            (true, _) => unheard.push(Unheard::Question),
            (false, false) => unheard.push(Unheard::Theirs(SubscriptionAction::Unsubscribe)),
            (false, true) => {}
        }
    }
    if owner.asked && other.from {
        unheard.push(Unheard::Own(SubscriptionAction::Subscribe));
    }
    if (owner.asked || owner.to) && !other.from && !other.asking {
        unheard.push(Unheard::Own(SubscriptionAction::Unsubscribe));
    }
    unheard
}

/// The version of a list of contacts as its owner sees it (RFC 6121 §2.6.1): the same for the same list, whatever came
/// between.
pub fn contact_list_version(contacts: &[Contact]) -> String {
    let mut listed: Vec<&Contact> = contacts.iter().filter(|contact| contact.listed).collect();
    listed.sort_unstable_by(|one, other| one.address.cmp(&other.address));
    let mut digest = Sha256::new();
    for contact in listed {
        let Contact { address, name, labels, listed: _, to, from, asked, asking: _, approved } = contact;
        let flags = [*to, *from, *asked, *approved, name.is_some()].map(u8::from);
        digest.update(flags);
        let texts = [address.as_str(), name.as_deref().unwrap_or_default()];
        digest.update((labels.len() as u64).to_be_bytes());
        for text in texts.into_iter().chain(labels.iter().map(String::as_str)) {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
    }
    digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Contact {
    /// An entry that says nothing yet.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            name: None,
            labels: Vec::new(),
            listed: false,
            to: false,
            from: false,
            asked: false,
            asking: false,
            approved: false,
        }
    }

    /// The owner acts (RFC 6121 appendix A.2).
    pub fn outbound(&mut self, action: SubscriptionAction) -> Outbound {
        let before = self.clone();
        let routed = match action {
            // A.2.1: routed in every state, for the server cannot know that the contact's side still agrees.
            SubscriptionAction::Subscribe => {
                self.asked |= !self.to;
                self.listed = true;
                true
            }
            SubscriptionAction::Unsubscribe => {
                (self.to, self.asked) = (false, false);
                true
            }
            SubscriptionAction::Subscribed => {
                let asking = self.asking;
                if asking {
                    (self.from, self.asking, self.listed) = (true, false, true);
                } else if !self.from {
                    (self.approved, self.listed) = (true, true);
                }
                asking
            }
            SubscriptionAction::Unsubscribed => {
                let routed = self.from || self.asking;
                (self.from, self.asking, self.approved) = (false, false, false);
                routed
            }
        };
        Outbound { routed, changed: *self != before && (self.listed || before.listed) }
    }

    /// The contact acts (RFC 6121 appendix A.3).
    pub fn inbound(&mut self, action: SubscriptionAction) -> Inbound {
        let before = self.clone();
        let (delivered, reply) = match action {
            SubscriptionAction::Subscribe if self.from => (false, Some(SubscriptionAction::Subscribed)),
            SubscriptionAction::Subscribe if self.approved => {
                (self.from, self.asking) = (true, false);
                (false, Some(SubscriptionAction::Subscribed))
            }
            SubscriptionAction::Subscribe => {
                let first = !self.asking;
                self.asking = true;
                (first, None)
            }
            SubscriptionAction::Unsubscribe => {
                let delivered = self.from || self.asking;
                (self.from, self.asking) = (false, false);
                (delivered, None)
            }
            SubscriptionAction::Subscribed => {
                let delivered = self.asked;
                if self.asked {
                    (self.to, self.asked) = (true, false);
                }
                (delivered, None)
            }
            SubscriptionAction::Unsubscribed => {
                let delivered = self.to || self.asked;
                (self.to, self.asked) = (false, false);
                (delivered, None)
            }
        };
        // A question alone does not put the asker on the list (RFC 6121 §3.1.3).
        let visible = Self { asking: before.asking, ..self.clone() } != before;
        let ended = before.to && !self.to || before.from && !self.from;
        Inbound { delivered, changed: visible && self.listed, ended, reply }
    }

    /// Whether the entry says anything worth keeping.
    pub fn is_empty(&self) -> bool {
        !(self.listed || self.to || self.from || self.asked || self.asking || self.approved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Contact, Contact) {
        let address = |name: &str| Address::parse(name).unwrap();
        (Contact::new(address("bert@x.internal")), Contact::new(address("anna@x.internal")))
    }

    #[test]
    fn asking_and_agreeing_both_ways_ends_in_both() {
        let (mut anna, mut bert) = pair();
        let asked = subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe);
        assert!(asked.inbound.unwrap().delivered && bert.asking && anna.asked && !bert.listed);
        subscription_step(&mut bert, &mut anna, SubscriptionAction::Subscribed);
        assert!(anna.to && bert.from && !anna.asked && !bert.asking);
        subscription_step(&mut bert, &mut anna, SubscriptionAction::Subscribe);
        subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribed);
        assert!(anna.to && anna.from && bert.to && bert.from);
    }

    #[test]
    fn an_answer_nobody_asked_for_is_kept_for_later_and_not_routed() {
        let (mut anna, mut bert) = pair();
        let step = subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribed);
        assert!(!step.outbound.routed && anna.approved && !bert.to);
        let step = subscription_step(&mut bert, &mut anna, SubscriptionAction::Subscribe);
        assert_eq!(step.inbound.unwrap().reply, Some(SubscriptionAction::Subscribed));
        assert!(step.answered.unwrap().delivered && bert.to && anna.from);
    }

    #[test]
    fn who_has_blocked_somebody_hears_of_it_when_they_are_no_longer_blocked() {
        use SubscriptionAction::{Subscribe, Subscribed, Unsubscribe, Unsubscribed};
        let (mut anna, mut bert) = pair();
        let step = unheard_subscription_step(&mut anna, &mut bert, Subscribe);
        assert!(step.outbound.changed && step.inbound.is_none() && anna.asked && bert.asking);
        assert_eq!(unheard(&bert, &anna), [Unheard::Question]);
        unheard_subscription_step(&mut anna, &mut bert, Unsubscribe);
        assert!(bert.asking, "nothing else is heard");
        assert_eq!(unheard(&bert, &anna), [Unheard::Theirs(Unsubscribe)]);

        let (mut anna, mut bert) = pair();
        subscription_step(&mut anna, &mut bert, Subscribe);
        subscription_step(&mut bert, &mut anna, Subscribed);
        subscription_step(&mut bert, &mut anna, Subscribe);
        assert_eq!(unheard(&bert, &anna), []);
        let before = bert.clone();
        unheard_subscription_step(&mut anna, &mut bert, Unsubscribe);
        unheard_subscription_step(&mut anna, &mut bert, Subscribed);
        assert_eq!(bert, before);
        let missed = [Unheard::Theirs(Unsubscribe), Unheard::Own(Subscribe)];
        assert_eq!(unheard(&bert, &anna), missed);
        subscription_step(&mut anna, &mut bert, Unsubscribe);
        subscription_step(&mut bert, &mut anna, Subscribe);
        assert_eq!((unheard(&bert, &anna), bert.from, bert.to), (Vec::new(), false, true));
        unheard_subscription_step(&mut anna, &mut bert, Unsubscribed);
        assert_eq!(unheard(&bert, &anna), [Unheard::Own(Unsubscribe)]);
        subscription_step(&mut bert, &mut anna, Unsubscribe);
        assert_eq!((unheard(&bert, &anna), bert.to), (Vec::new(), false));
    }

    #[test]
    fn a_question_answered_beforehand_is_answered_once_it_is_heard() {
        let (mut anna, mut bert) = pair();
        bert.approved = true;
        unheard_subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe);
        assert!(!anna.to && !bert.from);
        assert_eq!(unheard(&bert, &anna), [Unheard::Theirs(SubscriptionAction::Subscribe)]);
        subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe);
        assert!(anna.to && bert.from && !bert.asking);
    }

    #[test]
    fn a_repeated_question_is_shown_once() {
        let (mut anna, mut bert) = pair();
        assert!(
            subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe).inbound.unwrap().delivered
        );
        assert!(
            !subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe)
                .inbound
                .unwrap()
                .delivered
        );
    }

    #[test]
    fn the_version_of_a_list_is_that_of_its_content_and_of_nothing_else() {
        let (mut anna, mut bert) = pair();
        (anna.listed, bert.listed) = (true, true);
        let version = contact_list_version(&[anna.clone(), bert.clone()]);
        assert_eq!(contact_list_version(&[bert.clone(), anna.clone()]), version);
        let asked = Contact { asking: true, ..anna.clone() };
        assert_eq!(contact_list_version(&[asked, bert.clone()]), version);
        let unlisted =
            Contact { listed: false, address: Address::parse("carl@x.internal").unwrap(), ..anna.clone() };
        assert_eq!(contact_list_version(&[unlisted, anna.clone(), bert.clone()]), version);
        for changed in [
            Contact { name: Some(String::new()), ..anna.clone() },
            Contact { labels: vec!["a".to_owned()], ..anna.clone() },
            Contact { asked: true, ..anna.clone() },
            Contact { from: true, ..anna.clone() },
            Contact { approved: true, ..anna },
        ] {
            assert_ne!(contact_list_version(&[changed, bert.clone()]), version);
        }
        assert_ne!(contact_list_version(&[bert]), version);
    }

    #[test]
    fn a_forged_yes_changes_nothing() {
        let (mut anna, _) = pair();
        let step = anna.inbound(SubscriptionAction::Subscribed);
        assert!(!step.delivered && !step.changed && !anna.to);
    }

    #[test]
    fn taking_it_back_ends_both_sides() {
        let (mut anna, mut bert) = pair();
        subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe);
        subscription_step(&mut bert, &mut anna, SubscriptionAction::Subscribed);
        let step = subscription_step(&mut bert, &mut anna, SubscriptionAction::Unsubscribed);
        let inbound = step.inbound.unwrap();
        assert!(inbound.delivered && inbound.ended && !anna.to && !bert.from);
    }

    #[test]
    fn a_question_that_is_refused_or_taken_back_ends_no_subscription() {
        for (answers, action) in
            [(true, SubscriptionAction::Unsubscribed), (false, SubscriptionAction::Unsubscribe)]
        {
            let (mut anna, mut bert) = pair();
            subscription_step(&mut anna, &mut bert, SubscriptionAction::Subscribe);
            let (actor, other) = if answers { (&mut bert, &mut anna) } else { (&mut anna, &mut bert) };
            let inbound = subscription_step(actor, other, action).inbound.unwrap();
            assert!(inbound.delivered && !inbound.ended);
        }
    }
}
