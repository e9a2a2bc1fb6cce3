//! What alerts need beside their first tables.

/// Phases, progress, keys, announcements, schedules, templates, machines, signed ends of the audit log.
/// Who was told by which level of an escalation.
pub(super) const ALERT_LEVELS: &str = "ALTER TABLE receipts ADD COLUMN level INTEGER NOT NULL DEFAULT 0;";

pub(super) const ALERT_ENGINE: &str = "
-- `phase` says more than `open`, which is set where it is 'open'.
ALTER TABLE alerts ADD COLUMN phase TEXT NOT NULL DEFAULT 'ended';
ALTER TABLE alerts ADD COLUMN progress TEXT NOT NULL DEFAULT '{}';
-- The issuer and their own word for it.
ALTER TABLE alerts ADD COLUMN issuer_key TEXT;
ALTER TABLE alerts ADD COLUMN announcement INTEGER NOT NULL DEFAULT 0;
UPDATE alerts SET phase = 'open' WHERE open;
CREATE INDEX alerts_by_phase ON alerts (phase, effective_at, id);
CREATE UNIQUE INDEX alerts_by_key ON alerts (issuer_key) WHERE issuer_key IS NOT NULL;
CREATE INDEX alerts_announced ON alerts (effective_at, id) WHERE announcement;

-- Alerts that have ended and whose receipts are still marked as open, with the last recipient that is not.
CREATE TABLE closing (
    alert BLOB NOT NULL PRIMARY KEY,
    after TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE computers (
    computer TEXT NOT NULL PRIMARY KEY,
    answered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    schedule TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE templates (
    name TEXT NOT NULL PRIMARY KEY,
    template TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_heads (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature TEXT NOT NULL
) STRICT;
";
