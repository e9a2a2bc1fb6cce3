//! The repository is tidy: what a reader of any file may rely on.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const RUST_LINES_MAX: usize = 600;
/// Written by hand, so that a tab or a space at the end of a line is an oversight.
const TEXT: [&str; 11] = ["css", "html", "js", "md", "rs", "service", "sh", "sql", "toml", "yaml", "yml"];
/// Where people and build machines keep their own files.
const PRIVATE_DIRECTORIES: [&str; 6] = ["home", "root", "Users", "work", "builds", "mnt"];
/// Whose home the examples in the books and in error messages are about.
const EXAMPLE_HOME: &str = "/home/anna";

/// A text file of the repository; its path starts at the root.
struct File {
    path: String,
    text: String,
}

#[test]
fn a_rust_file_can_be_held_in_the_head() {
    complain(files().iter().filter_map(too_long));
}

#[test]
fn no_line_holds_a_tab_or_ends_in_space() {
    complain(files().iter().flat_map(untidy_lines));
}

#[test]
fn every_crate_says_what_it_is_and_forbids_unsafe_code() {
    complain(incomplete_crates(&files()));
}

#[test]
fn the_list_of_what_is_implemented_points_to_files_that_exist() {
    let index = fs::read_to_string(Path::new(ROOT).join("spec/index.tsv")).expect("spec/index.tsv is there");
    complain(index_mistakes(&index, |path| Path::new(ROOT).join(path).exists(), shows_something));
}

#[test]
fn nothing_depends_on_the_machine_of_its_author() {
    complain(files().iter().flat_map(private_paths));
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    complain(files().iter().flat_map(|file| broken_links(file, |path| Path::new(ROOT).join(path).exists())));
}

fn complain(mistakes: impl IntoIterator<Item = String>) {
    let mistakes: Vec<String> = mistakes.into_iter().collect();
    assert!(mistakes.is_empty(), "\n{}\n", mistakes.join("\n"));
}

/// What git tracks, and what it would track at the next `git add`: a mistake is best seen before the commit.
fn files() -> Vec<File> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(ROOT)
        .output()
        .expect("git starts");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let paths: BTreeSet<String> =
        String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(str::to_owned).collect();
    let files: Vec<File> = paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(Path::new(ROOT).join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect();
    assert!(
        files.iter().any(|file| file.path == "Cargo.toml"),
        "git does not list the files of the repository"
    );
    files
}

fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (file.extension() == "rs" && lines > RUST_LINES_MAX).then(|| {
        format!("{}: {lines} lines; at most {RUST_LINES_MAX}: it has more than one subject", file.path)
    })
}

fn untidy_lines(file: &File) -> Vec<String> {
    if !TEXT.contains(&file.extension()) {
        return Vec::new();
    }
    let mut mistakes = Vec::new();
    for (number, line) in (1..).zip(file.text.split('\n')) {
        if line.contains('\t') {
            mistakes.push(format!("{}:{number}: a tab", file.path));
        }
        if line.ends_with([' ', '\t', '\r']) {
            mistakes.push(format!("{}:{number}: space at the end", file.path));
        }
    }
    mistakes
}

/// The heading under which a crate argues in its README for what all others are forbidden.
const UNSAFE_ARGUED: &str = "## Why there is unsafe code";

fn incomplete_crates(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    let manifests = files.iter().filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    let mut mistakes = Vec::new();
    for folder in manifests {
        let readme = format!("{folder}/README.md");
        if text(&readme).is_none_or(|readme| readme.trim().is_empty()) {
            mistakes.push(format!(
                "{readme}: missing: a few lines on what the crate is, and what goes in and out"
            ));
        }
        let argued = text(&readme).is_some_and(|readme| readme.lines().any(|line| line == UNSAFE_ARGUED));
        for source in [format!("{folder}/src/lib.rs"), format!("{folder}/src/main.rs")] {
            if argued {
                continue;
            }
            if text(&source).is_some_and(|text| !text.lines().any(|line| line == "#![forbid(unsafe_code)]")) {
                mistakes.push(format!("{source}: lacks #![forbid(unsafe_code)]"));
            }
        }
    }
    mistakes
}

