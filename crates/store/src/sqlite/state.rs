use rusqlite::Connection;

use crate::{Change, Outcome, StoreError};

/// What the writer knows beside the tables: it can always be made anew from them and from the notes that they do not
/// hold yet.
pub(super) trait State: Send + 'static {
    /// What has happened and is not in the tables yet.
    type Notes;

    /// Carries out one change inside the transaction that is open.
    fn apply(&mut self, connection: &Connection, change: Change) -> Result<Outcome, StoreError>;
    /// Whether a list may be told before it is on the disk. It only leaves notes.
    fn may_wait(&self, changes: &[Change]) -> bool;
    /// Whether a list leaves nothing where its first change is refused, and no other change can be.
    fn is_whole_by_itself(&self, changes: &[Change]) -> bool;
    /// A list begins.
    fn begin_list(&mut self);
    /// Whether it has changed anything here.
    fn is_touched(&self) -> bool;
    /// Whether there are notes to be written.
    fn has_notes(&self) -> bool;
    /// The notes that are to be written.
    fn notes(&self) -> Self::Notes;
    /// Writes the notes. They stay until they are committed.
    fn write_notes(&mut self, connection: &Connection) -> Result<(), StoreError>;
    /// The notes are on the disk.
    fn committed(&mut self);
    /// Becomes what the tables and these notes say.
    fn restore(&mut self, connection: &Connection, notes: Self::Notes) -> Result<(), StoreError>;
    /// Whether so much has gathered that it should be filed.
    fn is_due(&self) -> bool;
    /// Moves everything into the tables.
    fn file(&mut self, connection: &Connection) -> Result<(), StoreError>;
    /// Whether something is left to do when there is time.
    fn has_chores(&self) -> bool;
    /// Does a little of it.
    fn do_chore(&mut self, connection: &Connection) -> Result<(), StoreError>;
    /// Whether something is left that nobody waits for, to be done when nothing else is.
    fn has_idle_work(&self) -> bool;
    /// Does a little of it.
    fn do_idle_work(&mut self, connection: &Connection) -> Result<(), StoreError>;
}
