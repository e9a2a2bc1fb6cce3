use std::{cmp::Reverse, str::FromStr};

use anyhow::bail;
use domain::{AlertId, AlertPhase};
use doors::api::alerts::AlertView;

use super::context::{Context, say};
use crate::client::{ApiPath, Client, ClientError};

/// The fewest characters by which an alert is listed.
const SHORT_CHARS_MIN: usize = 8;

/// How many alerts are looked at before more are asked for, where the newest one is meant.
const PAGE: usize = 50;

/// How a person names an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AlertName {
    /// By its whole id.
    Id(AlertId),
    /// By the beginning of its id: hexadecimal digits and hyphens, in small letters.
    Beginning(String),
    /// As the newest one of who acts that it makes sense for.
    Last,
}

/// What somebody wants to do with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To look at it, whatever has become of it.
    Look,
    /// To change, send or delete it: a draft.
    Draft,
    /// To release it.
    Release,
    /// To call it off, or to put another in its place.
    End,
}

impl Purpose {
    fn phases(self) -> &'static [AlertPhase] {
        match self {
            Self::Look => &[AlertPhase::Waiting, AlertPhase::Planned, AlertPhase::Open, AlertPhase::Ended],
            Self::Draft => &[AlertPhase::Draft],
            Self::Release => &[AlertPhase::Waiting],
            Self::End => &[AlertPhase::Waiting, AlertPhase::Planned, AlertPhase::Open],
        }
    }

    /// Whether it is about the alerts of who acts. What somebody releases is another's.
    fn suits(self, alert: &AlertView, acting: Option<&str>) -> bool {
        let own = |name: &str| [alert.issuer.name(), alert.issuer.as_str()].contains(&name);
        match self {
            Self::Release => !acting.is_some_and(own),
            _ => acting.is_none_or(own),
        }
    }

    /// What is said where there is none.
    fn nothing(self, acting: Option<&str>) -> String {
        let of = acting.map(|name| format!(" of {name}'s")).unwrap_or_default();
        match self {
            Self::Look => format!("no alert{of} was ever sent; `messngr alert list --all` shows everybody's"),
            Self::Draft => format!("there is no draft{of}; `messngr alert draft list` shows everybody's"),
            Self::Release => "no alert of somebody else's waits for a release".to_owned(),
            Self::End => format!(
                "no alert{of} is in force, planned or waiting; `messngr alert list --all` shows everybody's"
            ),
        }
    }
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
    let mut alerts: Vec<AlertView> = client.list(&ApiPath::new(&["alerts"]).with("all", &true)).await?;
    // Ids are in the order in which they were given.
    alerts.sort_unstable_by_key(|alert| Reverse(alert.id));
    Ok(alerts)
}

/// The alert that is meant by who acts in the name of `speaker`. Where the last one is, it is said which that is.
pub(super) async fn resolve(
    context: &Context,
    client: &Client,
    name: &AlertName,
    purpose: Purpose,
    speaker: Option<&str>,
) -> anyhow::Result<AlertId> {
    match name {
        AlertName::Id(id) => Ok(*id),
        AlertName::Beginning(beginning) => {
            beginning_with(beginning, all(client).await?.iter().map(|alert| alert.id))
        }
        AlertName::Last => {
            let acting = context.acting(speaker);
            let Some(alert) = last(client, purpose, acting).await? else { bail!(purpose.nothing(acting)) };
            say(format_args!("The last one is {} \"{}\" ({}).", alert.id, alert.headline, alert.status));
            Ok(alert.id)
        }
    }
}

/// The newest alert that suits.
async fn last(
    client: &Client,
    purpose: Purpose,
    acting: Option<&str>,
) -> Result<Option<AlertView>, ClientError> {
    let mut newest: Option<AlertView> = None;
    for phase in purpose.phases() {
        let mut after: Option<AlertId> = None;
        loop {
            let path = ApiPath::new(&["alerts"]).with("phase", &phase.as_str()).with("limit", &PAGE);
            let path = after.map_or(path.clone(), |after| path.with("after", &after));
            let page: Vec<AlertView> = client.get(&path).await?;
            after = page.last().map(|alert| alert.id).filter(|_| page.len() == PAGE);
            if let Some(found) = page.into_iter().find(|alert| purpose.suits(alert, acting)) {
                newest = newest.into_iter().chain([found]).max_by_key(|alert| alert.id);
                break;
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok(newest)
}

/// The one of `ids` that begins so.
fn beginning_with(beginning: &str, ids: impl IntoIterator<Item = AlertId>) -> anyhow::Result<AlertId> {
    let ids = ids.into_iter();
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
        let meant = |text: &str| match name(text) {
            AlertName::Beginning(beginning) => {
                beginning_with(&beginning, [new, old]).map_err(|error| error.to_string())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(name("last"), AlertName::Last);
        assert_eq!(name(&old.to_string()), AlertName::Id(old));
        let beginning = old.to_string()[..6].to_uppercase();
        assert_eq!(meant(&beginning), Ok(old));
        assert!(meant("018").unwrap_err().contains(&new.to_string()));
        assert!(meant("ff").unwrap_err().contains("alert list"));
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
