use serde::{Deserialize, Serialize};

/// What a person wants kept of their messages (XEP-0441).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivePreferences {
    /// What is kept unless a list says otherwise.
    pub default: ArchiveDefault,
    /// Whose messages are always kept: normalised JIDs, with or without a device.
    pub always: Vec<String>,
    /// Whose messages never are. Who is on both lists is on this one.
    pub never: Vec<String>,
}

/// What is kept of messages to and from people on neither list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveDefault {
    /// Everything.
    #[default]
    Always,
    /// Nothing.
    Never,
    /// What goes to and comes from people on the list of contacts.
    Contacts,
}

impl ArchivePreferences {
    /// Whether a message to or from this person, or this device of theirs, is kept (XEP-0441 §2.3).
    pub fn keeps(&self, other: &str, device: Option<&str>, is_contact: impl FnOnce() -> bool) -> bool {
        let full = device.map(|device| format!("{other}/{device}"));
        let names = |jids: &[String]| jids.iter().any(|jid| jid == other || Some(jid) == full.as_ref());
        if names(&self.never) {
            return false;
        }
        names(&self.always)
            || match self.default {
                ArchiveDefault::Always => true,
                ArchiveDefault::Never => false,
                ArchiveDefault::Contacts => is_contact(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_before_the_default_and_never_before_always() {
        let preferences = |default| ArchivePreferences {
            default,
            always: vec!["a@x".to_owned(), "c@x".to_owned()],
            never: vec!["b@x".to_owned(), "c@x".to_owned(), "d@x/phone".to_owned()],
        };
        for default in [ArchiveDefault::Always, ArchiveDefault::Never, ArchiveDefault::Contacts] {
            let preferences = preferences(default);
            assert!(preferences.keeps("a@x", None, || false));
            assert!(!preferences.keeps("b@x", Some("home"), || true));
            assert!(!preferences.keeps("c@x", None, || true));
        }
        assert!(!preferences(ArchiveDefault::Always).keeps("d@x", Some("phone"), || true));
        assert!(preferences(ArchiveDefault::Always).keeps("d@x", Some("home"), || false));
        assert!(!preferences(ArchiveDefault::Never).keeps("e@x", None, || true));
        assert!(preferences(ArchiveDefault::Contacts).keeps("e@x", None, || true));
        assert!(!preferences(ArchiveDefault::Contacts).keeps("e@x", None, || false));
    }
}
