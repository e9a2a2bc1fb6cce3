//! What is kept of records of the audit log whose words are erased with a person: who else had done it.

use std::collections::BTreeMap;

use domain::{Address, AuditRecord};

use crate::{Hub, HubError};

/// How many records are read at once.
const PAGE: usize = 500;

/// How many numbers of records are kept for each actor: the newest.
const NUMBERS_MAX: usize = 50;

/// How many actors are kept.
const ACTORS_MAX: usize = 20;

impl Hub {
    /// Who else has done what the records tell that are erased with this person, each with the numbers of these: so
    /// that erasing somebody does not hide what was done to them by whom.
    pub(crate) async fn who_did_to(&self, address: &Address) -> Result<String, HubError> {
        let mut actors: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = self.store.audit(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            for record in &page {
                if let Some(actor) = other_actor(record, address) {
                    actors.entry(actor.to_owned()).or_default().push(record.sequence);
                }
            }
        }
        Ok(words(&actors))
    }
}

/// Who has done what a record tells that is about this person; none where it was they themselves.
fn other_actor<'a>(record: &'a AuditRecord, address: &Address) -> Option<&'a str> {
    let (personal, own) = (record.personal.as_ref()?, address.as_str());
    let target = format!("user:{}", address.name());
    let about = personal.subject == own || personal.detail.contains(own) || personal.detail.contains(&target);
    (about && !personal.actor.contains(own)).then_some(personal.actor.as_str())
}

fn words(actors: &BTreeMap<String, Vec<u64>>) -> String {
    let line = |(actor, numbers): (&String, &Vec<u64>)| {
        let newest = &numbers[numbers.len().saturating_sub(NUMBERS_MAX)..];
        let shown: Vec<String> = newest.iter().map(u64::to_string).collect();
        let more = numbers.len() - newest.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} before") };
        format!("{actor}: {}{more}", shown.join(", "))
    };
    actors.iter().take(ACTORS_MAX).map(line).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_actor_stands_with_the_newest_numbers() {
        let actors = [("admin".to_owned(), (1..=60).collect()), ("socket".to_owned(), vec![3])].into();
        let text = words(&actors);
        assert!(text.starts_with("admin: 11, 12") && text.ends_with("60 and 10 before; socket: 3"), "{text}");
    }
}
