use std::{collections::HashMap, sync::Arc};

use domain::Address;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use store::FileId;

use super::FileError;

/// How long a place can be used.
const LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How many unused places one person may have, those included whose files are under way.
const UNUSED_MAX: usize = 20;
/// How many characters of a file's name and of its kind are kept.
const NAME_CHARS_MAX: usize = 200;
const MEDIA_TYPE_CHARS_MAX: usize = 100;

/// What lets somebody put a file: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotId(pub(super) [u8; 16]);

impl SlotId {
    /// The id that this text is, in hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u128::from_str_radix(text, 16).ok().filter(|_| is_one).map(|number| Self(number.to_be_bytes()))
    }
}

impl std::fmt::Display for SlotId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&super::hex(&self.0))
    }
}

/// Whoever knows it can put the file: it stays out of logs.
impl std::fmt::Debug for SlotId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SlotId(…)")
    }
}

/// A file that somebody wants to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDraft {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Of what kind it is.
    pub media_type: String,
}

/// A place for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSlot {
    /// What lets its owner put the file.
    pub slot: SlotId,
    /// By what it is fetched then.
    pub id: FileId,
    /// Who has asked for it.
    pub owner: Address,
    /// What was promised, its texts fit to be shown.
    pub draft: FileDraft,
}

/// The places whose files are not here yet: not used, or under way.
#[derive(Debug, Default)]
pub(super) struct Slots(Mutex<HashMap<SlotId, Place>>);

#[derive(Debug)]
struct Place {
    slot: FileSlot,
    opened_at: Timestamp,
    /// Whether its file is under way: then it is no place any more, and counts until that is over.
    running: bool,
}

/// A file is under way as long as this is there.
#[derive(Debug)]
pub(super) struct Running {
    slots: Arc<Slots>,
    id: SlotId,
}

impl Slots {
    /// Makes a place. `used` is how many bytes its owner has here; what they have places for, and what is under way,
    /// counts too.
    pub(super) fn open(
        &self,
        owner: &Address,
        draft: &FileDraft,
        (slot, id): (SlotId, FileId),
        used: u64,
        quota_bytes: u64,
        now: Timestamp,
    ) -> Result<FileSlot, FileError> {
        let mut slots = self.0.lock();
        slots.retain(|_, place| place.running || is_open(place.opened_at, now));
        let own =
            slots.values().filter(|place| place.slot.owner == *owner).map(|place| place.slot.draft.size);
        let (count, promised) =
            own.fold((0, 0_u64), |(count, sum), size| (count + 1, sum.saturating_add(size)));
        if count >= UNUSED_MAX {
            return Err(FileError::TooManySlots);
        }
        if used.saturating_add(promised).saturating_add(draft.size) > quota_bytes {
            return Err(FileError::QuotaReached { quota_bytes });
        }
        let new = FileSlot { slot, id, owner: owner.clone(), draft: fit(draft) };
        slots.insert(slot, Place { slot: new.clone(), opened_at: now, running: false });
        Ok(new)
    }

    /// How many bytes a place is for.
    pub(super) fn size(&self, slot: SlotId, now: Timestamp) -> Option<u64> {
        let slots = self.0.lock();
        slots.get(&slot).filter(|place| place.is_free(now)).map(|place| place.slot.draft.size)
    }

    /// Uses a place up. Its file is under way from then on.
    pub(super) fn take(slots: &Arc<Self>, id: SlotId, now: Timestamp) -> Option<(FileSlot, Running)> {
        let mut places = slots.0.lock();
        let place = places.get_mut(&id).filter(|place| place.is_free(now))?;
        place.running = true;
        Some((place.slot.clone(), Running { slots: slots.clone(), id }))
    }

    /// How many bytes are promised by the files that are under way.
    pub(super) fn under_way(&self) -> u64 {
        let slots = self.0.lock();
        let running = slots.values().filter(|place| place.running).map(|place| place.slot.draft.size);
        running.fold(0, u64::saturating_add)
    }
}

impl Place {
    fn is_free(&self, now: Timestamp) -> bool {
        !self.running && is_open(self.opened_at, now)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.slots.0.lock().remove(&self.id);
    }
}

fn is_open(opened_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(opened_at) < LASTS
}

/// With a name that is no path and a kind that is one, both fit to be shown and to stand in a header.
fn fit(draft: &FileDraft) -> FileDraft {
    let name = domain::displayable(&draft.name).replace(['/', '\\', '\n', '\t', '\0'], "_");
    let name: String = name.trim().chars().take(NAME_CHARS_MAX).collect();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c);
    let kind = draft.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = kind.split_once('/').is_some_and(|(one, other)| {
        !one.is_empty() && !other.is_empty() && one.chars().all(is_token) && other.chars().all(is_token)
    });
    let known = known && kind.len() <= MEDIA_TYPE_CHARS_MAX;
    FileDraft {
        name: if name.chars().all(|c| c == '.') { "file".to_owned() } else { name },
        media_type: if known { kind } else { "application/octet-stream".to_owned() },
        size: draft.size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, media_type: &str) -> FileDraft {
        FileDraft { name: name.to_owned(), size: 10, media_type: media_type.to_owned() }
    }

    #[test]
    fn a_name_is_no_path_and_a_kind_that_is_none_says_nothing() {
        let fitted = fit(&draft("../../etc/pass\u{202e}wd\n", "text/html; charset=utf-8"));
        assert_eq!((fitted.name.as_str(), fitted.media_type.as_str()), (".._.._etc_passwd_", "text/html"));
        let fitted = fit(&draft("..", "image/png\r\nX: y"));
        assert_eq!((fitted.name.as_str(), fitted.media_type.as_str()), ("file", "application/octet-stream"));
    }

    #[test]
    fn a_place_is_used_once_and_not_late_and_promises_count() {
        let (slots, anna) = (Arc::new(Slots::default()), Address::new("anna", "x.internal").unwrap());
        let now = Timestamp::from_second(1_795_132_800).unwrap();
        let ids = |number: u8| (SlotId([number; 16]), FileId(uuid::Uuid::from_bytes([number; 16])));
        let open = |number, used| slots.open(&anna, &draft("a", ""), ids(number), used, 25, now);
        let first = open(1, 0).unwrap();
        assert!(open(2, 0).is_ok());
        assert_eq!(open(3, 0), Err(FileError::QuotaReached { quota_bytes: 25 }));
        let (slot, running) = Slots::take(&slots, first.slot, now).unwrap();
        assert_eq!(slot.id, first.id);
        assert!(Slots::take(&slots, first.slot, now).is_none());
        assert_eq!(open(3, 0), Err(FileError::QuotaReached { quota_bytes: 25 }), "what is under way counts");
        assert_eq!(slots.under_way(), 10);
        drop(running);
        assert!(open(3, 5).is_ok());
        let late = now.saturating_add(LASTS).unwrap();
        assert!(slots.size(SlotId([2; 16]), late).is_none());
        assert!(Slots::take(&slots, SlotId([2; 16]), late).is_none());
    }

    #[test]
    fn an_id_reads_back() {
        let id = SlotId([0x0a; 16]);
        assert_eq!(SlotId::parse(&id.to_string()), Some(id));
        for wrong in ["", "0a", "+a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0", "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0g"] {
            assert_eq!(SlotId::parse(wrong), None, "{wrong}");
        }
    }
}
