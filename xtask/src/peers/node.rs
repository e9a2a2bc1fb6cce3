//! What drives a browser and looks at the browser client: packages of npm with pinned versions, in a folder of their own.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{apt, is_program};
use crate::workspace::{program_directories, run, search_path};

/// Node 18, which Debian 12 has, can run these.
const PACKAGES: [(&str, &str); 8] = [
    ("playwright-core", "1.60.0"),
    ("@axe-core/playwright", "4.11.0"),
    ("pixelmatch", "7.1.0"),
    ("pngjs", "7.0.0"),
    ("typescript", "5.9.3"),
    // The types of what `web/vendor` has, in the same versions.
    ("preact", "11.2.0"),
    ("@preact/signals", "2.11.4"),
    ("htm", "3.1.1"),
];

/// Makes `PEERS/node` with the packages, unless they are there.
pub(super) fn install(peers: &Path) -> Result<()> {
    let has = |program: &str| program_directories().iter().any(|folder| is_program(&folder.join(program)));
    // Where Node came from elsewhere it brought npm along, and Debian's package would not go together with it.
    if !has("node") || !has("npm") {
        apt::install(&["nodejs", "npm"])?;
    }
    let folder = peers.join("node");
    if missing(&folder).is_some() {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
        let mut npm = Command::new("npm");
        npm.env("PATH", search_path()?).current_dir(&folder);
        npm.args(["install", "--no-audit", "--no-fund", "--no-progress", "--ignore-scripts", "--save-exact"]);
        run(npm.args(PACKAGES.map(|(name, version)| format!("{name}@{version}"))))?;
    }
    if let Some(missing) = missing(&folder) {
        ensure!(false, "still missing after the installation: {missing} in {}", folder.display());
    }
    println!(
        "node: {} are installed",
        PACKAGES.map(|(name, version)| format!("{name} {version}")).join(", ")
    );
    Ok(())
}

fn missing(folder: &Path) -> Option<String> {
    let is_there = |(name, version): &&(&str, &str)| {
        let description = folder.join("node_modules").join(name).join("package.json");
        let text = fs::read_to_string(description).unwrap_or_default();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        read["version"] == *version
    };
    let (name, version) = PACKAGES.iter().find(|package| !is_there(package))?;
    Some(format!("{name} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_another_version_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        for (name, version) in PACKAGES {
            let place = folder.path().join("node_modules").join(name);
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join("package.json"), format!("{{\"version\":\"{version}\"}}")).unwrap();
        }
        assert_eq!(missing(folder.path()), None);
        let place = folder.path().join("node_modules/typescript/package.json");
        fs::write(place, "{\"version\":\"1.0.0\"}").unwrap();
        assert_eq!(missing(folder.path()), Some("typescript 5.9.3".to_owned()));
    }
}
