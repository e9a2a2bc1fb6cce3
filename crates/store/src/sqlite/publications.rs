use domain::{AlertId, Publication, TopicName};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::values::{
    all, execute, existing, exists, first, from_json, missing, nanoseconds, parsed, sql_limit, time, to_json,
};
use crate::{Outcome, PublicationQuery, StoreError};

/// What was published, in its order. A key stands for one publication of its topic until it is given back.
pub(super) const TABLES: &str = "
CREATE TABLE publications (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    key TEXT,
    alert BLOB NOT NULL UNIQUE REFERENCES alerts ON DELETE CASCADE,
    published_at INTEGER NOT NULL,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX publications_by_topic ON publications (topic, sequence);
CREATE UNIQUE INDEX publications_by_key ON publications (topic, key) WHERE key IS NOT NULL;
CREATE INDEX publications_by_time ON publications (published_at);
";

/// What waits for its time is not published yet.
pub(super) const SCHEDULED: &str = "
ALTER TABLE publications ADD COLUMN scheduled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX publications_scheduled ON publications (published_at) WHERE scheduled;
";

const COLUMNS: &str = "sequence, topic, key, alert, published_at, details, scheduled";

pub(super) fn add(connection: &Connection, new: &Publication) -> Result<Outcome, StoreError> {
    let taken = "SELECT 1 FROM publications WHERE topic = ?1 AND key = ?2";
    if let Some(key) = &new.key
        && exists(connection, taken, (new.topic.as_str(), key))?
    {
        return Err(existing(format!("the key {key} in the topic {}", new.topic)));
    }
    if !exists(connection, "SELECT 1 FROM alerts WHERE id = ?1", [new.alert.as_bytes()])? {
        return Err(missing(format!("the alert {}", new.alert)));
    }
    let sql = "INSERT INTO publications (topic, key, alert, published_at, details, scheduled) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = params![
        new.topic.as_str(),
        new.key,
        new.alert.as_bytes(),
        nanoseconds(new.published_at)?,
        to_json(&new.details)?,
        new.scheduled
    ];
    execute(connection, sql, row)?;
    Ok(Outcome::Published { sequence: connection.last_insert_rowid() })
}

/// The time of what was scheduled has come: it is published with the place that comes next, behind what readers have.
pub(super) fn tell(connection: &Connection, alert: AlertId, at: Timestamp) -> Result<(), StoreError> {
    let waiting = of_alert(connection, alert)?.filter(|publication| publication.scheduled);
    let Some(publication) = waiting else { return Ok(()) };
    execute(connection, "DELETE FROM publications WHERE sequence = ?1", [publication.sequence])?;
    add(connection, &Publication { scheduled: false, published_at: at, ..publication }).map(drop)
}

/// Gives a key back. That nothing has it is no mistake.
pub(super) fn release_key(connection: &Connection, topic: &TopicName, key: &str) -> Result<(), StoreError> {
    let sql = "UPDATE publications SET key = NULL WHERE topic = ?1 AND key = ?2";
    execute(connection, sql, (topic.as_str(), key)).map(drop)
}

/// Forgets what was published before then, but for what still has a key or an alert that is open.
pub(super) fn forget(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM publications WHERE published_at < ?1 AND key IS NULL
               AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.id = publications.alert AND open)";
    execute(connection, sql, [nanoseconds(before)?]).map(drop)
}

pub(super) fn list(
    connection: &Connection,
    query: &PublicationQuery,
) -> Result<Vec<Publication>, StoreError> {
    let topics: Vec<&str> = query.topics.iter().map(TopicName::as_str).collect();
    let order = match (query.scheduled, query.newest_first) {
        (false, false) => "sequence",
        (false, true) => "sequence DESC",
        (true, false) => "published_at, sequence",
        (true, true) => "published_at DESC, sequence DESC",
    };
    // What was called off before its time will not be published.
    let which = match query.scheduled {
        false => "NOT scheduled",
        true => {
            "scheduled AND EXISTS (SELECT 1 FROM alerts
                         WHERE alerts.id = publications.alert AND phase IN ('planned', 'waiting'))"
        }
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM publications
         WHERE topic IN (SELECT value FROM json_each(?1)) AND sequence > ?2 AND sequence < ?3 AND published_at >= ?4
         AND {which} ORDER BY {order} LIMIT ?5"
    );
    let since = query.since.map_or(Ok(i64::MIN), nanoseconds)?;
    let row = params![to_json(&topics)?, query.after, query.before, since, sql_limit(query.limit)];
    all(connection, &sql, row, read)
}

pub(super) fn by_key(
    connection: &Connection,
    topic: &TopicName,
    key: &str,
) -> Result<Option<Publication>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM publications WHERE topic = ?1 AND key = ?2");
    first(connection, &sql, (topic.as_str(), key), read)
}

pub(super) fn of_alert(connection: &Connection, alert: AlertId) -> Result<Option<Publication>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM publications WHERE alert = ?1");
    first(connection, &sql, [alert.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Publication, StoreError> {
    Ok(Publication {
        sequence: row.get(0)?,
        topic: parsed("publications.topic", &row.get::<_, String>(1)?)?,
        key: row.get(2)?,
        alert: AlertId::from_bytes(row.get(3)?),
        published_at: time(row.get(4)?)?,
        details: from_json("publications.details", &row.get::<_, String>(5)?)?,
        scheduled: row.get(6)?,
    })
}
