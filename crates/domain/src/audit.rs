use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Something that was done and must be provable later, before it has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, to the millisecond.
    pub at: Timestamp,
    /// Who did it: an address, or "service", or "administration socket (uid 0)".
    pub actor: String,
    /// What was done: a word such as `alert.send`.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// The rest, in words.
    pub detail: String,
    /// 16 random bytes. With them the personal part can be erased and the chain still verifies, and nobody can guess
    /// what stood there.
    pub salt: [u8; 16],
}

/// An entry in its place. Erasing a person empties `personal` and keeps `commitment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// 1 for the first, without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: String,
    /// Who, to whom, the rest, and the salt; nothing where it was erased.
    pub personal: Option<AuditPersonal>,
    /// SHA-256 over the salt and the personal part.
    #[serde(with = "hexadecimal")]
    pub commitment: [u8; 32],
    /// The hash of the record before; zeros for the first.
    #[serde(with = "hexadecimal")]
    pub previous: [u8; 32],
    /// SHA-256 over everything but the personal part.
    #[serde(with = "hexadecimal")]
    pub hash: [u8; 32],
}

/// The part of an [`AuditRecord`] that names people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPersonal {
    /// Who did it.
    pub actor: String,
    /// To whom or what.
    pub subject: String,
    /// The rest.
    pub detail: String,
    /// The salt of the commitment.
    pub salt: [u8; 16],
}

/// The end of the chain at a moment, signed, so that nobody can write another chain in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// The number of the last record.
    pub sequence: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The hash of the last record.
    #[serde(with = "hexadecimal")]
    pub hash: [u8; 32],
    /// The service's signature over the above: JWS in compact form (RFC 7515), EdDSA.
    pub signature: String,
}

impl AuditHead {
    /// What the signature covers, as JSON.
    pub fn signed_content(&self) -> String {
        let hash: String = self.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{{\"audit_head\":{},\"at\":\"{}\",\"hash\":\"{hash}\"}}", self.sequence, self.at)
    }
}

/// Where and how a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A record is missing.
    #[error("record {expected} is missing: {found} follows instead")]
    Gap {
        /// The number that had to come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// A record does not continue the one before it, or was changed.
    #[error("record {sequence} was changed, or does not follow the record before it")]
    Broken {
        /// Which.
        sequence: u64,
    },
    /// What a record says is not what it said when it was written.
    #[error("the words of record {sequence} were changed")]
    Words {
        /// Which.
        sequence: u64,
    },
    /// The service signed another record in this place.
    #[error("record {sequence} is not the one that was signed")]
    Head {
        /// Which.
        sequence: u64,
    },
    /// A signature over the end of the log is not the service's.
    #[error("the signature over record {sequence} is not the service's")]
    Signature {
        /// Over which record.
        sequence: u64,
    },
    /// Records were taken from the end.
    #[error("the log ends with record {found}, and record {signed} was signed")]
    Cut {
        /// The last record that is there.
        found: u64,
        /// The last one that was signed.
        signed: u64,
    },
}

impl AuditEntry {
    /// The record that this entry makes after `previous`, the hash of the last one.
    pub fn chained(self, sequence: u64, previous: [u8; 32]) -> AuditRecord {
        let Self { at, actor, action, subject, detail, salt } = self;
        let personal = AuditPersonal { actor, subject, detail, salt };
        let commitment = personal.commitment();
        let hash = record_hash(sequence, at, &action, &commitment, &previous);
        AuditRecord { sequence, at, action, personal: Some(personal), commitment, previous, hash }
    }
}

/// Walks the records from the first and returns how many there are, or where the chain breaks.
pub fn verify_audit_chain(records: impl IntoIterator<Item = AuditRecord>) -> Result<u64, AuditError> {
    verify_audit_log(records, &[], |_| true)
}

/// Walks the records from the first and returns how many there are, or where the chain breaks or is another one than
/// was signed. `heads` are in the order of their numbers; `is_signed` says whether a signature is the service's.
pub fn verify_audit_log(
    records: impl IntoIterator<Item = AuditRecord>,
    heads: &[AuditHead],
    is_signed: impl Fn(&AuditHead) -> bool,
) -> Result<u64, AuditError> {
    if let Some(head) = heads.iter().find(|head| !is_signed(head)) {
        return Err(AuditError::Signature { sequence: head.sequence });
    }
    let mut heads = heads.iter().peekable();
    let (mut count, mut previous) = (0, [0; 32]);
    for record in records {
        let sequence = record.sequence;
        if sequence != count + 1 {
            return Err(AuditError::Gap { expected: count + 1, found: sequence });
        }
        let hash = record_hash(sequence, record.at, &record.action, &record.commitment, &previous);
        if record.previous != previous || record.hash != hash {
            return Err(AuditError::Broken { sequence });
        }
        if record.personal.is_some_and(|personal| personal.commitment() != record.commitment) {
            return Err(AuditError::Words { sequence });
        }
        if heads.next_if(|head| head.sequence == sequence).is_some_and(|head| head.hash != hash) {
            return Err(AuditError::Head { sequence });
        }
        (count, previous) = (sequence, hash);
    }
    match heads.last() {
        Some(head) => Err(AuditError::Cut { found: count, signed: head.sequence }),
        None => Ok(count),
    }
}

impl AuditPersonal {
    fn commitment(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.salt);
        for field in [&self.actor, &self.subject, &self.detail] {
            update_field(&mut hasher, field);
        }
        hasher.finalize().into()
    }
}

