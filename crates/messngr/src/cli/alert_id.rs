use std::{cmp::Reverse, str::FromStr};

use anyhow::bail;
use domain::AlertId;
use doors::api::alerts::AlertView;

use crate::client::{ApiPath, Client, ClientError};

/// The fewest characters by which an alert is listed.
const SHORT_CHARS_MIN: usize = 8;

/// How many alerts can be meant by less than their whole id: the newest. The interface gives no more at once.
const KNOWN_MAX: usize = 1_000;

/// How a person names an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AlertName {
    /// By its whole id.
    Id(AlertId),
    /// By the beginning of its id: hexadecimal digits and hyphens, in small letters.
    Beginning(String),
    /// As the newest one.
    Last,
}

impl FromStr for AlertName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "last" {
            return Ok(Self::Last);
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let fits = !text.is_empty() && text.chars().all(|digit| digit.is_ascii_hexdigit() || digit == '-');
        if !fits {
            return Err(
                "write the id, the beginning of it, or last; `messngr alert list` shows the ids".to_owned()
            );
        }
        Ok(Self::Beginning(text.to_ascii_lowercase()))
    }
}

/// The newest alerts, the one that was written last first, also those that are over or still to come.
pub(super) async fn all(client: &Client) -> Result<Vec<AlertView>, ClientError> {
    let path = ApiPath::new(&["alerts"]).with("all", &true).with("limit", &KNOWN_MAX);
    let mut alerts: Vec<AlertView> = client.get(&path).await?;
    // Ids are in the order in which they were given.
    alerts.sort_unstable_by_key(|alert| Reverse(alert.id));
    Ok(alerts)
}

/// The alert that is meant.
pub(super) async fn resolve(client: &Client, name: &AlertName) -> anyhow::Result<AlertId> {
    match name {
        AlertName::Id(id) => Ok(*id),
        other => meant(other, all(client).await?.iter().map(|alert| alert.id)),
    }
}

/// The one of `ids`, newest first, that is meant.
fn meant(name: &AlertName, ids: impl IntoIterator<Item = AlertId>) -> anyhow::Result<AlertId> {
    let mut ids = ids.into_iter();
    let beginning = match name {
        AlertName::Id(id) => return Ok(*id),
        AlertName::Last => match ids.next() {
            Some(id) => return Ok(id),
            None => bail!("no alert was ever sent"),
        },
        AlertName::Beginning(beginning) => beginning,
    };
    let found: Vec<AlertId> = ids.filter(|id| id.to_string().starts_with(beginning)).collect();
    match found.as_slice() {
        [id] => Ok(*id),
        [] => bail!("no alert's id begins with {beginning}; `messngr alert list --all` shows them"),
        several => {
            let several = several.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ");
            bail!("several alerts' ids begin with {beginning}:\n  {several}")
        }
    }
}

/// As much of each id as tells it from the others.
pub(super) fn short_names(alerts: &[AlertView]) -> Vec<String> {
    let ids: Vec<String> = alerts.iter().map(|alert| alert.id.to_string()).collect();
    shortened(&ids)
}

fn shortened(ids: &[String]) -> Vec<String> {
    let mut sorted: Vec<&String> = ids.iter().collect();
    sorted.sort_unstable();
    let shared = sorted.windows(2).map(|pair| common(pair[0], pair[1])).max().unwrap_or(0);
    let length = SHORT_CHARS_MIN.max(shared + 1);
    ids.iter()
        .map(|id| id.chars().take(length).collect::<String>().trim_end_matches('-').to_owned())
        .collect()
}

fn common(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn id(second: i64, random: u8) -> AlertId {
        AlertId::new(Timestamp::from_second(second).unwrap(), [random; 10])
    }

    #[test]
    fn an_alert_is_named_by_its_id_its_beginning_or_as_the_last_one() {
        let (old, new) = (id(1_700_000_000, 1), id(1_700_900_000, 2));
        let name = |text: &str| text.parse::<AlertName>().unwrap();
        let meant = |text: &str| super::meant(&name(text), [new, old]).map_err(|error| error.to_string());
        assert_eq!(meant("last"), Ok(new));
        assert_eq!(meant(&old.to_string()), Ok(old));
        let beginning = old.to_string()[..6].to_uppercase();
        assert_eq!(meant(&beginning), Ok(old));
        assert!(meant("018").unwrap_err().contains(&new.to_string()));
        assert!(meant("ff").unwrap_err().contains("alert list"));
        assert!(super::meant(&AlertName::Last, []).is_err());
        assert!("the last".parse::<AlertName>().is_err() && "".parse::<AlertName>().is_err());
    }

    #[test]
    fn short_names_tell_all_alerts_from_each_other() {
        let ids: Vec<String> = [id(1_700_000_000, 1), id(1_700_000_000, 2), id(1_800_000_000, 1)]
            .map(|id| id.to_string())
            .to_vec();
        let short = shortened(&ids);
        assert!(short[0] != short[1] && short.iter().zip(&ids).all(|(short, id)| id.starts_with(short)));
        assert_eq!(shortened(&ids[1..]).iter().map(String::len).max(), Some(8));
    }
}
