use domain::AlertState;
use rusqlite::Connection;

use super::{
    absences, accounts, alerts, audit, blocks, chores, contacts, conversations, data, files, filing, groups,
    journal::{self, Note},
    messages, publications, receipts,
    recent::Recent,
    rooms, search, settings,
    state::State,
    streams, tokens,
};
use crate::{Change, Outcome, StoreError, StreamId};

/// Applies one change inside the transaction that is open.
pub(super) fn apply(
    connection: &Connection,
    recent: &mut Recent,
    change: Change,
) -> Result<Outcome, StoreError> {
    match change {
        Change::CreateAccount(new) => return accounts::create(connection, &new).map(Outcome::Account),
        Change::SetPassword { address, record } => accounts::set_password(connection, &address, &record)?,
        Change::SetAdministrator { address, administrator } => {
            accounts::set_administrator(connection, &address, administrator)?;
        }
        Change::SetDisabled { address, disabled } => accounts::set_disabled(connection, &address, disabled)?,
        Change::SetAcceptsUnverified { address, accepts } => {
            accounts::set_accepts_unverified(connection, &address, accepts)?;
        }
        Change::RemoveAccount { address } => {
            filing::file(connection, recent)?;
            accounts::remove(connection, &mut recent.chores, &address)?;
            recent.forget_names();
        }
        Change::CreateGroup { name } => groups::create(connection, &name)?,
        Change::RemoveGroup { name } => groups::remove(connection, &name)?,
        Change::JoinGroup { address, name } => groups::join(connection, &address, &name)?,
        Change::LeaveGroup { address, name } => groups::leave(connection, &address, &name)?,
        Change::PutContact { owner, address, name, labels, limit } => {
            return contacts::put(connection, &owner, &address, name, labels, limit);
        }
        Change::RemoveContact { owner, address, blocked } => {
            return contacts::remove(connection, &owner, &address, blocked);
        }
        Change::Subscription { actor, other, action, blocked } => {
            return contacts::subscribe(connection, &actor, &other, action, blocked);
        }
        Change::AcceptMessage { message, keep, deliveries, limit } => {
            return messages::accept(connection, recent, &message, keep, &deliveries, limit);
        }
        Change::AcceptAnswer { message, kept, limit } => {
            return messages::accept_answer(connection, recent, &message, kept, limit);
        }
        Change::Acknowledge { recipient, messages } => {
            messages::acknowledge(connection, recent, &recipient, &messages)?;
        }
        Change::ForgetArchive { before } => {
            filing::file(connection, recent)?;
            chores::forget_archive(connection, &mut recent.chores, before)?;
            recent.touched = true;
        }
        Change::Block { owner, jids, limit } => return blocks::block(connection, &owner, &jids, limit),
        Change::Unblock { owner, jids } => blocks::unblock(connection, &owner, &jids)?,
        Change::SetDatum { owner, key, value, bytes_max } => {
            return data::set(connection, &owner, &key, value.as_deref(), bytes_max);
        }
        Change::SetAbsence { owner, absence } => absences::set(connection, &owner, absence.as_ref())?,
        Change::OweAnswer { correspondent, since, cause, answer } => {
            return absences::owe(connection, &correspondent, since, cause, &answer);
        }
        Change::AnswerGiven { owner, correspondent } => {
            absences::given(connection, &owner, &correspondent)?;
        }
        Change::ForgetRepeats { before } => {
            filing::file(connection, recent)?;
            recent.runs.forget(connection, before)?;
            recent.touched = true;
        }
        Change::OpenStream(stream) => {
            forget_stream(connection, recent, stream.id)?;
            streams::open(connection, &stream)?;
        }
        Change::StreamReceived { stream, received } => {
            if let Some(stream) = recent.names.stream(connection, stream)? {
                recent.note(Note::Received { stream, received });
            }
        }
        Change::StreamPresence { stream, presence } => {
            streams::presence(connection, stream, presence.as_ref())?;
        }
        Change::StreamDelivers { stream, deliveries } => {
            if let Some(stream) = recent.names.stream(connection, stream)? {
                for (position, item) in deliveries {
                    recent.note(Note::Given { stream, position, item });
                }
            }
        }
        Change::StreamAcknowledged { stream, positions } => {
            if let Some(stream) = recent.names.stream(connection, stream)? {
                positions.iter().for_each(|&position| recent.note(Note::Taken { stream, position }));
            }
        }
        Change::CloseStream { stream } => {
            forget_stream(connection, recent, stream)?;
            streams::close(connection, stream)?;
        }
        Change::CreateAlert { alert, recipients } => alerts::create(connection, &alert, &recipients)?,
        Change::AddRecipient { alert, recipient } => alerts::add_recipient(connection, alert, &recipient)?,
        Change::CancelAlert { alert, at, by } => {
            return alerts::end(connection, &mut recent.chores, alert, &AlertState::Cancelled { at, by });
        }
        Change::ExpireAlert { alert, at } => {
            return alerts::end(connection, &mut recent.chores, alert, &AlertState::Expired { at });
        }
        Change::AdvanceReceipt { alert, recipient, step } => {
            return receipts::advance(connection, alert, &recipient, step);
        }
        Change::Publish(new) => return publications::add(connection, &new),
        Change::ReleaseKey { topic, key } => publications::release_key(connection, &topic, &key)?,
        Change::ForgetPublications { before } => publications::forget(connection, before)?,
        Change::Alert(change) => return alerts::change(connection, &mut recent.chores, change),
        Change::CreateToken { token, hash } => tokens::create(connection, &token, &hash)?,
        Change::RemoveToken { token } => tokens::remove(connection, token)?,
        Change::TokenUsed { token, at } => tokens::used(connection, token, at)?,
        Change::Room(change) => return rooms::apply(connection, recent, change),
        Change::MarkRead { owner, conversation, message } => {
            conversations::mark(connection, &owner, &conversation, message)?;
        }
        Change::AddFile { file, bytes_max } => return files::add(connection, &file, bytes_max),
        Change::ForgetFiles { before } => files::forget(connection, before)?,
        Change::Audit(entry) => audit::append(connection, entry)?,
        Change::SetSetting { key, value } => settings::set(connection, &key, &value)?,
    }
    Ok(Outcome::Done)
}

