//! What people write to old machines from which somebody has written to them.
//!
//! An answer is taken as every message is, before anybody is told so; then it is sent. Whether it has arrived is told to
//! its writer, also where the service was stopped meanwhile: it is not sent twice.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use domain::{Address, Computer, Content, Message, MessageId, MessageKind, Protocol, Sender, may_answer};
use parking_lot::Mutex;
use store::{ArchiveQuery, Change, Outcome, Store, StoreError};
use tokio::sync::Semaphore;

use crate::{
    Hub, HubError, Sent,
    away::{Answered, Beside},
    done::Done,
    messages::sent,
};

/// How many machines are spoken to at once: one that is gone takes half a minute.
const MACHINES_MAX: usize = 64;
/// How many answers of one person may wait for one machine, for how many machines at once, and how
/// many answers may be under way in all.
const WAITING_MAX: usize = 100;
const MACHINES_OF_ONE_MAX: usize = 16;
const UNDER_WAY_MAX: usize = 2_000;
/// The longest answer, in characters.
const CHARACTERS_MAX: usize = 8_000;
/// How many are remembered who have written, beside what archives say.
const HEARD_MAX: usize = 4_096;
/// How many messages of a conversation are looked through for the machine, page by page.
const PAGE: usize = 100;
const PAGES_MAX: usize = 10;
/// How much of an answer is quoted where it did not arrive, in characters.
const QUOTED_MAX: usize = 80;

/// A person, and the address under which an old machine appears to them.
type Conversation = (Address, Address);

/// Who is answered, and what is on its way to them.
pub(crate) struct Answers {
    heard: Mutex<HashMap<Conversation, Sender>>,
    /// What waits behind what is being sent; a conversation is here as long as something is.
    waiting: Mutex<HashMap<Conversation, VecDeque<Answer>>>,
    lines: Semaphore,
    /// What an earlier run of the service did not see arrive.
    interrupted: Mutex<Vec<Arc<Message>>>,
}

/// An answer that was taken and has not left yet.
struct Answer {
    message: Arc<Message>,
    computer: Computer,
    to: Sender,
    /// Whether its writer hears that it has arrived, by its id.
    is_told: bool,
}

impl Answers {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let (heard, waiting) = (Mutex::default(), Mutex::default());
        let interrupted = Mutex::new(store.answers_under_way(UNDER_WAY_MAX).await?);
        Ok(Self { heard, waiting, lines: Semaphore::new(MACHINES_MAX), interrupted })
    }

    /// Somebody writes. Whom nobody has proven is remembered, so that they can be answered also where nothing is kept.
    pub(crate) fn hear(&self, message: &Message, domain: &str) {
        if !is_written(message) {
            return;
        }
        let Some(address) = message.sender.correspondent(domain) else { return };
        let mut heard = self.heard.lock();
        if heard.len() >= HEARD_MAX {
            heard.clear();
        }
        heard.insert((message.recipient.clone(), address), message.sender.clone());
    }

    fn has_room(&self, conversation: &Conversation) -> bool {
        let waiting = self.waiting.lock();
        match waiting.get(conversation) {
            Some(waiting) => waiting.len() < WAITING_MAX,
            None => {
                waiting.keys().filter(|(writer, _)| *writer == conversation.0).count() < MACHINES_OF_ONE_MAX
            }
        }
    }

    /// Puts an answer behind the others; whether it is the first.
    fn put(&self, conversation: &Conversation, answer: Answer) -> bool {
        let mut waiting = self.waiting.lock();
        let is_first = !waiting.contains_key(conversation);
        waiting.entry(conversation.clone()).or_default().push_back(answer);
        is_first
    }

    /// The next answer; without one, nothing of this conversation is here any more.
    fn next(&self, conversation: &Conversation) -> Option<Answer> {
        let mut waiting = self.waiting.lock();
        let next = waiting.get_mut(conversation)?.pop_front();
        if next.is_none() {
            waiting.remove(conversation);
        }
        next
    }
}

impl Hub {
    /// Whether a message is for somebody at an old machine, whose address is of a host of its own.
    pub(crate) fn is_for_old_machine(&self, message: &Message) -> bool {
        domain::is_unverified_host(message.recipient.domain(), self.domain())
    }

    /// Takes an answer to an old machine, and sends it to where its person was last written to from, or to the address
    /// that `resource` names of those.
    pub(crate) async fn answer_old_machine(&self, message: Arc<Message>, resource: Option<&str>, done: Done) {
        if done.origin().is_some_and(|origin| origin.now_or_never) {
            return done.tell(Err(HubError::OnlyWords));
        }
        if !message.is_durable() || matches!(message.content, Content::Receipt { .. }) {
            // Nobody there is told who is typing, or what was read.
            return done.tell(Ok(Sent::Accepted));
        }
        let judged = self.judge_answer(&message, resource).await;
        self.count_judged(judged.is_ok());
        let (to, computer) = match judged {
            Ok(judged) => judged,
            Err(error) => return done.tell(Err(error)),
        };
        match self.store.reserve().await {
            Ok(permit) => {
                let is_told = done.origin().is_some_and(|origin| origin.session.protocol() == Protocol::Web);
                self.take_for_machine(Answer { message, computer, to, is_told }, permit, done);
            }
            Err(error) => done.tell(Err(error.into())),
        }
    }