fn record_hash(
    sequence: u64,
    at: Timestamp,
    action: &str,
    commitment: &[u8; 32],
    previous: &[u8; 32],
) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(sequence.to_be_bytes());
    hasher.update(at.as_millisecond().to_be_bytes());
    update_field(&mut hasher, action);
    hasher.update(commitment);
    hasher.finalize().into()
}

/// The length goes first, so that no two different lists of fields hash alike.
fn update_field(hasher: &mut Sha256, field: &str) {
    hasher.update((field.len() as u64).to_be_bytes());
    hasher.update(field.as_bytes());
}

mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("64 hexadecimal digits are expected");
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| wrong())?;
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: u64) -> Vec<AuditRecord> {
        let mut previous = [0; 32];
        (1..=length)
            .map(|sequence| {
                let entry = AuditEntry {
                    at: Timestamp::from_second(sequence as i64).unwrap(),
                    actor: "admin@x.internal".into(),
                    action: "alert.send".into(),
                    subject: format!("alert {sequence}"),
                    detail: String::new(),
                    salt: [sequence as u8; 16],
                };
                let record = entry.chained(sequence, previous);
                previous = record.hash;
                record
            })
            .collect()
    }

    #[test]
    fn an_untouched_chain_verifies_and_so_does_one_with_a_person_erased() {
        assert_eq!(verify_audit_chain(chain(5)), Ok(5));
        let mut records = chain(5);
        records[2].personal = None;
        assert_eq!(verify_audit_chain(records), Ok(5));
    }

    #[test]
    fn changing_or_removing_anything_is_found_at_its_place() {
        let mut records = chain(5);
        records[2].personal.as_mut().unwrap().actor = "mallory".into();
        assert_eq!(verify_audit_chain(records), Err(AuditError::Words { sequence: 3 }));
        let mut records = chain(5);
        records[3].action = "user.remove".into();
        assert_eq!(verify_audit_chain(records), Err(AuditError::Broken { sequence: 4 }));
        let mut records = chain(5);
        records.remove(1);
        assert_eq!(verify_audit_chain(records), Err(AuditError::Gap { expected: 2, found: 3 }));
    }

    #[test]
    fn a_chain_that_was_cut_or_written_anew_is_not_the_one_that_was_signed() {
        let head = |record: &AuditRecord| AuditHead {
            sequence: record.sequence,
            at: record.at,
            hash: record.hash,
            signature: String::new(),
        };
        let records = chain(5);
        let heads = [head(&records[1]), head(&records[4])];
        assert_eq!(verify_audit_log(records.clone(), &heads, |_| true), Ok(5));
        let cut = records[..3].to_vec();
        assert_eq!(verify_audit_log(cut, &heads, |_| true), Err(AuditError::Cut { found: 3, signed: 5 }));
        let other = AuditHead { hash: [7; 32], ..head(&records[1]) };
        let changed = verify_audit_log(records.clone(), &[other], |_| true);
        assert_eq!(changed, Err(AuditError::Head { sequence: 2 }));
        let foreign = verify_audit_log(records, &heads, |head| head.sequence != 5);
        assert_eq!(foreign, Err(AuditError::Signature { sequence: 5 }));
    }
}
