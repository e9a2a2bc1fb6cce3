use domain::{Address, Alert, AlertId, AlertKind, AlertPhase, AlertProgress, AlertState, Receipt, Recipient};
use rusqlite::{Connection, Row, params};

use super::{
    chores::{self, Progress},
    publications, receipts,
    values::{all, execute, existing, exists, first, from_json, missing, nanoseconds, sql_limit, to_json},
};
use crate::{AlertChange, Outcome, StoreError};

/// What [`read`] reads.
pub(super) const COLUMNS: &str = "alerts.alert, alerts.state, alerts.progress";

pub(super) fn create(
    connection: &Connection,
    alert: &Alert,
    recipients: &[Recipient],
) -> Result<(), StoreError> {
    if is_here(connection, alert.id)? {
        return Err(existing(name(alert.id)));
    }
    if let Some(key) = issuer_key(alert)
        && exists(connection, "SELECT 1 FROM alerts WHERE issuer_key = ?1", [key])?
    {
        return Err(existing("an alert of this issuer with this key"));
    }
    let sql =
        "INSERT INTO alerts (id, alert, state, effective_at, open, phase, progress, issuer_key, announcement)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    execute(connection, sql, row_of(alert)?)?;
    recipients.iter().try_for_each(|recipient| receipts::insert(connection, alert.id, recipient, 0))
}

/// An alert in the order of the columns.
type AlertRow<'a> = (&'a [u8; 16], String, String, i64, bool, &'static str, String, Option<String>, bool);

fn row_of(alert: &Alert) -> Result<AlertRow<'_>, StoreError> {
    let phase = alert.state.phase();
    Ok((
        alert.id.as_bytes(),
        to_json(alert)?,
        to_json(&alert.state)?,
        nanoseconds(alert.effective_at)?,
        phase == AlertPhase::Open,
        phase.as_str(),
        to_json(&alert.progress)?,
        issuer_key(alert),
        alert.draft.kind == AlertKind::Announcement,
    ))
}

fn issuer_key(alert: &Alert) -> Option<String> {
    // An address holds no line feed.
    alert.draft.key.as_ref().map(|key| format!("{}\n{key}", alert.draft.issuer))
}

/// Everything about alerts that is not the making or ending of one.
pub(super) fn change(
    connection: &Connection,
    progress: &mut Progress,
    change: AlertChange,
) -> Result<Outcome, StoreError> {
    match change {
        AlertChange::Replace { alert, from } => return replace(connection, &alert, from),
        AlertChange::DeleteDraft { alert } => {
            let sql = "DELETE FROM alerts WHERE id = ?1 AND phase = 'draft'";
            return changed_alert(connection, alert, execute(connection, sql, [alert.as_bytes()])?);
        }
        AlertChange::AddRecipients { level, alert, recipients } => {
            require(connection, alert)?;
            recipients
                .iter()
                .try_for_each(|recipient| receipts::insert(connection, alert, recipient, level))?;
        }
        AlertChange::Supersede { alert, at, by } => {
            return end(connection, progress, alert, &AlertState::Superseded { at, by });
        }
        AlertChange::Advance { alert, progress } => return advance(connection, alert, &progress),
        AlertChange::ComputerAnswered { computer, at } => {
            let sql = "INSERT OR REPLACE INTO computers (computer, answered_at) VALUES (?1, ?2)";
            execute(connection, sql, (computer.to_string(), nanoseconds(at)?))?;
        }
        other => return super::alert_entries::change(connection, other),
    }
    Ok(Outcome::Done)
}

fn replace(connection: &Connection, alert: &Alert, from: AlertPhase) -> Result<Outcome, StoreError> {
    let sql =
        "UPDATE alerts SET alert = ?2, state = ?3, effective_at = ?4, open = ?5, phase = ?6, progress = ?7,
               issuer_key = ?8, announcement = ?9 WHERE id = ?1 AND phase = ?10";
    let (id, json, state, effective_at, open, phase, progress, key, announcement) = row_of(alert)?;
    let from = from.as_str();
    let row = params![id, json, state, effective_at, open, phase, progress, key, announcement, from];
    let replaced = execute(connection, sql, row)?;
    if replaced == 1 && (from, phase) == (AlertPhase::Planned.as_str(), AlertPhase::Open.as_str()) {
        publications::tell(connection, alert.id, alert.started_at())?;
    }
    changed_alert(connection, alert.id, replaced)
}

fn advance(connection: &Connection, alert: AlertId, progress: &AlertProgress) -> Result<Outcome, StoreError> {
    let sql = "UPDATE alerts SET progress = ?2 WHERE id = ?1 AND phase = 'open'";
    changed_alert(connection, alert, execute(connection, sql, (alert.as_bytes(), to_json(progress)?))?)
}

fn changed_alert(connection: &Connection, alert: AlertId, rows: usize) -> Result<Outcome, StoreError> {
    if rows == 0 {
        require(connection, alert)?;
    }
    Ok(Outcome::AlertChanged(rows == 1))
}

pub(super) fn add_recipient(
    connection: &Connection,
    alert: AlertId,
    recipient: &Recipient,
) -> Result<(), StoreError> {
    require(connection, alert)?;
    receipts::insert(connection, alert, recipient, 0)
}

