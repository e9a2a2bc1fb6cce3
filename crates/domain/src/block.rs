use std::collections::BTreeSet;

/// Whom a person has blocked: people, devices and whole domains, as normalised JIDs (XEP-0191).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockList(BTreeSet<String>);

impl BlockList {
    /// A list of these.
    pub fn new(jids: impl IntoIterator<Item = String>) -> Self {
        Self(jids.into_iter().collect())
    }

    /// The list with these too.
    #[must_use]
    pub fn with(&self, jids: &[String]) -> Self {
        Self(self.0.iter().chain(jids).cloned().collect())
    }

    /// The list without these.
    #[must_use]
    pub fn without(&self, jids: &[String]) -> Self {
        Self(self.0.iter().filter(|jid| !jids.contains(jid)).cloned().collect())
    }

    /// Who is on it, in the order of the JIDs.
    pub fn jids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it blocks this person or host, or this device of theirs (XEP-0191 §5). Where no device is named, only
    /// what blocks all of them does.
    pub fn blocks(&self, bare: &str, device: Option<&str>) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let domain = bare.split_once('@').map_or(bare, |(_, domain)| domain);
        let device = |of: &str| device.is_some_and(|device| self.0.contains(&format!("{of}/{device}")));
        self.0.contains(bare) || self.0.contains(domain) || device(bare) || device(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(jid: &str, bare: &str, device: Option<&str>) -> bool {
        BlockList::new([jid.to_owned()]).blocks(bare, device)
    }

    #[test]
    fn a_person_a_device_and_a_domain_block_what_they_name() {
        assert!(blocks("bert@x.internal", "bert@x.internal", None));
        assert!(blocks("bert@x.internal", "bert@x.internal", Some("home")));
        assert!(!blocks("bert@x.internal", "bertha@x.internal", None));
        assert!(blocks("bert@x.internal/home", "bert@x.internal", Some("home")));
        assert!(!blocks("bert@x.internal/home", "bert@x.internal", Some("phone")));
        assert!(!blocks("bert@x.internal/home", "bert@x.internal", None));
        assert!(blocks("x.internal", "bert@x.internal", Some("home")));
        assert!(blocks("x.internal", "x.internal", None));
        assert!(!blocks("x.internal", "bert@windows.x.internal", None));
        assert!(blocks("x.internal/home", "bert@x.internal", Some("home")));
        assert!(!blocks("x.internal/home", "bert@x.internal", Some("phone")));
        assert!(!BlockList::default().blocks("bert@x.internal", None));
    }

    #[test]
    fn what_is_added_and_taken_away_leaves_the_rest() {
        let list = BlockList::new(["b@x".to_owned()]).with(&["a@x".to_owned(), "b@x".to_owned()]);
        assert_eq!(list.jids().collect::<Vec<_>>(), ["a@x", "b@x"]);
        assert_eq!(list.without(&["a@x".to_owned(), "c@x".to_owned()]).jids().collect::<Vec<_>>(), ["b@x"]);
    }
}
