use domain::{Address, Alert, AlertId, ReceiptStage, Recipient};

use crate::{Hub, HubError};

/// An announcement on the notice board.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What it says.
    pub alert: Alert,
    /// Whether the person who asks has seen it; nothing where nobody in particular asks.
    pub seen: Option<bool>,
}

/// How many announcements are looked through at once.
const PAGE: usize = 200;
/// How many announcements are looked through for one search.
const SEARCHED_MAX: usize = 20_000;

impl Hub {
    /// Announcements, newest first, after this one, at most `limit`: those with all these words in their headline or
    /// text, in any language of theirs; for a person, those that were for them.
    pub async fn notices(
        &self,
        reader: Option<&Address>,
        words: &str,
        after: Option<AlertId>,
        limit: usize,
    ) -> Result<Vec<Notice>, HubError> {
        let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let mut last = match after {
            Some(id) => Some(self.alert(id).await?),
            None => None,
        };
        let (mut found, mut searched) = (Vec::new(), 0);
        while found.len() < limit && searched < SEARCHED_MAX {
            let page = self.store.announcements(last.as_ref(), PAGE).await?;
            searched += page.len();
            let Some(end) = page.last().cloned() else { break };
            last = Some(end);
            for alert in page.into_iter().filter(|alert| !alert.draft.test && says(alert, &wanted)) {
                if found.len() == limit {
                    break;
                }
                if let Some(notice) = self.notice_for(reader, alert).await? {
                    found.push(notice);
                }
            }
        }
        Ok(found)
    }

    async fn notice_for(&self, reader: Option<&Address>, alert: Alert) -> Result<Option<Notice>, HubError> {
        let Some(reader) = reader else { return Ok(Some(Notice { alert, seen: None })) };
        let receipt = self.store.receipt(alert.id, &Recipient::Account(reader.clone())).await?;
        let seen = receipt.as_ref().map(|receipt| receipt.stage >= ReceiptStage::Seen);
        let meant = seen.is_some() || self.is_meant(&alert, reader).await?;
        Ok(meant.then(|| Notice { alert, seen: Some(seen.unwrap_or(false)) }))
    }
}

fn says(alert: &Alert, wanted: &[String]) -> bool {
    let words = std::iter::once(alert.draft.own_words()).chain(alert.draft.other_words());
    let mut texts = words.map(|words| format!("{}\n{}", words.headline, words.text).to_lowercase());
    wanted.is_empty() || texts.any(|text| wanted.iter().all(|word| text.contains(word)))
}
