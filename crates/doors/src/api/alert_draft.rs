use domain::{Address, AlertDraft, AlertKind};

use ::api::alerts::NewAlert;

use super::Problem;

/// The draft that a new alert is, in this name.
pub(super) fn draft_of(new: NewAlert, issuer: Address) -> Result<AlertDraft, Problem> {
    if new.expires_at.is_some() && new.expires_in_seconds.is_some() {
        return Err(Problem::invalid("give expires_at or expires_in_seconds, not both"));
    }
    Ok(AlertDraft {
        issuer,
        headline: new.headline,
        text: new.text,
        severity: new.severity,
        audience: new.audience,
        choices: new.choices,
        must_confirm: new.must_confirm.unwrap_or(new.kind == AlertKind::Alert),
        expires_at: new.expires_at,
        expires_after_seconds: new.expires_in_seconds,
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
