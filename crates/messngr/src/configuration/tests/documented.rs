use super::*;

#[test]
fn the_reference_is_a_configuration_of_the_defaults_with_and_without_its_comments() {
    let host = Host::new();
    let defaults = host.loaded("");
    assert_eq!(host.loaded(&reference()), defaults);

    let uncommented: Vec<String> = reference()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => setting.to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    let written = host.loaded(&uncommented.join("\n"));
    assert_eq!(written.configuration, defaults.configuration);
    let from_file = written.sources.values().filter(|source| **source == Source::File).count();
    // All but those that depend on the host: domain, data_dir, netbios_name and url.
    assert_eq!(from_file, written.sources.len() - 4);
}

#[test]
fn the_examples_in_the_reference_are_valid() {
    let examples: Vec<String> =
        reference().lines().map(|line| line.strip_prefix("# Example: ").unwrap_or(line).to_owned()).collect();
    let loaded = Host::new().loaded(&examples.join("\n"));
    assert_eq!(loaded.configuration.domain, "office.internal");
    assert_eq!(loaded.configuration.doors.windows.netbios_name, "OFFICE");
    assert_eq!(loaded.warnings, []);
}

#[test]
fn every_setting_says_what_it_is_for() {
    let described = described();
    for path in ["domain", "doors.xmpp.listen", "archive"] {
        assert!(described.iter().any(|setting| setting.path == path), "{path}");
    }
    let silent: Vec<_> = described.iter().filter(|setting| setting.description.is_empty()).collect();
    assert!(silent.is_empty(), "{silent:?}");
    let text = reference().replace("\n# ", " ");
    let unsaid: Vec<_> = described.iter().filter(|setting| !text.contains(&setting.description)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn the_page_of_the_book_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).is_ok_and(|written| written == page()),
        "docs/configuration.md is not what the code says: run UPDATE_DOCS=1 cargo test -p messngr page_of_the_book"
    );
}
