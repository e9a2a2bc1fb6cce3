//! People who are away, and those who are told so.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{
    ANSWERS_MAX, Absence, Address, Answer, Computer, Content, Message, MessageId, MessageKind, Sender,
    Standing, automatic_text, correspondent, standing,
};
use foldhash::fast::RandomState;
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use store::{Change, Outcome, Store, StoreError};

use crate::{Hub, HubError, done::Done};

/// Who is away, in memory: policy asks at every message.
#[derive(Debug, Default)]
pub(crate) struct Absences {
    /// How many are away: where nobody is, nobody is looked for.
    count: AtomicUsize,
    away: RwLock<HashMap<Address, Arc<Away>, RandomState>>,
    /// What an earlier run of the service owed and did not give.
    owed: Mutex<Vec<(String, Answer)>>,
}

#[derive(Debug)]
struct Away {
    absence: Absence,
    told: Mutex<HashSet<String>>,
}

impl Absences {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let absences = Self::default();
        for record in store.absences().await? {
            absences.owed.lock().extend(record.owed);
            absences.put(record.owner, record.absence, record.told.into_iter().collect());
        }
        Ok(absences)
    }

    /// The person is back, or gone.
    pub(crate) fn remove(&self, owner: &Address) {
        let mut away = self.away.write();
        away.remove(owner);
        self.count.store(away.len(), Ordering::Release);
    }

    fn put(&self, owner: Address, absence: Absence, told: HashSet<String>) {
        let mut away = self.away.write();
        away.insert(owner, Arc::new(Away { absence, told: Mutex::new(told) }));
        self.count.store(away.len(), Ordering::Release);
    }

    fn of(&self, owner: &Address) -> Option<Arc<Away>> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.away.read().get(owner).cloned()
    }
}

/// Whether somebody away answers a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// As the rules for absences say.
    Perhaps,
    /// Whatever they say.
    Never,
}

/// What is committed with a message.
#[derive(Default)]
pub(crate) struct Beside {
    /// What has to be remembered.
    pub(crate) changes: Vec<Change>,
    /// The answer that somebody away owes for it.
    pub(crate) owing: Option<Owing>,
}

/// An answer that is owed if the message it answers is taken.
pub(crate) struct Owing {
    away: Arc<Away>,
    correspondent: String,
    answer: Answer,
    hub: Weak<Hub>,
}

impl Owing {
    /// What has to be committed behind the message that is answered, and last of all.
    pub(crate) fn change(&self, cause: MessageId) -> Change {
        Change::OweAnswer {
            correspondent: self.correspondent.clone(),
            since: self.away.absence.since,
            cause,
            answer: self.answer.clone(),
        }
    }

    /// Gives the answer, if the commit says that it is owed.
    pub(crate) fn settle(self, result: &Result<Vec<Outcome>, StoreError>) {
        let owed = matches!(result, Ok(outcomes) if outcomes.last() == Some(&Outcome::Accepted));
        if !owed {
            // Who was not answered may be another time.
            self.away.told.lock().remove(&self.correspondent);
        } else if let Some(hub) = self.hub.upgrade() {
            hub.spawn(|hub| async move { hub.give_answer(self.correspondent, self.answer).await });
        }
    }
}

impl Hub {
    /// A person is away from now on: those who write are told once each. `actor` is who says so.
    pub async fn set_absence(
        &self,
        actor: &str,
        name: &str,
        text: &str,
        until: Option<Timestamp>,
    ) -> Result<Absence, HubError> {
        let owner = self.account_named(name)?.address.clone();
        let absence = Absence::begin(text, self.environment.now(), until)?;
        let change = Change::SetAbsence { owner: owner.clone(), absence: Some(absence.clone()) };
        self.commit_for(actor, &owner, "user.away", change).await?;
        self.absences.put(owner, absence.clone(), HashSet::new());
        Ok(absence)
    }

    /// A person is back. Who never was away is no mistake.
    pub async fn end_absence(&self, actor: &str, name: &str) -> Result<(), HubError> {
        let owner = self.account_named(name)?.address.clone();
        let change = Change::SetAbsence { owner: owner.clone(), absence: None };
        self.commit_for(actor, &owner, "user.back", change).await?;
        self.absences.remove(&owner);
        Ok(())
    }

    /// How a person is away now; none where they are not.
    pub fn absence(&self, owner: &Address) -> Option<Absence> {
        let now = self.environment.now();
        self.absences.of(owner).map(|away| away.absence.clone()).filter(|absence| absence.is_in_force(now))
    }

