//! The tables of rooms, files, and the index of words.

/// Rooms and what is said in them. A place is never given twice: the index of words goes by it.
pub(super) const ROOMS: &str = "
CREATE TABLE rooms (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    configuration TEXT NOT NULL,
    subject TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE room_affiliations (
    room INTEGER NOT NULL REFERENCES rooms ON DELETE CASCADE,
    person TEXT NOT NULL,
    affiliation TEXT NOT NULL,
    PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_affiliations_by_person ON room_affiliations (person);

-- Of what was said in a room that is gone, what is left is taken away piece by piece.
CREATE TABLE room_messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL,
    address TEXT NOT NULL,
    id BLOB NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    nickname TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    words TEXT,
    subject TEXT,
    sender_id TEXT,
    native_protocol TEXT,
    native BLOB
) STRICT;
CREATE INDEX room_messages_by_room ON room_messages (room, sequence);
CREATE INDEX room_repeats ON room_messages (room, sender, sender_id) WHERE sender_id IS NOT NULL;
";

/// What is known of files.
pub(super) const FILES: &str = "
CREATE TABLE files (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    owner TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    hash BLOB NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_by_owner ON files (owner, size);
CREATE INDEX files_by_time ON files (stored_at);
";

/// Words and where they were said. A row's number is twice its place in `messages`, or one more than twice its place in
/// `room_messages`. In `readers` is who has it: `o` and the number of an account, `r` and the number of a room. Words
/// are forgotten with what said them.
pub(super) const WORDS: &str = "
CREATE VIRTUAL TABLE words USING fts5
    (readers, said, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE indexed (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    messages_up_to INTEGER NOT NULL,
    room_messages_up_to INTEGER NOT NULL
) STRICT;
INSERT INTO indexed (only, messages_up_to, room_messages_up_to) VALUES (1, 0, 0);

CREATE TRIGGER words_of_messages AFTER DELETE ON messages
WHEN old.sequence <= (SELECT messages_up_to FROM indexed) BEGIN
    DELETE FROM words WHERE rowid = 2 * old.sequence;
END;
CREATE TRIGGER words_of_rooms AFTER DELETE ON room_messages BEGIN
    DELETE FROM words WHERE rowid = 2 * old.sequence + 1;
END;
";

/// Up to where people have read their conversations.
pub(super) const READ_MARKS: &str = "
CREATE TABLE read_marks (
    owner TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    conversation TEXT NOT NULL,
    message BLOB NOT NULL,
    PRIMARY KEY (owner, conversation)
) STRICT, WITHOUT ROWID;
";
