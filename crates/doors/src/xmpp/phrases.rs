mod own;

use domain::{Alert, AlertKind, AlertState, Severity, Words};

/// A language in which the service speaks to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Spanish,
}

impl Language {
    /// The language of a tag (RFC 5646): Spanish where it is asked for, English otherwise.
    pub(super) fn of(tag: Option<&str>) -> Self {
        let primary = tag.and_then(|tag| tag.split('-').next()).unwrap_or("en");
        if primary.eq_ignore_ascii_case("es") { Self::Spanish } else { Self::English }
    }

    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    fn severity(self, severity: Severity) -> &'static str {
        match (self, severity) {
            (Self::English, Severity::Information) => "INFORMATION",
            (Self::English, Severity::Minor) => "MINOR ALERT",
            (Self::English, Severity::Moderate) => "MODERATE ALERT",
            (Self::English, Severity::Severe) => "SEVERE ALERT",
            (Self::English, Severity::Extreme) => "EXTREME ALERT",
            (Self::Spanish, Severity::Information) => "INFORMACIÓN",
            (Self::Spanish, Severity::Minor) => "ALERTA LEVE",
            (Self::Spanish, Severity::Moderate) => "ALERTA MODERADA",
            (Self::Spanish, Severity::Severe) => "ALERTA GRAVE",
            (Self::Spanish, Severity::Extreme) => "ALERTA EXTREMA",
        }
    }

    /// What stands before everything that a drill, or a test of its sender's, says.
    fn mark(self, alert: &Alert) -> &'static str {
        match (alert.draft.test, alert.draft.drill, self) {
            (true, _, Self::English) => "TEST, ONLY FOR YOU: ",
            (true, _, Self::Spanish) => "PRUEBA, SOLO PARA TI: ",
            (_, true, Self::English) => "DRILL: ",
            (_, true, Self::Spanish) => "SIMULACRO: ",
            _ => "",
        }
    }

    /// The subject of an alert's message.
    pub(super) fn subject(self, alert: &Alert, words: Words<'_>) -> String {
        format!("{}{}", self.mark(alert), words.headline)
    }

    /// An alert as a message, in these words of it.
    pub(super) fn alert(self, alert: &Alert, words: Words<'_>) -> String {
        let draft = &alert.draft;
        let kind = match (draft.kind, self) {
            (AlertKind::Alert, _) => self.severity(draft.severity),
            (AlertKind::Announcement, Self::English) => "ANNOUNCEMENT",
            (AlertKind::Announcement, Self::Spanish) => "ANUNCIO",
        };
        let mut text = format!("{}{kind}: {}", self.mark(alert), words.headline);
        for line in std::iter::once(words.text).chain(draft.links()).filter(|line| !line.is_empty()) {
            text.push('\n');
            text.push_str(line);
        }
        let (from, until) = match self {
            Self::English => ("From", "Valid until"),
            Self::Spanish => ("De", "Válida hasta"),
        };
        text.push_str(&format!("\n{from} {}.", draft.issuer));
        if let Some(expires_at) = draft.expires_at {
            text.push_str(&format!(" {until} {}.", expires_at.strftime("%Y-%m-%d %H:%M UTC")));
        }
        if draft.must_confirm {
            let choices = words.choices.join(if self == Self::English { " or " } else { " o " });
            text.push_str(&match self {
                Self::English => format!("\nPlease answer: {choices}"),
                Self::Spanish => format!("\nResponde, por favor: {choices}"),
            });
        }
        text
    }

    /// That an alert is over.
    pub(super) fn alert_ended(self, alert: &Alert, headline: &str) -> String {
        let mark = self.mark(alert);
        match (self, &alert.state) {
            (Self::English, AlertState::Cancelled { .. }) => format!("{mark}Called off: {headline}"),
            (Self::English, AlertState::Superseded { .. }) => {
                format!("{mark}Replaced by a newer alert: {headline}")
            }
            (Self::English, _) => format!("{mark}No longer in force: {headline}"),
            (Self::Spanish, AlertState::Cancelled { .. }) => format!("{mark}Anulada: {headline}"),
            (Self::Spanish, AlertState::Superseded { .. }) => {
                format!("{mark}Sustituida por otra más nueva: {headline}")
            }
            (Self::Spanish, _) => format!("{mark}Ya no está en vigor: {headline}"),
        }
    }

    /// That the person has answered an alert on another device.
    pub(super) fn answered_elsewhere(self, headline: &str, choice: &str, device: &str) -> String {
        match self {
            Self::English => format!("Answered with \"{choice}\" on {device}: {headline}"),
            Self::Spanish => format!("Respondida con «{choice}» en {device}: {headline}"),
        }
    }

    /// That an answer was taken.
    pub(super) fn confirmed(self, headline: &str, choice: &str, first: bool) -> String {
        match (self, first) {
            (Self::English, true) => format!("Your answer \"{choice}\" to \"{headline}\" is recorded."),
            (Self::English, false) => {
                format!("You have answered \"{headline}\" before; \"{choice}\" counts.")
            }
            (Self::Spanish, true) => format!("Tu respuesta «{choice}» a «{headline}» ha quedado registrada."),
            (Self::Spanish, false) => format!("Ya habías respondido a «{headline}»; cuenta «{choice}»."),
        }
    }

    /// That an answer fits no alert; `open` are headlines with their choices.
    pub(super) fn not_an_answer(self, open: &[(String, String)]) -> String {
        let mut text = match (self, open.is_empty()) {
            (Self::English, true) => "No alert is waiting for your answer.".to_owned(),
            (Self::English, false) => "That answers no alert. These wait for your answer:".to_owned(),
            (Self::Spanish, true) => "Ninguna alerta espera tu respuesta.".to_owned(),
            (Self::Spanish, false) => {
                "Eso no responde a ninguna alerta. Estas esperan tu respuesta:".to_owned()
            }
        };
        for (headline, choices) in open {
            text.push_str(&format!("\n{headline}: {choices}"));
        }
        text
    }

    /// The title of the command by which an alert is confirmed.
    pub(super) fn confirm_title(self) -> &'static str {
        match self {
            Self::English => "Confirm an alert",
            Self::Spanish => "Confirmar una alerta",
        }
    }

    /// The title of the command by which a person says who may reach them.
    pub(super) fn unverified_title(self) -> &'static str {
        match self {
            Self::English => "Messages from unverified senders (NET SEND, WinPopup)",
            Self::Spanish => "Mensajes de remitentes sin verificar (NET SEND, WinPopup)",
        }
    }

    /// That a setting is as the person wants it.
    pub(super) fn saved(self) -> &'static str {
        match self {
            Self::English => "Saved.",
            Self::Spanish => "Guardado.",
        }
    }

    /// Who a message of an old protocol is from, before its words.
    pub(super) fn unverified(self, name: &str, source: &str) -> String {
        match self {
            Self::English => format!("{name} (Windows, unverified, from {source})"),
            Self::Spanish => format!("{name} (Windows, sin verificar, desde {source})"),
        }
    }
}
