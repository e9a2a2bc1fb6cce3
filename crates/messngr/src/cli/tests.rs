use clap::{CommandFactory, Parser};

use super::*;

fn parsed(line: &[&str]) -> Cli {
    let line = std::iter::once("messngr").chain(line.iter().copied());
    Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(line: &[&str]) -> clap::Error {
    let line = std::iter::once("messngr").chain(line.iter().copied());
    Cli::try_parse_from(line).expect_err("the line is mistaken")
}

#[test]
fn the_commands_do_not_contradict_each_other() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_and_every_argument_is_explained() {
    fn explained(command: &clap::Command, mut path: String) {
        path = format!("{path} {}", command.get_name());
        assert!(command.get_about().is_some(), "{path} is not explained");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{path} {} is not explained", argument.get_id());
        }
        command.get_subcommands().for_each(|below| explained(below, path.clone()));
    }
    explained(&Cli::command(), String::new());
}

#[test]
fn what_every_command_takes_is_taken_before_and_after_it() {
    let expected = GlobalArgs {
        config: Some("c.toml".into()),
        data: Some("d".into()),
        json: true,
        ..GlobalArgs::default()
    };
    for line in [
        &["--config", "c.toml", "--data", "d", "--json", "alert", "list"][..],
        &["alert", "--json", "list", "--config", "c.toml", "--data", "d"],
        &["alert", "list", "--data=d", "--config=c.toml", "--json"],
    ] {
        assert_eq!(parsed(line).globals, expected, "{line:?}");
    }
}

#[test]
fn the_commands_of_the_readme_are_understood() {
    for line in [
        &["serve", "--enable", "windows"][..],
        &["user", "add", "anna", "--password-stdin"],
        &["user", "set", "anna", "--unverified", "refuse", "--admin", "yes"],
        &["ca", "show", "--out", "ca.pem"],
        &["net", "send", "PRESS1", "Please log off", "--host", "10.0.0.7"],
        &["send", "anna,group:ward", "The delivery has come"],
        &["group", "join", "ward", "anna", "bert"],
        &[
            "alert",
            "send",
            "--to",
            "group:ward",
            "--severity",
            "severe",
            "--choices",
            "Safe,Need help",
            "--expires",
            "2h",
            "Fire drill",
            "Meet at the gate.",
        ],
        &["alert", "report", "last"],
        &["log", "--since", "2h"],
        &["away", "On leave until Monday", "--until", "2w", "--as", "anna"],
        &["away", "--off"],
        &[
            "user",
            "privacy",
            "anna",
            "--writes",
            "groups:ward,night",
            "--reading",
            "nobody",
            "--invisible",
            "no",
        ],
        &["password", "--password-stdin", "--as", "anna"],
        &["log", "verify"],
        &["completions", "bash"],
    ] {
        parsed(line);
    }
}

#[test]
fn an_alert_is_understood_with_its_choices_and_its_time() {
    let Command::Alert(alert::AlertCommand::Send(arguments)) = parsed(&[
        "alert",
        "send",
        "--to",
        "everyone",
        "--as",
        "bert",
        "--choices",
        "Yes,No",
        "--expires",
        "1d",
        "Drill",
    ])
    .command
    else {
        panic!("not an alert");
    };
    let shown = format!("{arguments:?}");
    assert!(shown.contains(r#"choices: ["Yes", "No"]"#) && shown.contains("86400s"), "{shown}");
    assert!(shown.contains("Information") && shown.contains(r#"name: Some("bert")"#), "{shown}");
}

#[test]
fn a_mistaken_line_ends_with_exit_code_2_and_says_what_is_expected() {
    for (line, expected) in [
        (&["alert", "send", "--to", "team:x", "Drill"][..], "group:NAME"),
        (&["alert", "send", "--to", "everyone", "--expires", "soon", "Drill"], "30m"),
        (&["alert", "send", "--to", "everyone", "--severity", "huge", "Drill"], "moderate"),
        (&["alert", "report", "the-last"], "messngr alert list"),
        (&["alert", "send", "Drill"], "--to"),
        (&["group", "join", "ward"], "NAMES"),
        (&["user", "set", "anna"], "--unverified"),
        (&["log", "--limit", "0"], "1..=1000"),
        (&["away", "gone", "--off"], "--off"),
        (&["user", "privacy", "anna", "--writes", "friends"], "contacts-and-my-groups"),
    ] {
        let error = refused(line);
        assert_eq!(error.exit_code(), 2, "{line:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn there_is_a_page_of_the_manual_for_every_command() {
    let folder = tempfile::TempDir::new().unwrap();
    clap_mangen::generate_to(Cli::command(), folder.path()).unwrap();
    for page in ["messngr.1", "messngr-alert-send.1", "messngr-net-send.1", "messngr-log-verify.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH"), "{page}");
    }
}
