//! The receipts of alerts: how far each has come with each recipient.

use domain::{AlertId, Receipt, ReceiptStage, Recipient};
use rusqlite::{Connection, Row, params};

use super::alerts;
use super::values::{
    all, changed, corrupt, count, execute, first, from_json, missing, nanoseconds, parsed, sql_limit, time,
    to_json,
};
use crate::{Outcome, ReceiptCounts, ReceiptQuery, ReceiptStep, StoreError};

pub(super) const COLUMNS: &str =
    "receipts.alert, recipient, stage, delivered_at, seen_at, confirmation, failure, level";

/// In the order in which they are gone through.
const STAGES: [ReceiptStage; 4] =
    [ReceiptStage::Pending, ReceiptStage::Delivered, ReceiptStage::Seen, ReceiptStage::Confirmed];

/// How many receipts of an ended alert one step closes.
const CLOSED_AT_ONCE: usize = 256;

/// Once more is no mistake.
pub(super) fn insert(
    connection: &Connection,
    alert: AlertId,
    recipient: &Recipient,
    level: u32,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO receipts (alert, recipient, stage, level, open)
               SELECT id, ?2, ?3, ?4, phase <> 'ended' FROM alerts WHERE id = ?1 ON CONFLICT DO NOTHING";
    let row = (alert.as_bytes(), recipient.to_string(), ReceiptStage::Pending.as_str(), level);
    execute(connection, sql, row).map(drop)
}

pub(super) fn advance(
    connection: &Connection,
    alert: AlertId,
    recipient: &Recipient,
    step: ReceiptStep,
) -> Result<Outcome, StoreError> {
    let what = || format!("the receipt of {recipient} for the alert {alert}");
    let mut receipt = one(connection, alert, recipient)?.ok_or_else(|| missing(what()))?;
    let news = match step {
        ReceiptStep::Delivered(at) => receipt.deliver(at),
        ReceiptStep::Seen(at) => receipt.see(at),
        ReceiptStep::Confirmed(confirmation) => receipt.confirm(confirmation),
        ReceiptStep::Failed(why) => receipt.fail(why),
    };
    changed(write(connection, &receipt)?, what())?;
    Ok(Outcome::Receipt { receipt, news })
}

pub(super) fn one(
    connection: &Connection,
    alert: AlertId,
    recipient: &Recipient,
) -> Result<Option<Receipt>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM receipts WHERE alert = ?1 AND recipient = ?2");
    first(connection, &sql, (alert.as_bytes(), recipient.to_string()), read)
}

pub(super) fn write(connection: &Connection, receipt: &Receipt) -> Result<usize, StoreError> {
    let sql =
        "UPDATE receipts SET stage = ?3, delivered_at = ?4, seen_at = ?5, confirmation = ?6, failure = ?7
               WHERE alert = ?1 AND recipient = ?2";
    let row = params![
        receipt.alert.as_bytes(),
        receipt.recipient.to_string(),
        receipt.stage.as_str(),
        receipt.delivered_at.map(nanoseconds).transpose()?,
        receipt.seen_at.map(nanoseconds).transpose()?,
        receipt.confirmation.as_ref().map(to_json).transpose()?,
        receipt.failure
    ];
    execute(connection, sql, row)
}

pub(super) fn list(connection: &Connection, alert: AlertId) -> Result<Vec<Receipt>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM receipts WHERE alert = ?1");
    let mut receipts = all(connection, &sql, [alert.as_bytes()], read)?;
    receipts.sort_unstable_by(|one, other| one.recipient.cmp(&other.recipient));
    Ok(receipts)
}

pub(super) fn page(connection: &Connection, query: &ReceiptQuery) -> Result<Vec<Receipt>, StoreError> {
    let filter = if query.unconfirmed { "AND stage <> 'confirmed'" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM receipts WHERE alert = ?1 AND recipient > ?2 {filter} ORDER BY recipient LIMIT ?3"
    );
    let after = query.after.as_ref().map(ToString::to_string).unwrap_or_default();
    all(connection, &sql, (query.alert.as_bytes(), after, sql_limit(query.limit)), read)
}

