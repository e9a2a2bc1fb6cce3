use domain::AlertState;
use rusqlite::Connection;

use super::{accounts, alerts, archive, audit, blocks, contacts, data, groups, messages, settings, streams};
use crate::{Change, Outcome, StoreError};

/// Applies one change inside the transaction that is open.
pub(super) fn apply(connection: &Connection, change: Change) -> Result<Outcome, StoreError> {
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
        Change::RemoveAccount { address } => accounts::remove(connection, &address)?,
        Change::CreateGroup { name } => groups::create(connection, &name)?,
        Change::RemoveGroup { name } => groups::remove(connection, &name)?,
        Change::JoinGroup { address, name } => groups::join(connection, &address, &name)?,
        Change::LeaveGroup { address, name } => groups::leave(connection, &address, &name)?,
        Change::PutContact { owner, address, name, labels, limit } => {
            return contacts::put(connection, &owner, &address, name, labels, limit);
        }
        Change::RemoveContact { owner, address } => return contacts::remove(connection, &owner, &address),
        Change::Subscription { actor, other, action } => {
            return contacts::subscribe(connection, &actor, &other, action);
        }
        Change::AcceptMessage { message, keep, deliveries, limit } => {
            return messages::accept(connection, &message, keep, &deliveries, limit);
        }
        Change::Acknowledge { recipient, messages } => {
            messages::acknowledge(connection, &recipient, &messages)?;
        }
        Change::ForgetArchive { before } => archive::forget(connection, before)?,
        Change::Block { owner, jids, limit } => return blocks::block(connection, &owner, &jids, limit),
        Change::Unblock { owner, jids } => blocks::unblock(connection, &owner, &jids)?,
        Change::SetDatum { owner, key, value, bytes_max } => {
            return data::set(connection, &owner, &key, value.as_deref(), bytes_max);
        }
        Change::ForgetRepeats { before } => messages::forget_repeats(connection, before)?,
        Change::OpenStream(stream) => streams::open(connection, &stream)?,
        Change::StreamReceived { stream, received } => streams::received(connection, stream, received)?,
        Change::StreamPresence { stream, presence } => {
            streams::presence(connection, stream, presence.as_ref())?;
        }
        Change::StreamDelivers { stream, deliveries } => {
            for (position, item) in deliveries {
                streams::deliver(connection, stream, position, item)?;
            }
        }
        Change::StreamAcknowledged { stream, positions } => {
            streams::acknowledged(connection, stream, &positions)?;
        }
        Change::CloseStream { stream } => streams::close(connection, stream)?,
        Change::CreateAlert { alert, recipients } => alerts::create(connection, &alert, &recipients)?,
        Change::AddRecipient { alert, recipient } => alerts::add_recipient(connection, alert, &recipient)?,
        Change::CancelAlert { alert, at, by } => {
            return alerts::end(connection, alert, &AlertState::Cancelled { at, by });
        }
        Change::ExpireAlert { alert, at } => {
            return alerts::end(connection, alert, &AlertState::Expired { at });
        }
        Change::AdvanceReceipt { alert, recipient, step } => {
            return alerts::advance(connection, alert, &recipient, step);
        }
        Change::Audit(entry) => audit::append(connection, entry)?,
        Change::SetSetting { key, value } => settings::set(connection, &key, &value)?,
    }
    Ok(Outcome::Done)
}
