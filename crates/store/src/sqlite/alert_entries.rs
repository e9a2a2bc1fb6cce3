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
    execute(connection, sql, [address.as_str()])?;
    // Rights and audiences name people without their domain: `publish:user:anna:extreme`.
    let target = format!("user:{}", address.name());
    let sql = "SELECT sequence, detail FROM audit WHERE instr(detail, ?1)";
    let found: Vec<(i64, String)> = all(connection, sql, [&target], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (sequence, _) in found.iter().filter(|(_, detail)| names(detail, &target)) {
        let sql =
            "UPDATE audit SET actor = NULL, subject = NULL, detail = NULL, salt = NULL WHERE sequence = ?1";
        execute(connection, sql, [sequence])?;
    }
    Ok(())
}

/// Whether a text has this target in it, and not only one whose name begins so.
fn names(text: &str, target: &str) -> bool {
    let goes_on = |next: char| next.is_alphanumeric() || "._-".contains(next);
    text.match_indices(target).any(|(index, _)| !text[index + target.len()..].starts_with(goes_on))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_by_its_whole_name() {
        assert!(names("publish:user:anna:extreme", "user:anna") && names("user:bert,user:anna", "user:anna"));
        assert!(names("user:anna@office.internal", "user:anna"));
        assert!(
            !names("publish:user:anna-maria:extreme", "user:anna") && !names("user:annabel", "user:anna")
        );
    }
}