    async fn judge_answer(
        &self,
        message: &Message,
        resource: Option<&str>,
    ) -> Result<(Sender, Computer), HubError> {
        let writer = message.sender.account().ok_or(domain::Refusal::Sender)?;
        let Content::Text { body, subject } = &message.content else { return Err(HubError::OnlyWords) };
        let characters = body.chars().count() + subject.as_ref().map_or(0, |subject| subject.chars().count());
        if characters > CHARACTERS_MAX {
            return Err(HubError::TooLongForMachine { limit: CHARACTERS_MAX });
        }
        self.check_not_blocked(writer, &message.recipient, resource)?;
        if !self.has_computer_gateway() {
            return Err(HubError::NoGateway);
        }
        let conversation = (writer.clone(), message.recipient.clone());
        let correspondent = self.correspondent(&conversation, resource).await?;
        let account = self.people.account(writer);
        let computer = may_answer(account.as_deref(), correspondent.as_ref(), &self.settings.strangers)?;
        let to = correspondent.ok_or(domain::Refusal::NeverWrote)?;
        if self.is_blocked_by(writer, &to, None) {
            return Err(domain::Refusal::Blocked.into());
        }
        if !self.answers.has_room(&conversation) {
            return Err(HubError::Full { recipient: message.recipient.to_string() });
        }
        Ok((to, computer))
    }

    /// Who has written last in a conversation, from this address where one is named.
    async fn correspondent(
        &self,
        (owner, with): &Conversation,
        source: Option<&str>,
    ) -> Result<Option<Sender>, HubError> {
        let is_meant = |sender: &Sender| match sender {
            Sender::Unverified { source: from, .. } => {
                source.is_none_or(|source| crate::source_text(*from) == source)
            }
            Sender::Account { .. } | Sender::Service => false,
        };
        let heard = self.answers.heard.lock().get(&(owner.clone(), with.clone())).cloned();
        if heard.as_ref().is_some_and(is_meant) {
            return Ok(heard);
        }
        let mut before: Vec<MessageId> = Vec::new();
        for _ in 0..PAGES_MAX {
            let whole = ArchiveQuery::of(owner.clone(), PAGE);
            let query = ArchiveQuery { with: Some(with.clone()), before, from_end: true, ..whole };
            let page = self.archive(query).await?;
            let found =
                page.messages.iter().rev().find(|message| is_written(message) && is_meant(&message.sender));
            match (found, page.messages.first()) {
                (Some(message), _) => return Ok(Some(message.sender.clone())),
                (None, Some(first)) if !page.complete => before = vec![first.id],
                (None, _) => break,
            }
        }
        Ok(None)
    }

    fn take_for_machine(&self, answer: Answer, permit: store::Permit, done: Done) {
        let message = answer.message.clone();
        let keep = done.origin().map_or_else(|| self.keep_plain(&message), |origin| origin.keep);
        let copies = self.reserve_sent_copies(&message, keep.sender, done.origin());
        let accept =
            Change::AcceptAnswer { message: message.clone(), kept: keep.sender, limit: UNDER_WAY_MAX };
        let changes = std::iter::once(accept).chain(done.origin().and_then(|origin| origin.counted()));
        let hub = self.this.clone();
        let finish = move |result: Result<Vec<Outcome>, StoreError>| {
            let result = sent(result, &message.recipient);
            let is_taken = matches!(result, Ok(Sent::Accepted));
            for (session, slot) in copies {
                if is_taken { session.outbox.release(slot) } else { session.outbox.cancel(slot) }
            }
            done.tell(result);
            if let Some(hub) = hub.upgrade().filter(|_| is_taken) {
                hub.line_up(answer);
            }
        };
        self.store.submit(permit, changes.collect(), Box::new(finish));
    }

    /// Answers go to one machine one after the other, in the order in which they were taken.
    fn line_up(&self, answer: Answer) {
        let Some(writer) = answer.message.sender.account() else { return };
        let conversation = (writer.clone(), answer.message.recipient.clone());
        if self.answers.put(&conversation, answer) {
            self.spawn(|hub| async move {
                while let Some(answer) = hub.answers.next(&conversation) {
                    hub.send_answer(answer).await;
                }
            });
        }
    }

