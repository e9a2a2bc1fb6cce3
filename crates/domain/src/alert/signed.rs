use super::{Alert, AlertKind};

/// Which form of an alert a signature covers. What was signed in an older form still verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedForm {
    /// Before there were kinds, languages, repetitions, escalations, drills and links.
    First,
    /// Everything that people decide by.
    Second,
}

impl Alert {
    /// What the signature covers: the fields that people read and decide by, in a fixed order, as JSON.
    pub fn signed_content(&self, form: SignedForm) -> String {
        let draft = &self.draft;
        let fields = [
            ("id", text(&self.id.to_string())),
            ("issuer", text(draft.issuer.as_str())),
            ("headline", text(&draft.headline)),
            ("text", text(&draft.text)),
            ("severity", text(draft.severity.as_str())),
            ("audience", text(&draft.audience.to_string())),
            ("choices", list(draft.choices.iter().map(|choice| text(choice)))),
            ("must_confirm", draft.must_confirm.to_string()),
            ("effective_at", text(&self.effective_at.to_string())),
            ("expires_at", optional(draft.expires_at.map(|at| text(&at.to_string())))),
        ];
        match form {
            SignedForm::First => object(fields),
            SignedForm::Second => {
                let form = [("form", "2".to_owned())];
                object(form.into_iter().chain(fields).chain(self.second_fields()))
            }
        }
    }

    fn second_fields(&self) -> [(&'static str, String); 11] {
        let draft = &self.draft;
        let kind = match draft.kind {
            AlertKind::Alert => "alert",
            AlertKind::Announcement => "announcement",
        };
        let translations = draft.translations.iter().map(|(tag, translation)| {
            object([
                ("language", text(tag.as_str())),
                ("headline", text(&translation.headline)),
                ("text", text(&translation.text)),
                ("choices", list(translation.choices.iter().map(|choice| text(choice)))),
            ])
        });
        let levels = draft.escalation.iter().map(|level| {
            object([
                ("after_seconds", level.after_seconds.to_string()),
                ("fewer_than", text(&level.fewer_than.to_string())),
                ("audience", text(&level.audience.to_string())),
            ])
        });
        [
            ("kind", text(kind)),
            ("language", optional(draft.language.as_ref().map(|tag| text(tag.as_str())))),
            ("translations", list(translations)),
            ("lifetime", text(draft.lifetime.as_str())),
            ("repeat_seconds", optional(draft.repeat_seconds.map(|seconds| seconds.to_string()))),
            ("escalation", list(levels)),
            ("drill", draft.drill.to_string()),
            ("test", draft.test.to_string()),
            ("link", optional(draft.link.as_ref().map(|link| text(link)))),
            ("attachments", list(draft.attachments.iter().map(|link| text(link)))),
            ("updates", optional(draft.updates.map(|id| text(&id.to_string())))),
        ]
    }
}

fn object(fields: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

fn optional(value: Option<String>) -> String {
    value.unwrap_or_else(|| "null".to_owned())
}

fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out + "\""
}