/// Five columns: document, section, status with its reason, the files that do it, and what shows it, files of tests and
/// dialogues or folders of those, both separated by commas; what is not implemented may have `-` there.
fn index_mistakes(
    index: &str,
    exists: impl Fn(&str) -> bool,
    shows_something: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (number, line) in (1..).zip(index.lines()) {
        if line.is_empty() || line.starts_with('#') || line == "document\tsection\tstatus\tfile\tshown by" {
            continue;
        }
        let mut mistake = |what: &str| mistakes.push(format!("spec/index.tsv:{number}: {what}"));
        let [document, section, status, files, shown_by] = line.split('\t').collect::<Vec<_>>()[..] else {
            mistake("not five columns separated by tabs");
            continue;
        };
        if document.trim().is_empty() || section.trim().is_empty() {
            mistake("no document or no section");
        }
        let word = status.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
        match word {
            "yes" => {}
            "partly" | "no" if status.len() > word.len() => {}
            "partly" | "no" => mistake("the status gives no reason"),
            _ => mistake("the status is none of: yes; partly, and why; no, and why"),
        }
        let is_none = |paths: &str| word == "no" && paths == "-";
        for path in files.split(',').map(str::trim).filter(|_| !is_none(files)) {
            if path.is_empty() || path.starts_with('/') || !exists(path) {
                mistake(&format!("no such file: {path:?}"));
            }
        }
        for path in shown_by.split(',').map(str::trim).filter(|_| !is_none(shown_by)) {
            if path.is_empty() || path.starts_with('/') || !shows_something(path) {
                mistake(&format!("no test and no dialogue: {path:?}"));
            }
        }
    }
    mistakes
}

/// Whether this is a dialogue, a folder of dialogues, or a file with tests in it.
fn shows_something(path: &str) -> bool {
    let full = Path::new(ROOT).join(path);
    if path.starts_with("tests/dialogues/") {
        return full.exists();
    }
    fs::read_to_string(full).is_ok_and(|text| text.contains("#[test]") || text.contains("#[tokio::test]"))
}

fn private_paths(file: &File) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        for directory in PRIVATE_DIRECTORIES {
            let path = format!("/{directory}/");
            let of_somebody = |(start, _): (usize, &str)| {
                let example = line[start..].strip_prefix(EXAMPLE_HOME);
                let is_example = example.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
                starts_a_path(&line[..start]) && !is_example
            };
            if line.match_indices(&path).any(of_somebody) {
                mistakes.push(format!("{}:{number}: {path} is on somebody's own machine", file.path));
            }
        }
    }
    mistakes
}

/// Whether a slash after this text begins an absolute path, rather than going on with a relative one or an address.
fn starts_a_path(before: &str) -> bool {
    !before.ends_with(|letter: char| letter.is_alphanumeric() || "._-~*})]>".contains(letter))
}

/// Links of Markdown files, outside blocks of code, to files that do not exist.
fn broken_links(file: &File, exists: impl Fn(&str) -> bool) -> Vec<String> {
    if file.extension() != "md" {
        return Vec::new();
    }
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut mistakes = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(file.text.lines()) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let targets = links(line).into_iter().filter(|_| !in_code);
        for target in targets.filter(|target| !target.starts_with('#') && !target.contains(':')) {
            let path = target.split('#').next().unwrap_or_default();
            if !in_repository(folder, path).is_some_and(|path| exists(&path)) {
                mistakes.push(format!("{}:{number}: nothing there: {target}", file.path));
            }
        }
    }
    mistakes
}

