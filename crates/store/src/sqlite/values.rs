//! How values of `domain` stand in columns, and the few shapes in which SQL is run.

use std::{fmt::Display, str::FromStr};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Params, Row};
use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

/// Runs a statement and says how many rows it changed.
pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<usize, StoreError> {
    Ok(connection.prepare_cached(sql)?.execute(parameters)?)
}

/// Whether a query finds anything.
pub(super) fn exists(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached(sql)?.exists(parameters)?)
}

/// The first row of a query.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    connection.prepare_cached(sql)?.query_and_then(parameters, read)?.next().transpose()
}

/// All rows of a query.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    connection.prepare_cached(sql)?.query_and_then(parameters, read)?.collect()
}

/// A time as nanoseconds since 1970, which reach from 1677 to 2262.
pub(super) fn nanoseconds(at: Timestamp) -> Result<i64, StoreError> {
    i64::try_from(at.as_nanosecond())
        .map_err(|_| StoreError::Unavailable { why: format!("{at} is outside the years 1677 to 2262") })
}

/// The time that [`nanoseconds`] wrote.
pub(super) fn time(nanoseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).map_err(|error| corrupt("a time", &error))
}

/// A count as SQL gives it.
pub(super) fn count(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

/// A limit or a count as SQL takes it.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// What a text column says, by the type's own reading of it. `what` names the column in the error.
pub(super) fn parsed<T: FromStr<Err: Display>>(what: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| corrupt(what, &error))
}

/// A value as JSON text.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable { why: error.to_string() })
}

/// What a JSON column says. `what` names the column in the error.
pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(what, &error))
}

/// `what` cannot be understood.
pub(super) fn corrupt(what: &str, why: &dyn Display) -> StoreError {
    StoreError::Corrupt { why: format!("{what}: {why}") }
}

/// `what` is not there.
pub(super) fn missing(what: impl Display) -> StoreError {
    StoreError::Missing { what: what.to_string() }
}

/// `what` is there already.
pub(super) fn existing(what: impl Display) -> StoreError {
    StoreError::Exists { what: what.to_string() }
}

/// Missing, unless a row was changed.
pub(super) fn changed(rows: usize, what: impl Display) -> Result<(), StoreError> {
    if rows == 0 { Err(missing(what)) } else { Ok(()) }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error,
        };
        let why = error.to_string();
        let damaged =
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
        match error {
            FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | Utf8Error(..) => Self::Corrupt { why },
            _ if damaged => Self::Corrupt { why },
            _ => Self::Unavailable { why },
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable { why: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_to_the_nanosecond_and_one_out_of_reach_is_refused() {
        let at: Timestamp = "2026-11-20T12:31:00.123456789Z".parse().unwrap();
        assert_eq!(time(nanoseconds(at).unwrap()), Ok(at));
        assert!(matches!(nanoseconds(Timestamp::MAX), Err(StoreError::Unavailable { .. })));
    }
}