/// What has happened to a stream ends with it. Notes of it that are still to be written find no stream of its number.
fn forget_stream(connection: &Connection, recent: &mut Recent, id: StreamId) -> Result<(), StoreError> {
    if let Some(number) = recent.names.stream(connection, id)? {
        recent.touched = true;
        recent.streams.remove(&number);
        recent.names.forget_stream(id);
    }
    Ok(())
}

impl State for Recent {
    type Notes = Vec<Note>;

    fn apply(&mut self, connection: &Connection, change: Change) -> Result<Outcome, StoreError> {
        apply(connection, self, change)
    }

    /// A crash may lose acknowledgements: what was acknowledged is given once more, under the same id.
    fn may_wait(&self, changes: &[Change]) -> bool {
        let waits = |change: &Change| {
            matches!(change, Change::Acknowledge { .. } | Change::StreamAcknowledged { .. })
        };
        !changes.is_empty() && changes.iter().all(waits)
    }

    /// Only a message can be refused, and that before anything is changed.
    fn is_whole_by_itself(&self, changes: &[Change]) -> bool {
        changes.iter().enumerate().all(|(index, change)| match change {
            Change::AcceptMessage { .. } | Change::AcceptAnswer { .. } => index == 0,
            Change::Acknowledge { .. }
            | Change::StreamReceived { .. }
            | Change::StreamDelivers { .. }
            | Change::StreamAcknowledged { .. } => true,
            _ => false,
        })
    }

    fn is_touched(&self) -> bool {
        self.touched
    }

    fn begin_list(&mut self) {
        self.touched = false;
    }

    fn has_notes(&self) -> bool {
        !self.unwritten.is_empty()
    }

    fn notes(&self) -> Self::Notes {
        self.unwritten.clone()
    }

    fn write_notes(&mut self, connection: &Connection) -> Result<(), StoreError> {
        journal::write(connection, &self.unwritten)
    }

    fn committed(&mut self) {
        self.unwritten.clear();
    }

    fn restore(&mut self, connection: &Connection, notes: Self::Notes) -> Result<(), StoreError> {
        self.unwritten = notes;
        let mut loaded = filing::load(connection)?;
        self.unwritten.iter().for_each(|note| loaded.apply(*note));
        (loaded.unwritten, loaded.chores) =
            (std::mem::take(&mut self.unwritten), std::mem::take(&mut self.chores));
        loaded.unindexed = true;
        *self = loaded;
        Ok(())
    }

    fn is_due(&self) -> bool {
        self.is_much()
    }

    fn file(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if !filing::is_ours(connection, self)? {
            let notes = self.notes();
            self.restore(connection, notes)?;
        }
        filing::file(connection, self)
    }

    fn has_chores(&self) -> bool {
        self.chores.has_more()
    }

    fn do_chore(&mut self, connection: &Connection) -> Result<(), StoreError> {
        chores::step(connection, &mut self.chores).map(drop)
    }

    fn has_idle_work(&self) -> bool {
        self.unindexed
    }

    fn do_idle_work(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.unindexed = search::step(connection)?;
        Ok(())
    }
}