/// The path from the root, unless it leads out of the repository.
fn in_repository(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The targets of `[text](target "title")` and of `[text]: target` in a line.
fn links(line: &str) -> Vec<&str> {
    let inline = line.match_indices("](").filter_map(|(start, _)| line[start + 2..].split([')', ' ']).next());
    let defined = line.strip_prefix('[').and_then(|line| line.split_once("]: ")).map(|(_, target)| target);
    inline.chain(defined.and_then(|target| target.split(' ').next())).collect()
}

impl File {
    fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// The rules themselves, tried on files that break them.
mod rule {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_file_of_six_hundred_lines_is_the_longest() {
        assert_eq!(too_long(&file("a.rs", &"\n".repeat(600))), None);
        assert!(too_long(&file("a.rs", &"\n".repeat(601))).is_some());
        assert_eq!(too_long(&file("a.txt", &"\n".repeat(601))), None);
    }

    #[test]
    fn a_tab_and_a_space_at_the_end_are_found_with_their_line() {
        assert_eq!(
            untidy_lines(&file("a.rs", "one\n\ttwo\nthree \n")),
            ["a.rs:2: a tab", "a.rs:3: space at the end"]
        );
        assert!(untidy_lines(&file("index.tsv", "one\ttwo\n")).is_empty());
    }

    #[test]
    fn a_crate_without_a_readme_or_without_the_prohibition_is_found() {
        let mut files =
            vec![file("crates/a/Cargo.toml", "[package]"), file("crates/a/src/lib.rs", "//! a\n")];
        assert_eq!(incomplete_crates(&files).len(), 2);
        files[1].text.push_str("#![forbid(unsafe_code)]\n");
        files.push(file("crates/a/README.md", "# a\n"));
        assert!(incomplete_crates(&files).is_empty());
        files[1].text = "//! a\n".to_owned();
        assert_eq!(incomplete_crates(&files).len(), 1);
        files[2].text = format!("# a\n\n{UNSAFE_ARGUED}\n\nThere is no other way.\n");
        assert!(incomplete_crates(&files).is_empty());
    }

    #[test]
    fn a_row_of_the_list_needs_five_columns_a_reason_a_file_and_what_shows_it() {
        let exists = |path: &str| path == "a.rs" || path == "b.rs";
        let mistakes = |row: &str| index_mistakes(row, exists, |path| path == "test.rs");
        for row in [
            "RFC 1\t§2\tyes\ta.rs, b.rs\ttest.rs",
            "RFC 1\t§3\tpartly: no x\ta.rs\ttest.rs",
            "RFC 1\t§4\tno: not needed\t-\t-",
        ] {
            assert!(mistakes(row).is_empty(), "{row}");
        }
        for row in [
            "RFC 1\t§2\tyes\ta.rs",
            "RFC 1\t§2\tyes\tc.rs\ttest.rs",
            "RFC 1\t§2\tyes\t-\ttest.rs",
            "RFC 1\t§2\tyes\ta.rs\t-",
            "RFC 1\t§2\tyes\ta.rs\tb.rs",
            "RFC 1\t§2\tno\t-\t-",
            "RFC 1\t\tyes\ta.rs\ttest.rs",
            "RFC 1\t§2\tmaybe\ta.rs\ttest.rs",
        ] {
            assert_eq!(mistakes(row).len(), 1, "{row}");
        }
    }

    #[test]
    fn a_path_of_somebody_is_found_and_a_path_within_something_is_not() {
        for directory in PRIVATE_DIRECTORIES {
            let path = format!("/{directory}/x");
            for text in [path.clone(), format!("open(\"{path}\")"), format!("see {path}")] {
                assert_eq!(private_paths(&file("a.rs", &text)).len(), 1, "{text}");
            }
            for text in
                [format!("docs{path}"), format!("https://example.org{path}"), format!("./{directory}/x")]
            {
                assert!(private_paths(&file("a.rs", &text)).is_empty(), "{text}");
            }
        }
        for text in [
            "/etc/messngr.toml, /usr/sbin, /var/lib/messngr",
            "such as `/home/anna/messngr`",
            "HOME=/home/anna",
        ] {
            assert!(private_paths(&file("a.md", text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_link_is_followed_from_the_folder_of_its_file() {
        let exists = |path: &str| path == "docs/b.md" || path == "README.md";
        let good =
            "[b](b.md#part) [r](../README.md \"title\") [w](https://example.org) [h](#here)\n\n[b]: b.md\n";
        assert!(broken_links(&file("docs/a.md", good), exists).is_empty());
        let outside = "[p](/README.md) [o](../../README.md)";
        assert_eq!(broken_links(&file("docs/a.md", outside), exists).len(), 2);
        assert_eq!(broken_links(&file("docs/a.md", "[c](c.md)\n[c]: c.md\n"), exists).len(), 2);
        assert!(broken_links(&file("docs/a.md", "```\n[c](c.md)\n```\n"), exists).is_empty());
    }
}
