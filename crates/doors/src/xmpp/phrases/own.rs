//! What the service says to a person about being away and about privacy.

use domain::WhoSees;

use super::Language::{self, English, Spanish};

impl Language {
    fn choose(self, english: &'static str, spanish: &'static str) -> &'static str {
        match self {
            English => english,
            Spanish => spanish,
        }
    }

    /// An answer that somebody's absence gives.
    pub(in super::super) fn automatic(self, words: &str) -> String {
        format!("{}: {words}", self.choose("Automatic reply", "Respuesta automática"))
    }

    /// The title of the command by which a person says that they are away.
    pub(in super::super) fn away_title(self) -> &'static str {
        self.choose("Set your absence", "Indicar tu ausencia")
    }

    pub(in super::super) fn away_instructions(self) -> &'static str {
        self.choose(
            "While you are away, each person who writes to you is answered once, also while you are signed out.",
            "Mientras estés ausente, cada persona que te escriba recibe una respuesta, una sola vez, aunque no estés conectado.",
        )
    }

    pub(in super::super) fn away_label(self) -> &'static str {
        self.choose("I am away", "Estoy ausente")
    }

    pub(in super::super) fn away_text_label(self) -> &'static str {
        self.choose("What people are told", "Qué se responde")
    }

    pub(in super::super) fn away_hours_label(self) -> &'static str {
        self.choose("For how long", "Durante cuánto tiempo")
    }

    /// So many hours from now; 0 is without an end.
    pub(in super::super) fn hours(self, hours: i64) -> String {
        let days = hours / 24;
        match (self, hours) {
            (English, 0) => "until I am back".to_owned(),
            (Spanish, 0) => "hasta que vuelva".to_owned(),
            (English, 1) => "1 hour".to_owned(),
            (Spanish, 1) => "1 hora".to_owned(),
            (English, 24) => "1 day".to_owned(),
            (Spanish, 24) => "1 día".to_owned(),
            (English, 25..) => format!("{days} days"),
            (Spanish, 25..) => format!("{days} días"),
            (English, _) => format!("{hours} hours"),
            (Spanish, _) => format!("{hours} horas"),
        }
    }

    /// The title of the command by which a person says what they want to be spared and to keep to themselves.
    pub(in super::super) fn privacy_title(self) -> &'static str {
        self.choose("Privacy", "Privacidad")
    }

    pub(in super::super) fn privacy_instructions(self) -> &'static str {
        self.choose(
            "Who may write: everyone, contacts, contacts-and-my-groups, or groups:NAME,NAME for contacts and these groups. Alerts of administrators always reach you.",
            "Quién puede escribirte: everyone (todos), contacts (contactos), contacts-and-my-groups (contactos y mis grupos) o groups:NOMBRE,NOMBRE (contactos y estos grupos). Las alertas de los administradores siempre llegan.",
        )
    }

    pub(in super::super) fn writes_label(self) -> &'static str {
        self.choose("Who may write to me", "Quién puede escribirme")
    }

    pub(in super::super) fn reading_label(self) -> &'static str {
        self.choose("Who sees that I have read", "Quién ve que he leído")
    }

    pub(in super::super) fn typing_label(self) -> &'static str {
        self.choose("Who sees that I am typing", "Quién ve que estoy escribiendo")
    }

    pub(in super::super) fn last_activity_label(self) -> &'static str {
        self.choose("Who sees when I was last here", "Quién ve cuándo estuve aquí por última vez")
    }

    pub(in super::super) fn invisible_label(self) -> &'static str {
        self.choose("Be invisible", "Ser invisible")
    }

    pub(in super::super) fn who_sees(self, who: WhoSees) -> &'static str {
        match who {
            WhoSees::Everyone => self.choose("everyone", "todos"),
            WhoSees::Contacts => self.choose("contacts", "contactos"),
            WhoSees::Nobody => self.choose("nobody", "nadie"),
        }
    }
}
