use domain::{
    Address, Contact, SubscriptionAction, SubscriptionStep, subscription_step, unheard_subscription_step,
};
use rusqlite::{Connection, Row, params};

use super::{
    accounts,
    values::{all, execute, first, from_json, parsed, sql_limit, to_json},
};
use crate::{Outcome, StoreError};

const COLUMNS: &str =
    "address, name, labels, listed, subscribed_to, subscribed_from, asked, asking, approved";

pub(super) fn put(
    connection: &Connection,
    owner: &Address,
    address: &Address,
    name: Option<String>,
    mut labels: Vec<String>,
    limit: usize,
) -> Result<Outcome, StoreError> {
    accounts::require(connection, owner)?;
    let mut contact = entry(connection, owner, address)?;
    if !contact.listed && listed_count(connection, owner)? >= sql_limit(limit) {
        return Ok(Outcome::Full);
    }
    labels.sort_unstable();
    labels.dedup();
    (contact.name, contact.labels, contact.listed) = (name, labels, true);
    write(connection, owner, &contact)?;
    Ok(Outcome::Contact(contact))
}

fn listed_count(connection: &Connection, owner: &Address) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM contacts WHERE owner = ?1 AND listed";
    Ok(first(connection, sql, [owner.as_str()], |row| Ok(row.get(0)?))?.unwrap_or(0))
}

pub(super) fn remove(
    connection: &Connection,
    owner: &Address,
    address: &Address,
    blocked: bool,
) -> Result<Outcome, StoreError> {
    accounts::require(connection, owner)?;
    let Some(removed) = one(connection, owner, address)?.filter(|contact| contact.listed) else {
        return Ok(Outcome::ContactRemoved { owner: None, other: None });
    };
    let mut other = None;
    if !blocked && acts_here(connection, owner, address)? {
        let (mut mine, mut theirs) = (removed.clone(), entry(connection, address, owner)?);
        let before = theirs.clone();
        // RFC 6121 §2.5.2: what is left of both subscriptions is ended for both people.
        subscription_step(&mut mine, &mut theirs, SubscriptionAction::Unsubscribe);
        subscription_step(&mut mine, &mut theirs, SubscriptionAction::Unsubscribed);
        if theirs != before {
            write(connection, address, &theirs)?;
            other = Some(theirs);
        }
    }
    erase(connection, owner, address)?;
    Ok(Outcome::ContactRemoved { owner: Some(removed), other })
}

pub(super) fn subscribe(
    connection: &Connection,
    actor: &Address,
    other: &Address,
    action: SubscriptionAction,
    blocked: bool,
) -> Result<Outcome, StoreError> {
    accounts::require(connection, actor)?;
    let mut mine = entry(connection, actor, other)?;
    let (step, theirs) = if acts_here(connection, actor, other)? {
        let mut theirs = entry(connection, other, actor)?;
        let carry = if blocked { unheard_subscription_step } else { subscription_step };
        let step = carry(&mut mine, &mut theirs, action);
        write(connection, other, &theirs)?;
        (step, Some(theirs))
    } else {
        let outbound = mine.outbound(action);
        (SubscriptionStep { outbound, inbound: None, answered: None }, None)
    };
    write(connection, actor, &mine)?;
    Ok(Outcome::Subscription { step, actor: mine, other: theirs })
}

/// Whether there is a second list: the other person's, and not one's own.
fn acts_here(connection: &Connection, actor: &Address, other: &Address) -> Result<bool, StoreError> {
    Ok(actor != other && accounts::is_here(connection, other)?)
}

/// The entry as it is, or one that says nothing.
fn entry(connection: &Connection, owner: &Address, address: &Address) -> Result<Contact, StoreError> {
    Ok(one(connection, owner, address)?.unwrap_or_else(|| Contact::new(address.clone())))
}

fn write(connection: &Connection, owner: &Address, contact: &Contact) -> Result<(), StoreError> {
    if contact.is_empty() {
        return erase(connection, owner, &contact.address);
    }
    let sql = format!(
        "INSERT OR REPLACE INTO contacts (owner, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    let Contact { address, name, labels, listed, to, from, asked, asking, approved } = contact;
    let labels = to_json(labels)?;
    let row =
        params![owner.as_str(), address.as_str(), name, labels, listed, to, from, asked, asking, approved];
    execute(connection, &sql, row).map(drop)
}

fn erase(connection: &Connection, owner: &Address, address: &Address) -> Result<(), StoreError> {
    let sql = "DELETE FROM contacts WHERE owner = ?1 AND address = ?2";
    execute(connection, sql, (owner.as_str(), address.as_str())).map(drop)
}

pub(super) fn one(
    connection: &Connection,
    owner: &Address,
    address: &Address,
) -> Result<Option<Contact>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM contacts WHERE owner = ?1 AND address = ?2");
    first(connection, &sql, (owner.as_str(), address.as_str()), read)
}

pub(super) fn list(connection: &Connection, owner: &Address) -> Result<Vec<Contact>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM contacts WHERE owner = ?1 ORDER BY address");
    all(connection, &sql, [owner.as_str()], read)
}

fn read(row: &Row<'_>) -> Result<Contact, StoreError> {
    Ok(Contact {
        address: parsed("contacts.address", &row.get::<_, String>(0)?)?,
        name: row.get(1)?,
        labels: from_json("contacts.labels", &row.get::<_, String>(2)?)?,
        listed: row.get(3)?,
        to: row.get(4)?,
        from: row.get(5)?,
        asked: row.get(6)?,
        asking: row.get(7)?,
        approved: row.get(8)?,
    })
}