/// Ends an alert that has not ended; one that has stays as it ended, and one that had not taken effect says so. Its
/// receipts are closed piece by piece.
pub(super) fn end(
    connection: &Connection,
    progress: &mut Progress,
    alert: AlertId,
    state: &AlertState,
) -> Result<Outcome, StoreError> {
    let sql = "UPDATE alerts SET progress = json_set(progress, '$.never_began', json('true'))
               WHERE id = ?1 AND phase IN ('planned', 'waiting')";
    execute(connection, sql, [alert.as_bytes()])?;
    let sql = "UPDATE alerts SET state = ?2, open = 0, phase = 'ended'
               WHERE id = ?1 AND phase IN ('open', 'planned', 'waiting')";
    let ended = execute(connection, sql, (alert.as_bytes(), to_json(state)?))? == 1;
    if ended {
        receipts::begin_closing(connection, alert)?;
        chores::close_receipts(connection, progress)?;
    } else {
        require(connection, alert)?;
    }
    Ok(Outcome::AlertEnded(ended))
}

/// Another address in the place of a person's in what became of alerts and in their receipts.
pub(super) fn rename(connection: &Connection, from: &Address, to: &Address) -> Result<(), StoreError> {
    let ids: Vec<[u8; 16]> = all(connection, "SELECT id FROM alerts", [], |row| Ok(row.get(0)?))?;
    let (old, new) = (Recipient::Account(from.clone()), Recipient::Account(to.clone()));
    for id in ids {
        let alert = AlertId::from_bytes(id);
        if let Some(mut receipt) = receipts::one(connection, alert, &old)? {
            let sql = "UPDATE receipts SET recipient = ?3 WHERE alert = ?1 AND recipient = ?2";
            execute(connection, sql, (id, old.to_string(), new.to_string()))?;
            receipt.recipient = new.clone();
            if let Some(confirmation) = &mut receipt.confirmation {
                confirmation.device.clear();
                confirmation.source.clear();
            }
            receipts::write(connection, &receipt)?;
        }
    }
    let sql = "SELECT id, state FROM alerts WHERE instr(state, ?1)";
    let states: Vec<([u8; 16], String)> =
        all(connection, sql, [from.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, state) in states {
        if let AlertState::Cancelled { at, by } = from_json("alerts.state", &state)?
            && by == *from
        {
            let state = to_json(&AlertState::Cancelled { at, by: to.clone() })?;
            execute(connection, "UPDATE alerts SET state = ?2 WHERE id = ?1", (id, state))?;
        }
    }
    Ok(())
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
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE id = ?1");
    first(connection, &sql, [alert.as_bytes()], |row| read(row, 0))
}

pub(super) fn by_key(
    connection: &Connection,
    issuer: &Address,
    key: &str,
) -> Result<Option<Alert>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE issuer_key = ?1");
    first(connection, &sql, [format!("{issuer}\n{key}")], |row| read(row, 0))
}

pub(super) fn list(connection: &Connection, open: bool, limit: usize) -> Result<Vec<Alert>, StoreError> {
    let filter = if open { "WHERE open" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM alerts {filter} ORDER BY effective_at DESC, id DESC LIMIT ?1");
    all(connection, &sql, [sql_limit(limit)], |row| read(row, 0))
}

pub(super) fn list_before(
    connection: &Connection,
    open: bool,
    before: AlertId,
    limit: usize,
) -> Result<Vec<Alert>, StoreError> {
    require(connection, before)?;
    let only = if open { "alerts.open AND" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts
         WHERE {only} (effective_at, id) < (SELECT effective_at, id FROM alerts WHERE id = ?1)
         ORDER BY effective_at DESC, id DESC LIMIT ?2"
    );
    all(connection, &sql, params![before.as_bytes(), sql_limit(limit)], |row| read(row, 0))
}

pub(super) fn in_phase(
    connection: &Connection,
    phase: AlertPhase,
    before: Option<AlertId>,
    limit: usize,
) -> Result<Vec<Alert>, StoreError> {
    let Some(before) = before else {
        let sql = format!(
            "SELECT {COLUMNS} FROM alerts WHERE phase = ?1 ORDER BY effective_at DESC, id DESC LIMIT ?2"
        );
        return all(connection, &sql, (phase.as_str(), sql_limit(limit)), |row| read(row, 0));
    };
    require(connection, before)?;
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts
         WHERE phase = ?1 AND (effective_at, id) < (SELECT effective_at, id FROM alerts WHERE id = ?2)
         ORDER BY effective_at DESC, id DESC LIMIT ?3"
    );
    all(connection, &sql, (phase.as_str(), before.as_bytes(), sql_limit(limit)), |row| read(row, 0))
}

pub(super) fn open_receipts(
    connection: &Connection,
    recipient: &Recipient,
) -> Result<Vec<(Alert, Receipt)>, StoreError> {
    let receipt_columns = receipts::COLUMNS;
    let sql = format!(
        "SELECT {receipt_columns}, {COLUMNS}
         FROM receipts CROSS JOIN alerts ON alerts.id = receipts.alert
         WHERE recipient = ?1 AND receipts.open AND alerts.open ORDER BY effective_at, alerts.id"
    );
    all(connection, &sql, [recipient.to_string()], |row| Ok((read(row, 8)?, receipts::read(row)?)))
}

/// The columns `state` and `progress` are newer than what the alert was written with.
pub(super) fn read(row: &Row<'_>, column: usize) -> Result<Alert, StoreError> {
    let alert: Alert = from_json("alerts.alert", &row.get::<_, String>(column)?)?;
    Ok(Alert {
        state: from_json("alerts.state", &row.get::<_, String>(column + 1)?)?,
        progress: from_json("alerts.progress", &row.get::<_, String>(column + 2)?)?,
        ..alert
    })
}

/// The machines that have taken a message.
pub(super) fn computers(connection: &Connection) -> Result<Vec<domain::Computer>, StoreError> {
    all(connection, "SELECT computer FROM computers ORDER BY computer", [], |row| {
        super::values::parsed("computers.computer", &row.get::<_, String>(0)?)
    })
}
