use domain::{Alert, AlertId, AlertState, Receipt, ReceiptStage, Recipient};
use rusqlite::{Connection, Row, params};

use super::values::{
    all, changed, corrupt, execute, existing, exists, first, from_json, missing, nanoseconds, parsed,
    sql_limit, time, to_json,
};
use crate::{Outcome, ReceiptStep, StoreError};

const RECEIPT_COLUMNS: &str =
    "receipts.alert, recipient, stage, delivered_at, seen_at, confirmation, failure";

pub(super) fn create(
    connection: &Connection,
    alert: &Alert,
    recipients: &[Recipient],
) -> Result<(), StoreError> {
    if is_here(connection, alert.id)? {
        return Err(existing(name(alert.id)));
    }
    let sql = "INSERT INTO alerts (id, alert, state, effective_at, open) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = params![
        alert.id.as_bytes(),
        to_json(alert)?,
        to_json(&alert.state)?,
        nanoseconds(alert.effective_at)?,
        alert.state == AlertState::Sent
    ];
    execute(connection, sql, row)?;
    recipients.iter().try_for_each(|recipient| insert_receipt(connection, alert.id, recipient))
}

pub(super) fn add_recipient(
    connection: &Connection,
    alert: AlertId,
    recipient: &Recipient,
) -> Result<(), StoreError> {
    require(connection, alert)?;
    insert_receipt(connection, alert, recipient)
}

fn insert_receipt(connection: &Connection, alert: AlertId, recipient: &Recipient) -> Result<(), StoreError> {
    let sql = "INSERT INTO receipts (alert, recipient, stage, open)
               SELECT id, ?2, ?3, open FROM alerts WHERE id = ?1 ON CONFLICT DO NOTHING";
    let row = (alert.as_bytes(), recipient.to_string(), ReceiptStage::Pending.as_str());
    execute(connection, sql, row).map(drop)
}

/// Ends an open alert; one that has ended stays as it ended.
pub(super) fn end(
    connection: &Connection,
    alert: AlertId,
    state: &AlertState,
) -> Result<Outcome, StoreError> {
    let sql = "UPDATE alerts SET state = ?2, open = 0 WHERE id = ?1 AND open";
    let ended = execute(connection, sql, (alert.as_bytes(), to_json(state)?))? == 1;
    if ended {
        execute(connection, "UPDATE receipts SET open = 0 WHERE alert = ?1", [alert.as_bytes()])?;
    } else {
        require(connection, alert)?;
    }
    Ok(Outcome::AlertEnded(ended))
}

pub(super) fn advance(
    connection: &Connection,
    alert: AlertId,
    recipient: &Recipient,
    step: ReceiptStep,
) -> Result<Outcome, StoreError> {
    let what = || format!("the receipt of {recipient} for {}", name(alert));
    let sql = format!("SELECT {RECEIPT_COLUMNS} FROM receipts WHERE alert = ?1 AND recipient = ?2");
    let key = (alert.as_bytes(), recipient.to_string());
    let mut receipt = first(connection, &sql, key, read_receipt)?.ok_or_else(|| missing(what()))?;
    let news = match step {
        ReceiptStep::Delivered(at) => receipt.deliver(at),
        ReceiptStep::Seen(at) => receipt.see(at),
        ReceiptStep::Confirmed(confirmation) => receipt.confirm(confirmation),
        ReceiptStep::Failed(why) => receipt.fail(why),
    };
    changed(write_receipt(connection, &receipt)?, what())?;
    Ok(Outcome::Receipt { receipt, news })
}

