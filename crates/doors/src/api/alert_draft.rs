use domain::{Address, AlertDraft, AlertKind};
use jiff::{SignedDuration, Timestamp};

use ::api::alerts::NewAlert;

use super::Problem;

/// The draft that a new alert is, in this name.
pub(super) fn draft_of(new: NewAlert, issuer: Address, now: Timestamp) -> Result<AlertDraft, Problem> {
    let expires_at = match (new.expires_at, new.expires_in_seconds) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid("give expires_at or expires_in_seconds, not both"));
        }
        (at, None) => at,
        (None, Some(seconds)) => {
            let begins_at = new.begins_at.unwrap_or(now).max(now);
            let at = begins_at.checked_add(SignedDuration::from_secs(seconds.into()));
            Some(at.map_err(|error| Problem::invalid(error.to_string()))?)
        }
    };
    Ok(AlertDraft {
        issuer,
        headline: new.headline,
        text: new.text,
        severity: new.severity,
        audience: new.audience,
        choices: new.choices,
        must_confirm: new.must_confirm.unwrap_or(new.kind == AlertKind::Alert),
        expires_at,
        kind: new.kind,
        language: new.language,
        translations: new.translations,
        lifetime: new.lifetime,
        begins_at: new.begins_at,
        repeat_seconds: new.repeat_seconds,
        escalation: new.escalation,
        drill: new.drill,
        test: new.test,
        link: new.link,
        attachments: new.attachments,
        updates: new.updates,
        key: new.key,
    })
}