    async fn send_answer(&self, answer: Answer) {
        let Answer { message, computer, to, is_told } = answer;
        let (Some(writer), Content::Text { body, subject }) = (message.sender.account(), &message.content)
        else {
            return;
        };
        let text = subject.iter().chain([body]).map(String::as_str).collect::<Vec<_>>().join("\n");
        let line = self.answers.lines.acquire().await;
        let sent = self.send_to_computer(writer, computer, text).await;
        drop(line);
        match sent {
            Ok(replaced) => {
                if is_told {
                    self.give_receipt(&message, to).await;
                }
                if replaced.is_empty() {
                    self.commit_later(vec![settled(&message)]);
                } else {
                    self.tell_of_answer(&message, &replaced_words(&message, &replaced)).await;
                }
            }
            Err(error) => self.tell_of_answer(&message, &failed_words(&message, &error.to_string())).await,
        }
    }

    /// Tells the writers of answers that an earlier run of the service did not see arrive.
    pub async fn tell_of_interrupted_answers(&self) {
        let interrupted = std::mem::take(&mut *self.answers.interrupted.lock());
        for message in interrupted {
            self.tell_of_answer(&message, &interrupted_words(&message)).await;
        }
    }

    /// Tells the writer what became of an answer, in the commit by which it is no longer under way.
    async fn tell_of_answer(&self, answer: &Message, text: &str) {
        let settled = settled(answer);
        let Some(writer) = answer.sender.account().filter(|writer| self.people.account(writer).is_some())
        else {
            return self.commit_later(vec![settled]);
        };
        let (id, accepted_at) = self.environment.message_id_and_time();
        let message = Message {
            id,
            sender: Sender::Service,
            recipient: writer.clone(),
            kind: MessageKind::Chat,
            content: Content::Text { body: domain::displayable(text).into_owned(), subject: None },
            automatic: false,
            native: None,
            sender_id: None,
            accepted_at,
        };
        match self.store.reserve().await {
            Ok(permit) => {
                let tell = Box::new(|result: Result<_, HubError>| {
                    if let Err(error) = result {
                        tracing::warn!(%error, "somebody was not told what became of an answer");
                    }
                });
                let beside = Beside { changes: vec![settled], owing: None };
                self.store_then_give(message.into(), None, permit, Done::Call(tell), beside);
            }
            // It stays under way, for the next start.
            Err(error) => tracing::warn!(%error, "somebody was not told what became of an answer"),
        }
    }

    /// That an answer has arrived, as a client of the conversation's other side would say it.
    async fn give_receipt(&self, answer: &Message, from: Sender) {
        let Some(writer) = answer.sender.account() else { return };
        let (id, accepted_at) = self.environment.message_id_and_time();
        let receipt = Message {
            id,
            sender: from,
            recipient: writer.clone(),
            kind: MessageKind::Chat,
            content: Content::Receipt { of: answer.id.to_string(), seen: false },
            automatic: false,
            native: None,
            sender_id: None,
            accepted_at,
        };
        let tell = Box::new(|result: Result<_, HubError>| {
            if let Err(error) = result {
                tracing::debug!(%error, "somebody was not told that an answer has arrived");
            }
        });
        self.take(receipt.into(), None, Done::Call(tell), Answered::Never).await;
    }
}

/// Whether somebody has written it at an old machine; that something has arrived there is said in their name, too.
fn is_written(message: &Message) -> bool {
    matches!((&message.sender, &message.content), (Sender::Unverified { .. }, Content::Text { .. }))
}

/// That an answer is no longer under way.
fn settled(answer: &Message) -> Change {
    Change::Acknowledge { recipient: answer.recipient.clone(), messages: vec![answer.id] }
}

fn failed_words(answer: &Message, why: &str) -> String {
    let (name, quoted) = (name_of(answer), quoted(answer));
    format!("Your message to {name} did not arrive / Tu mensaje a {name} no llegó: {why}\n{quoted}")
}

fn interrupted_words(answer: &Message) -> String {
    let (name, quoted) = (name_of(answer), quoted(answer));
    format!(
        "It is not known whether your message to {name} arrived: the service was stopped while it was sent / \
         No se sabe si llegó tu mensaje a {name}: el servicio se detuvo mientras se enviaba\n{quoted}"
    )
}

fn replaced_words(answer: &Message, replaced: &[char]) -> String {
    let name = name_of(answer);
    let replaced = replaced.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!(
        "{name} cannot show {replaced}: it stands as a question mark or spelt out there / \
         {name} no puede mostrar {replaced}: allí aparece como interrogación o escrito de otro modo\n{}",
        quoted(answer)
    )
}

/// The machine's name as such names are written.
fn name_of(answer: &Message) -> String {
    answer.recipient.name().to_uppercase()
}

/// The beginning of an answer, so that its writer knows which it was.
fn quoted(answer: &Message) -> String {
    let Content::Text { body, .. } = &answer.content else { return String::new() };
    let mut quoted: String = body.chars().take(QUOTED_MAX).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if body.chars().nth(QUOTED_MAX).is_some() {
        quoted.push('…');
    }
    format!("> {quoted}")
}