fn write_receipt(connection: &Connection, receipt: &Receipt) -> Result<usize, StoreError> {
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

fn is_here(connection: &Connection, alert: AlertId) -> Result<bool, StoreError> {
    exists(connection, "SELECT 1 FROM alerts WHERE id = ?1", [alert.as_bytes()])
}

fn require(connection: &Connection, alert: AlertId) -> Result<(), StoreError> {
    if is_here(connection, alert)? { Ok(()) } else { Err(missing(name(alert))) }
}

fn name(alert: AlertId) -> String {
    format!("the alert {alert}")
}

pub(super) fn by_id(connection: &Connection, alert: AlertId) -> Result<Option<Alert>, StoreError> {
    let sql = "SELECT alert, state FROM alerts WHERE id = ?1";
    first(connection, sql, [alert.as_bytes()], |row| read_alert(row, 0))
}

pub(super) fn list(connection: &Connection, open: bool, limit: usize) -> Result<Vec<Alert>, StoreError> {
    let sql = if open {
        "SELECT alert, state FROM alerts WHERE open ORDER BY effective_at DESC, id DESC LIMIT ?1"
    } else {
        "SELECT alert, state FROM alerts ORDER BY effective_at DESC, id DESC LIMIT ?1"
    };
    all(connection, sql, [sql_limit(limit)], |row| read_alert(row, 0))
}

pub(super) fn list_before(
    connection: &Connection,
    open: bool,
    before: AlertId,
    limit: usize,
) -> Result<Vec<Alert>, StoreError> {
    require(connection, before)?;
    let sql = if open {
        "SELECT alert, state FROM alerts
         WHERE open AND (effective_at, id) < (SELECT effective_at, id FROM alerts WHERE id = ?1)
         ORDER BY effective_at DESC, id DESC LIMIT ?2"
    } else {
        "SELECT alert, state FROM alerts
         WHERE (effective_at, id) < (SELECT effective_at, id FROM alerts WHERE id = ?1)
         ORDER BY effective_at DESC, id DESC LIMIT ?2"
    };
    all(connection, sql, params![before.as_bytes(), sql_limit(limit)], |row| read_alert(row, 0))
}

pub(super) fn receipts(connection: &Connection, alert: AlertId) -> Result<Vec<Receipt>, StoreError> {
    let sql = format!("SELECT {RECEIPT_COLUMNS} FROM receipts WHERE alert = ?1");
    let mut receipts = all(connection, &sql, [alert.as_bytes()], read_receipt)?;
    receipts.sort_unstable_by(|one, other| one.recipient.cmp(&other.recipient));
    Ok(receipts)
}

pub(super) fn open_receipts(
    connection: &Connection,
    recipient: &Recipient,
) -> Result<Vec<(Alert, Receipt)>, StoreError> {
    let sql = format!(
        "SELECT {RECEIPT_COLUMNS}, alerts.alert, alerts.state
         FROM receipts CROSS JOIN alerts ON alerts.id = receipts.alert
         WHERE recipient = ?1 AND receipts.open ORDER BY effective_at, alerts.id"
    );
    all(connection, &sql, [recipient.to_string()], |row| Ok((read_alert(row, 7)?, read_receipt(row)?)))
}

/// The column `state` is newer than what the alert was written with.
fn read_alert(row: &Row<'_>, column: usize) -> Result<Alert, StoreError> {
    let alert: Alert = from_json("alerts.alert", &row.get::<_, String>(column)?)?;
    Ok(Alert { state: from_json("alerts.state", &row.get::<_, String>(column + 1)?)?, ..alert })
}

fn read_receipt(row: &Row<'_>) -> Result<Receipt, StoreError> {
    let confirmation: Option<String> = row.get(5)?;
    Ok(Receipt {
        alert: AlertId::from_bytes(row.get(0)?),
        recipient: parsed("receipts.recipient", &row.get::<_, String>(1)?)?,
        stage: stage_of(&row.get::<_, String>(2)?)?,
        delivered_at: row.get::<_, Option<i64>>(3)?.map(time).transpose()?,
        seen_at: row.get::<_, Option<i64>>(4)?.map(time).transpose()?,
        confirmation: confirmation.map(|text| from_json("receipts.confirmation", &text)).transpose()?,
        failure: row.get(6)?,
    })
}

fn stage_of(word: &str) -> Result<ReceiptStage, StoreError> {
    [ReceiptStage::Pending, ReceiptStage::Delivered, ReceiptStage::Seen, ReceiptStage::Confirmed]
        .into_iter()
        .find(|stage| stage.as_str() == word)
        .ok_or_else(|| corrupt("receipts.stage", &word))
}
