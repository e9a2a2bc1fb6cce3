//! What stands beside alerts: schedules, templates, the signed ends of the audit log, and erasing a person.

use domain::{Address, AuditHead, EntryName, Schedule, Template};
use rusqlite::Connection;

use super::{
    alerts, rooms,
    values::{all, changed, corrupt, execute, first, from_json, nanoseconds, time, to_json},
};
use crate::{AlertChange, Outcome, StoreError};

pub(super) fn change(connection: &Connection, change: AlertChange) -> Result<Outcome, StoreError> {
    match change {
        AlertChange::PutSchedule(schedule) => {
            let sql = "INSERT OR REPLACE INTO schedules (name, schedule) VALUES (?1, ?2)";
            execute(connection, sql, (schedule.name.as_str(), to_json(&*schedule)?))?;
        }
        AlertChange::RemoveSchedule { name } => {
            let rows = execute(connection, "DELETE FROM schedules WHERE name = ?1", [name.as_str()])?;
            changed(rows, format!("the schedule {name}"))?;
        }
        AlertChange::PutTemplate(template) => {
            let sql = "INSERT OR REPLACE INTO templates (name, template) VALUES (?1, ?2)";
            execute(connection, sql, (template.name.as_str(), to_json(&*template)?))?;
        }
        AlertChange::RemoveTemplate { name } => {
            let rows = execute(connection, "DELETE FROM templates WHERE name = ?1", [name.as_str()])?;
            changed(rows, format!("the template {name}"))?;
        }
        AlertChange::SignHead(head) => {
            let sql =
                "INSERT OR REPLACE INTO audit_heads (sequence, at, hash, signature) VALUES (?1, ?2, ?3, ?4)";
            let sequence =
                i64::try_from(head.sequence).map_err(|error| corrupt("audit_heads.sequence", &error))?;
            execute(connection, sql, (sequence, nanoseconds(head.at)?, head.hash, head.signature))?;
        }
        AlertChange::ErasePerson { address, pseudonym } => {
            alerts::rename(connection, &address, &pseudonym)?;
            rooms::rename_speaker(connection, &address, &pseudonym)?;
            erase_words(connection, &address)?;
        }
        // The others are handled where this is called.
        _ => {}
    }
    Ok(Outcome::Done)
}

/// The chain holds without them: each record keeps a commitment to its words.
fn erase_words(connection: &Connection, address: &Address) -> Result<(), StoreError> {
    let sql = "UPDATE audit SET actor = NULL, subject = NULL, detail = NULL, salt = NULL
               WHERE actor = ?1 OR subject = ?1 OR instr(detail, ?1) OR instr(actor, ?1)";
    execute(connection, sql, [address.as_str()]).map(drop)
}

pub(super) fn schedules(connection: &Connection) -> Result<Vec<Schedule>, StoreError> {
    all(connection, "SELECT schedule FROM schedules ORDER BY name", [], |row| {
        from_json("schedules.schedule", &row.get::<_, String>(0)?)
    })
}

pub(super) fn templates(connection: &Connection) -> Result<Vec<Template>, StoreError> {
    all(connection, "SELECT template FROM templates ORDER BY name", [], |row| {
        from_json("templates.template", &row.get::<_, String>(0)?)
    })
}

pub(super) fn template(connection: &Connection, name: &EntryName) -> Result<Option<Template>, StoreError> {
    first(connection, "SELECT template FROM templates WHERE name = ?1", [name.as_str()], |row| {
        from_json("templates.template", &row.get::<_, String>(0)?)
    })
}

pub(super) fn audit_heads(connection: &Connection) -> Result<Vec<AuditHead>, StoreError> {
    let sql = "SELECT sequence, at, hash, signature FROM audit_heads ORDER BY sequence";
    all(connection, sql, [], |row| {
        let sequence = row.get::<_, i64>(0)?;
        Ok(AuditHead {
            sequence: u64::try_from(sequence).map_err(|error| corrupt("audit_heads.sequence", &error))?,
            at: time(row.get(1)?)?,
            hash: row.get(2)?,
            signature: row.get(3)?,
        })
    })
}
