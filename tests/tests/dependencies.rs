//! What others wrote and we use keeps to deny.toml: its licences, the crates it bans, the places it trusts.

mod workspace;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

#[test]
fn every_dependency_keeps_to_the_rules_of_deny_toml() {
    let rules = Rules::read();
    let targets = rules.graph.targets.iter().flat_map(|target| ["--filter-platform", target]);
    let metadata = workspace::packages(&["--all-features"].into_iter().chain(targets).collect::<Vec<_>>());
    let used = used_packages(&rules.graph.targets);
    let wrong: Vec<String> = metadata
        .iter()
        .filter(|package| {
            used.contains(&(text(package, "name").to_owned(), text(package, "version").to_owned()))
        })
        .flat_map(|package| rules.mistakes(package))
        .collect();
    assert!(used.len() > 20, "cargo tree names only {} packages", used.len());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Name and version of each package that is built. `cargo metadata` alone lists too many: also those which a
/// dependency would switch on only together with something that is off.
fn used_packages(targets: &[String]) -> BTreeSet<(String, String)> {
    let mut used = BTreeSet::new();
    for target in targets {
        let arguments = [
            "tree",
            "--workspace",
            "--all-features",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--target",
            target,
        ];
        for line in workspace::cargo(&arguments).lines() {
            if let [name, version, ..] = line.split(' ').collect::<Vec<_>>()[..] {
                used.insert((name.to_owned(), version.trim_start_matches('v').to_owned()));
            }
        }
    }
    used
}

/// The parts of deny.toml that this test judges by.
#[derive(Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

impl Rules {
    fn read() -> Self {
        toml::from_str(include_str!("../../deny.toml")).expect("deny.toml has the form that cargo-deny reads")
    }

    fn mistakes(&self, package: &Value) -> Vec<String> {
        let name = text(package, "name");
        let mut mistakes = Vec::new();
        if let Some(ban) = self.bans.deny.iter().find(|ban| ban.name == name) {
            mistakes.push(format!("{name}: banned: {}", ban.reason));
        }
        let licence = text(package, "license");
        if !Licence::of(licence).is_some_and(|licence| licence.is_allowed(&self.licenses.allow)) {
            mistakes.push(format!("{name}: licence not allowed: {licence:?}"));
        }
        if !self.is_trusted(package) {
            mistakes
                .push(format!("{name}: neither ours nor from a registry we trust: {}", package["source"]));
        }
        mistakes
    }

    /// Ours has no source and lies in the repository.
    fn is_trusted(&self, package: &Value) -> bool {
        match package["source"].as_str() {
            Some(source) => {
                let registry = source.strip_prefix("registry+");
                registry.is_some_and(|registry| {
                    self.sources.allow_registry.iter().any(|trusted| trusted == registry)
                })
            }
            None => {
                let root = env!("CARGO_MANIFEST_DIR").strip_suffix("tests").unwrap_or_default();
                text(package, "manifest_path").starts_with(root)
            }
        }
    }
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// A licence expression as SPDX 2.3 annex D writes it, with `/` as crates once wrote `OR`.
enum Licence {
    Named(String),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Licence {
    /// `None` if the expression is malformed.
    fn of(expression: &str) -> Option<Self> {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let mut words = spaced.split_whitespace().peekable();
        let licence = Self::any(&mut words)?;
        words.next().is_none().then_some(licence)
    }

    fn is_allowed(&self, allow: &[String]) -> bool {
        match self {
            Self::Named(name) => allow.contains(name),
            Self::All(parts) => parts.iter().all(|part| part.is_allowed(allow)),
            Self::Any(parts) => parts.iter().any(|part| part.is_allowed(allow)),
        }
    }

    fn any<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>) -> Option<Self> {
        let mut parts = vec![Self::all(words)?];
        while words.next_if_eq(&"OR").is_some() {
            parts.push(Self::all(words)?);
        }
        Some(Self::Any(parts))
    }

    fn all<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>) -> Option<Self> {
        let mut parts = vec![Self::one(words)?];
        while words.next_if_eq(&"AND").is_some() {
            parts.push(Self::one(words)?);
        }
        Some(Self::All(parts))
    }

    fn one<'a>(words: &mut Words<'a, impl Iterator<Item = &'a str>>) -> Option<Self> {
        match words.next()? {
            "(" => {
                let inner = Self::any(words)?;
                (words.next()? == ")").then_some(inner)
            }
            ")" | "AND" | "OR" | "WITH" => None,
            name if words.next_if_eq(&"WITH").is_some() => {
                Some(Self::Named(format!("{name} WITH {}", words.next()?)))
            }
            name => Some(Self::Named(name.to_owned())),
        }
    }
}

type Words<'a, I> = std::iter::Peekable<I>;

/// The rules themselves, tried on packages that break them.
mod rule {
    use serde_json::{Value, json};

    use super::Rules;

    fn package(name: &str, licence: &str) -> Value {
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        json!({"name": name, "license": licence, "source": source})
    }

    fn mistakes(package: &Value) -> usize {
        Rules::read().mistakes(package).len()
    }

    #[test]
    fn one_allowed_licence_of_several_to_choose_from_is_enough() {
        for licence in ["MIT", "GPL-3.0-only OR MIT", "Unlicense/MIT", "Apache-2.0 WITH LLVM-exception"] {
            assert_eq!(mistakes(&package("bytes", licence)), 0, "{licence}");
        }
    }

    #[test]
    fn of_licences_that_hold_together_each_must_be_allowed() {
        assert_eq!(mistakes(&package("bytes", "(MIT OR AGPL-3.0-only) AND Unicode-3.0")), 0);
        assert_eq!(mistakes(&package("bytes", "MIT AND AGPL-3.0-only")), 1);
        assert_eq!(mistakes(&package("bytes", "(MIT OR ISC) AND (AGPL-3.0-only OR GPL-2.0-only)")), 1);
    }

    #[test]
    fn a_missing_or_malformed_licence_is_refused() {
        for licence in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND", "MIT WITH"] {
            assert_eq!(mistakes(&package("bytes", licence)), 1, "{licence}");
        }
    }

    #[test]
    fn a_banned_crate_is_refused_whatever_its_licence() {
        for name in ["openssl", "native-tls", "ring", "chrono", "dashmap"] {
            assert_eq!(mistakes(&package(name, "MIT")), 1, "{name}");
        }
    }

    #[test]
    fn nothing_comes_from_elsewhere_than_the_registry() {
        for source in ["git+https://example.org/bytes#1234", "registry+https://example.org/index"] {
            assert_eq!(
                mistakes(&json!({"name": "bytes", "license": "MIT", "source": source})),
                1,
                "{source}"
            );
        }
        let elsewhere = json!({"name": "bytes", "license": "MIT", "manifest_path": "/elsewhere/Cargo.toml"});
        assert_eq!(mistakes(&elsewhere), 1);
    }
}
