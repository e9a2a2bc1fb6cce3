//! The alerts that people were told of, newest first, also when they are over.

use domain::{Alert, Receipt, Recipient};
use rusqlite::Connection;

use super::{
    alerts::{COLUMNS, read},
    receipts,
    values::{all, nanoseconds, sql_limit},
};
use crate::StoreError;

/// How many alerts are looked at at once for those of one person.
const LOOKED_AT_MAX: usize = 20_000;
/// How many are read at once at least.
const PAGE_MIN: usize = 50;

/// Announcements that people were told of, from before `before`.
pub(super) fn announced(
    connection: &Connection,
    before: Option<&Alert>,
    limit: usize,
) -> Result<Vec<Alert>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts
         WHERE announcement AND phase IN ('open', 'ended') AND (effective_at, id) < (?1, ?2)
         ORDER BY effective_at DESC, id DESC LIMIT ?3"
    );
    let page = |before: Option<&Alert>, limit: usize| {
        let (at, id) = place(before)?;
        all(connection, &sql, (at, id, sql_limit(limit)), |row| read(row, 0))
    };
    told(before, limit, |alert| alert, page)
}

/// Alerts that people were told of with the receipt of one of them. A receipt is looked for by its alert: so many alerts
/// are looked at.
pub(super) fn for_one(
    connection: &Connection,
    recipient: &Recipient,
    before: Option<&Alert>,
    limit: usize,
) -> Result<Vec<(Alert, Receipt)>, StoreError> {
    let receipt_columns = receipts::COLUMNS;
    let sql = format!(
        "SELECT {receipt_columns}, {COLUMNS}
         FROM (SELECT id AS known, effective_at AS at FROM alerts
               WHERE phase IN ('open', 'ended') AND (effective_at, id) < (?2, ?3)
               ORDER BY effective_at DESC, id DESC LIMIT {LOOKED_AT_MAX})
         CROSS JOIN receipts ON receipts.alert = known AND recipient = ?1
         CROSS JOIN alerts ON alerts.id = known
         ORDER BY at DESC, known DESC LIMIT ?4"
    );
    let page = |before: Option<&Alert>, limit: usize| {
        let (at, id) = place(before)?;
        let parameters = (recipient.to_string(), at, id, sql_limit(limit));
        all(connection, &sql, parameters, |row| Ok((read(row, 8)?, receipts::read(row)?)))
    };
    told(before, limit, |(alert, _)| alert, page)
}

/// The first `limit` behind `before` of which people were told: what ended before that has receipts too where it was
/// called off while they were written.
fn told<T>(
    before: Option<&Alert>,
    limit: usize,
    alert: impl Fn(&T) -> &Alert,
    page: impl Fn(Option<&Alert>, usize) -> Result<Vec<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let (mut told, mut last) = (Vec::new(), before.cloned());
    let at_once = limit.max(PAGE_MIN);
    while told.len() < limit {
        let found = page(last.as_ref(), at_once)?;
        let is_last = found.len() < at_once;
        last = found.last().map(|one| alert(one).clone());
        told.extend(found.into_iter().filter(|one| alert(one).has_taken_effect()));
        if is_last {
            break;
        }
    }
    told.truncate(limit);
    Ok(told)
}

/// Where an alert stands in the order of time; behind all of them where there is none.
fn place(alert: Option<&Alert>) -> Result<(i64, [u8; 16]), StoreError> {
    Ok(match alert {
        Some(alert) => (nanoseconds(alert.effective_at)?, *alert.id.as_bytes()),
        None => (i64::MAX, [0xff; 16]),
    })
}