    /// What a person says who is away now.
    pub(crate) fn words_of_absence(&self, owner: &Address) -> Option<String> {
        self.absence(owner).map(|absence| absence.words().to_owned())
    }

    /// How a person is, all their sessions and their absence taken together. It asks nobody whether the asker may know.
    pub fn standing(&self, owner: &Address) -> Standing {
        let seats = self.directory.available(owner);
        let sessions: Vec<_> = seats.iter().filter_map(|seat| seat.presence.as_deref()).collect();
        standing(self.absence(owner).as_ref(), &sessions, self.environment.now())
    }

    /// Gives the answers that an earlier run of the service owed.
    pub async fn give_owed_answers(&self) {
        let owed = std::mem::take(&mut *self.absences.owed.lock());
        for (correspondent, answer) in owed {
            self.give_answer(correspondent, answer).await;
        }
    }

    /// Whether the sender of a message is told that its recipient is away. If so, it has to be committed with the
    /// message; nobody else is told as the same correspondent meanwhile.
    pub(crate) fn owe_answer(&self, message: &Message) -> Option<Owing> {
        let away = self.absences.of(&message.recipient)?;
        let now = self.environment.now();
        let cannot = matches!(message.sender, Sender::Unverified { .. }) && self.computers.get().is_none();
        if cannot || !away.absence.answers(message, now) {
            return None;
        }
        let correspondent = correspondent(&message.sender, self.domain())?;
        {
            let mut told = away.told.lock();
            if told.len() >= ANSWERS_MAX || !told.insert(correspondent.clone()) {
                return None;
            }
        }
        let answer = Answer {
            id: self.environment.message_id(),
            from: message.recipient.clone(),
            to: message.sender.clone(),
            text: away.absence.words().to_owned(),
            at: now,
        };
        Some(Owing { away, correspondent, answer, hub: self.this.clone() })
    }

    /// Whether the recipient of a message is away, so that its sender may have to be told.
    pub(crate) fn is_away(&self, recipient: &Address) -> bool {
        self.absences.of(recipient).is_some()
    }

    /// Gives an answer by the way its correspondent came. What is a message here is taken in the same commit by which
    /// it is owed no longer, so that it comes once; what goes to another machine may come twice after a crash.
    async fn give_answer(&self, correspondent: String, answer: Answer) {
        let given = Change::AnswerGiven { owner: answer.from.clone(), correspondent };
        match &answer.to {
            Sender::Account { address } => {
                let message = Message {
                    id: answer.id,
                    sender: Sender::Account { address: answer.from.clone() },
                    recipient: address.clone(),
                    kind: MessageKind::Chat,
                    content: Content::Text { body: answer.text, subject: None },
                    automatic: true,
                    native: None,
                    sender_id: None,
                    accepted_at: answer.at,
                };
                self.take_answer(message, given).await;
            }
            Sender::Unverified { name, source, .. } => {
                let host = source.to_canonical().to_string();
                let computer = Computer { name: name.clone(), host, port: None };
                let sent = self.send_to_computer(&answer.from, computer, automatic_text(&answer.text)).await;
                if let Err(error) = sent {
                    tracing::debug!(%source, %error, "a machine was not told that somebody is away");
                }
                self.commit_later(vec![given]);
            }
            Sender::Service => self.commit_later(vec![given]),
        }
    }

    async fn take_answer(&self, message: Message, given: Change) {
        if self.judge(&message, None, None).is_err() {
            // Who may not be written to is not told.
            return self.commit_later(vec![given]);
        }
        match self.store.reserve().await {
            Ok(permit) => {
                let tell = Box::new(|result: Result<_, HubError>| {
                    if let Err(error) = result {
                        tracing::warn!(%error, "somebody was not told that a person is away");
                    }
                });
                let beside = Beside { changes: vec![given], owing: None };
                self.store_then_give(message.into(), None, permit, Done::Call(tell), beside);
            }
            // It stays owed, for the next start.
            Err(error) => tracing::debug!(%error, "an answer stays owed"),
        }
    }

    /// Commits what somebody says of a person. Where it is not themselves, it is written down.
    pub(crate) async fn commit_for(
        &self,
        actor: &str,
        owner: &Address,
        action: &str,
        change: Change,
    ) -> Result<Vec<Outcome>, HubError> {
        let mut changes = vec![change];
        if actor != owner.as_str() {
            changes.push(self.audit(actor, action, owner.as_str(), ""));
        }
        Ok(self.store.commit(changes).await?)
    }
}
