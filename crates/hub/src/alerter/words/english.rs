use domain::alerter::{ConditionKind, Details, News, Notice};

use super::{bytes, first_line, how_many, listed, percent, time};

const TIMES: [&str; 3] = ["1 minute", "minutes", "hours"];

pub(super) fn headline(notice: &Notice) -> String {
    match (notice.news, notice.subject()) {
        (News::Begun, Some(subject)) => one(notice, subject),
        (News::GoesOn, Some(subject)) => format!("Still: {}", one(notice, subject)),
        (News::Begun, None) => several(notice),
        (News::GoesOn, None) => format!("Still: {}", several(notice)),
        (News::Normal, Some(subject)) => format!("Back to normal: {}", over(notice, subject)),
        (News::Normal, None) => format!("Back to normal: {}", several_over(notice)),
    }
}

fn one(notice: &Notice, subject: &str) -> String {
    let (count, within) = (notice.count, time(notice.within, TIMES));
    let address = if subject.is_empty() { "many addresses" } else { subject };
    let account = if subject.is_empty() { "many accounts" } else { subject };
    match notice.kind {
        ConditionKind::DiskFilling => match notice.details {
            Details::Space { free, whole } => format!(
                "The disk at {subject} is filling: {} of {} are free ({} %)",
                bytes(free),
                bytes(whole),
                percent(free, whole)
            ),
            _ => format!("The disk at {subject} is filling{}", because(notice)),
        },
        ConditionKind::StoreUnavailable if subject.is_empty() => {
            "The service cannot store anything now".to_owned()
        }
        ConditionKind::StoreUnavailable => format!("{subject} takes nothing to be stored{}", because(notice)),
        ConditionKind::OnBattery => match notice.details {
            Details::Battery { low: true } => {
                format!("The power supply {subject} is on battery, which is nearly empty")
            }
            _ => format!("The power supply {subject} is on battery{}", because(notice)),
        },
        ConditionKind::ServiceFailed => format!("The service {subject} has failed{}", because(notice)),
        ConditionKind::FailedSignIns => format!("{count} failed sign-ins from {address} within {within}"),
        ConditionKind::GuessedPassword => {
            format!("{count} failed sign-ins as {account} within {within}: somebody may be guessing")
        }
        ConditionKind::LockedAccount => {
            format!(
                "The password of {account} was given wrongly too often, and cannot be changed for 10 minutes"
            )
        }
        ConditionKind::RefusedSource => {
            format!(
                "{count} connections from {address}, outside the allowed networks, refused within {within}"
            )
        }
        ConditionKind::SessionLimit => format!("{account}: as many sessions as an account may have"),
        ConditionKind::ConnectionLimit if subject.is_empty() => {
            "There are as many connections as there may be, and others are refused".to_owned()
        }
        ConditionKind::ConnectionLimit => format!("{subject} has as many connections as an address may"),
        ConditionKind::Other => match &notice.details {
            Details::Words(words) if subject.is_empty() => first_line(words),
            Details::Words(words) => format!("{subject}: {}", first_line(words)),
            _ if subject.is_empty() => "Something is not normal".to_owned(),
            _ => format!("{subject} is not normal"),
        },
    }
}

fn several(notice: &Notice) -> String {
    let (number, count) = (how_many(notice), notice.count);
    let (listed, within) = (listed(notice, |more| format!(" and {more} more")), time(notice.within, TIMES));
    match notice.kind {
        ConditionKind::FailedSignIns => {
            format!("Failed sign-ins from {number} addresses: {listed}; {count} in all within {within}")
        }
        ConditionKind::GuessedPassword => {
            format!("Failed sign-ins as {number} accounts: {listed}; {count} in all within {within}")
        }
        ConditionKind::RefusedSource => {
            format!("Connections from {number} addresses outside the allowed networks refused: {listed}")
        }
        ConditionKind::OnBattery => format!("{number} power supplies are on battery: {listed}"),
        kind => format!("{number} {}: {listed}", things(kind)),
    }
}

fn over(notice: &Notice, subject: &str) -> String {
    let count = notice.count;
    match notice.kind {
        ConditionKind::DiskFilling => format!("the disk at {subject} has enough room"),
        ConditionKind::StoreUnavailable => format!("{} stores again", or(subject, "the service")),
        ConditionKind::OnBattery => format!("the power supply {subject} has mains power"),
        ConditionKind::ServiceFailed => format!("the service {subject}"),
        ConditionKind::FailedSignIns if count > 0 => {
            format!("no more failed sign-ins from {} ({count} in all)", or(subject, "many addresses"))
        }
        ConditionKind::FailedSignIns => {
            format!("no more failed sign-ins from {}", or(subject, "many addresses"))
        }
        ConditionKind::GuessedPassword => {
            format!("no more failed sign-ins as {}", or(subject, "many accounts"))
        }
        ConditionKind::LockedAccount => format!("the password of {}", or(subject, "many accounts")),
        ConditionKind::RefusedSource => {
            format!("no more connections from {} to refuse", or(subject, "many addresses"))
        }
        ConditionKind::SessionLimit => format!("the sessions of {}", or(subject, "many accounts")),
        ConditionKind::ConnectionLimit => {
            format!("the number of connections of {}", or(subject, "all together"))
        }
        ConditionKind::Other => or(subject, "what was raised").to_owned(),
    }
}

fn several_over(notice: &Notice) -> String {
    let listed = listed(notice, |more| format!(" and {more} more"));
    format!("{} {}: {listed}", how_many(notice), things(notice.kind))
}

fn things(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::DiskFilling => "disks that were filling",
        ConditionKind::StoreUnavailable => "stores",
        ConditionKind::OnBattery => "power supplies",
        ConditionKind::ServiceFailed => "failed services",
        ConditionKind::FailedSignIns => "addresses with failed sign-ins",
        ConditionKind::GuessedPassword => "accounts with failed sign-ins",
        ConditionKind::LockedAccount => "accounts whose password was given wrongly too often",
        ConditionKind::RefusedSource => "addresses outside the allowed networks",
        ConditionKind::SessionLimit => "accounts with as many sessions as they may have",
        ConditionKind::ConnectionLimit => "addresses with as many connections as they may have",
        ConditionKind::Other => "conditions",
    }
}

/// The words of whoever raised it.
fn because(notice: &Notice) -> String {
    match &notice.details {
        Details::Words(words) => format!(": {}", first_line(words)),
        _ => String::new(),
    }
}

fn or<'a>(subject: &'a str, otherwise: &'a str) -> &'a str {
    if subject.is_empty() { otherwise } else { subject }
}
