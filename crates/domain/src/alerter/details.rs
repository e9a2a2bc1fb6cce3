use serde::{Deserialize, Serialize};

/// What there is to say of a condition beside its kind and its subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Details {
    /// Nothing.
    #[default]
    None,
    /// The words of whoever raised it.
    Words(String),
    /// How much room a disk has.
    Space {
        /// The bytes that are free.
        free: u64,
        /// All of them.
        whole: u64,
    },
    /// What is known of a battery.
    Battery {
        /// Whether it lasts only a short while longer.
        low: bool,
    },
}
