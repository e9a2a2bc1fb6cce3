//! Who makes room for a new caller, so that nobody keeps others out: neither who calls again and again, nor who pretends
//! to be at many addresses.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;

use super::activity::{Activity, Stage};
use super::{Key, Limits};

/// Makes room for a caller at the address that is new, and so has proved nothing; or says that there is none.
pub(super) fn make(activities: &mut HashMap<Key, Activity>, address: IpAddr, limits: &Limits) -> bool {
    let unproved = activities.values().filter(|activity| !activity.proved).count();
    if unproved >= limits.unproved_max && !forget_one(activities, |_, activity| !activity.proved) {
        return false;
    }
    let of_address = activities.keys().filter(|key| key.0.ip() == address).count();
    if of_address >= limits.activities_per_address_max
        && !forget_one(activities, |key, _| key.0.ip() == address)
    {
        return false;
    }
    activities.len() < limits.activities_max || forget_one(activities, |_, _| true)
}

/// Forgets one of these callers that loses nothing by it, if there is one: first who has its answer, then who has
/// proved nothing and can begin again. The address that has most of such callers gives up one, the oldest.
fn forget_one(activities: &mut HashMap<Key, Activity>, among: impl Fn(&Key, &Activity) -> bool) -> bool {
    let loses_nothing = |activity: &Activity| !activity.proved || matches!(activity.stage, Stage::Done);
    let candidates =
        || activities.iter().filter(|(key, activity)| among(key, activity) && loses_nothing(activity));
    let mut places: HashMap<(IpAddr, bool), usize> = HashMap::new();
    for (key, activity) in candidates() {
        *places.entry((key.0.ip(), activity.proved)).or_default() += 1;
    }
    let first = candidates().min_by_key(|(key, activity)| {
        let places = places.get(&(key.0.ip(), activity.proved)).copied().unwrap_or_default();
        (!activity.proved, Reverse(places), activity.since)
    });
    let first = first.map(|(key, _)| *key);
    first.is_some_and(|key| activities.remove(&key).is_some())
}