/// Counted in one pass without grouping, for which SQLite would sort all receipts: that took four times as long.
pub(super) fn counts(connection: &Connection, alert: AlertId) -> Result<ReceiptCounts, StoreError> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE recipient < 'd'),
                      count(*) FILTER (WHERE stage = ?2), count(*) FILTER (WHERE stage = ?3),
                      count(*) FILTER (WHERE stage = ?4), count(*) FILTER (WHERE stage = ?5)
               FROM receipts WHERE alert = ?1";
    let [pending, delivered, seen, confirmed] = STAGES.map(ReceiptStage::as_str);
    let counted =
        first(connection, sql, params![alert.as_bytes(), pending, delivered, seen, confirmed], |row| {
            Ok(ReceiptCounts {
                recipients: count(row.get(0)?),
                computers: count(row.get(1)?),
                pending: count(row.get(2)?),
                delivered: count(row.get(3)?),
                seen: count(row.get(4)?),
                confirmed: count(row.get(5)?),
                late: 0,
            })
        })?;
    let mut counts: ReceiptCounts = counted.unwrap_or_default();
    if counts.pending + counts.delivered + counts.seen + counts.confirmed != counts.recipients {
        return Err(corrupt("receipts.stage", &"none of the known ones"));
    }
    if counts.confirmed > 0 {
        counts.late = late(connection, alert)?;
    }
    Ok(counts)
}

/// How many have answered when the time for it was over.
fn late(connection: &Connection, alert: AlertId) -> Result<usize, StoreError> {
    let Some(alert) = alerts::by_id(connection, alert)? else { return Ok(0) };
    if alert.answer_by(0).is_none() {
        return Ok(0);
    }
    // Texts of times do not sort within a second, and numbers are good to a thousandth of one.
    let sql = "SELECT count(*) FROM receipts WHERE alert = ?1 AND stage = 'confirmed' AND level = ?2
               AND CAST(round(unixepoch(json_extract(confirmation, '$.at'), 'subsec') * 1000) AS INTEGER) >= ?3";
    let mut late = 0;
    for level in (0..).take(alert.draft.escalation.len() + 1) {
        let Some(by) = alert.answer_by(level) else { continue };
        let row = (alert.id.as_bytes(), level, by.as_millisecond());
        late += count(first(connection, sql, row, |row| Ok(row.get(0)?))?.unwrap_or_default());
    }
    Ok(late)
}

/// Notes that the receipts of an alert are no longer open: that is done piece by piece.
pub(super) fn begin_closing(connection: &Connection, alert: AlertId) -> Result<(), StoreError> {
    let sql = "INSERT INTO closing (alert, after) VALUES (?1, '') ON CONFLICT DO NOTHING";
    execute(connection, sql, [alert.as_bytes()]).map(drop)
}

/// Closes some receipts of alerts that have ended; says whether there may be more.
pub(super) fn close_some(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT alert, after FROM closing LIMIT 1";
    let next = first(connection, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((alert, after)): Option<([u8; 16], String)> = next else { return Ok(false) };
    let sql =
        "SELECT recipient FROM receipts WHERE alert = ?1 AND recipient > ?2 ORDER BY recipient LIMIT ?3";
    let some: Vec<String> =
        all(connection, sql, (alert, after, sql_limit(CLOSED_AT_ONCE)), |row| Ok(row.get(0)?))?;
    for recipient in &some {
        let sql = "UPDATE receipts SET open = 0 WHERE alert = ?1 AND recipient = ?2 AND open";
        execute(connection, sql, (alert, recipient))?;
    }
    match some.last().filter(|_| some.len() == CLOSED_AT_ONCE) {
        Some(last) => execute(connection, "UPDATE closing SET after = ?2 WHERE alert = ?1", (alert, last))?,
        None => execute(connection, "DELETE FROM closing WHERE alert = ?1", [alert])?,
    };
    Ok(true)
}

pub(super) fn read(row: &Row<'_>) -> Result<Receipt, StoreError> {
    let confirmation: Option<String> = row.get(5)?;
    Ok(Receipt {
        alert: AlertId::from_bytes(row.get(0)?),
        recipient: parsed("receipts.recipient", &row.get::<_, String>(1)?)?,
        stage: stage_of(&row.get::<_, String>(2)?)?,
        delivered_at: row.get::<_, Option<i64>>(3)?.map(time).transpose()?,
        seen_at: row.get::<_, Option<i64>>(4)?.map(time).transpose()?,
        confirmation: confirmation.map(|text| from_json("receipts.confirmation", &text)).transpose()?,
        failure: row.get(6)?,
        level: row.get(7)?,
    })
}

fn stage_of(word: &str) -> Result<ReceiptStage, StoreError> {
    STAGES.into_iter().find(|stage| stage.as_str() == word).ok_or_else(|| corrupt("receipts.stage", &word))
}
