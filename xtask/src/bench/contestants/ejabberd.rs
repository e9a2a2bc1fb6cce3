//! ejabberd, with its own database (Mnesia) for everything.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::{ADDRESS, DOMAIN, Ground, PASSWORD, Preparation, Running, certify, hand_over, run_quietly};

/// How many people, and how many people and contacts, are imported at once: a command may take a minute.
const PEOPLE_AT_ONCE: usize = 4_000;
const ENTRIES_AT_ONCE: usize = 15_000;

pub(super) fn configure(ground: Ground<'_>, archive: bool) -> Result<Vec<OsString>> {
    let folder = ground.folder;
    certify(folder)?;
    let pem = [fs::read(folder.join("certificate.pem"))?, fs::read(folder.join("key.pem"))?].concat();
    fs::write(folder.join("both.pem"), pem)?;
    let (address, port) = ADDRESS.split_once(':').unwrap_or((ADDRESS, ""));
    let mut configuration = format!(
        "hosts: [{DOMAIN}]\nloglevel: error\nauth_method: internal\nauth_password_format: scram\n\
         disable_sasl_mechanisms: [\"digest-md5\"]\ncertfiles: [\"{}\"]\n\
         listen:\n  - port: {port}\n    ip: \"{address}\"\n    module: ejabberd_c2s\n    max_stanza_size: 262144\n    backlog: 4096\n    \
         starttls: true\n    starttls_required: false\n\
         acl:\n  local:\n    user_regexp: \"\"\n  admin:\n    user: \"u0@{DOMAIN}\"\n\
         access_rules:\n  local:\n    allow: local\n  c2s:\n    allow: all\n  announce:\n    allow: admin\n\
         modules:\n  mod_adhoc: {{}}\n  mod_roster: {{}}\n  mod_disco: {{}}\n  mod_ping: {{}}\n  mod_stream_mgmt: {{}}\n  \
         mod_offline: {{}}\n  mod_announce:\n    access: announce\n",
        folder.join("both.pem").display(),
    );
    if archive {
        configuration.push_str("  mod_mam:\n    default: always\n");
    }
    fs::write(folder.join("ejabberd.yml"), configuration)?;
    hand_over(folder, "ejabberd")?;
    Ok(control(ground, &["foreground"]))
}

pub(super) fn prepare(ground: Ground<'_>, preparation: Preparation) -> Result<()> {
    let folder = ground.folder;
    let export = folder.join("export");
    fs::create_dir(&export)?;
    fs::write(folder.join("one.xml"), roll(&format!("<user name='u0' password='{PASSWORD}'/>")))?;
    let foreground = configure(ground, false)?;
    let mut running = Running::spawn(ground, &foreground)?;
    let run = |words: &[&str]| run_quietly(&mut command(ground, words)?);
    running.until(ground, || run(&["status"]))?;
    // Hashing the password for everybody would take longer than it is worth: everybody gets the same salt.
    run(&["import_piefxis", &folder.join("one.xml").to_string_lossy()])?;
    run(&["export_piefxis", &export.to_string_lossy()])?;
    run(&["unregister", "u0", DOMAIN])?;
    let credentials = credentials(&export)?;
    let part = (ENTRIES_AT_ONCE / (preparation.contacts + 1)).clamp(1, PEOPLE_AT_ONCE);
    for first in (0..preparation.people).step_by(part) {
        let numbers = first..(first + part).min(preparation.people);
        fs::write(folder.join("people.xml"), roll(&users(preparation, numbers, &credentials)?))?;
        run(&["import_piefxis", &folder.join("people.xml").to_string_lossy()])?;
    }
    run(&["stop"])?;
    running.wait()
}

/// What stands in an export for the password of the only person.
fn credentials(export: &Path) -> Result<String> {
    const END: &str = "</scram-credentials>";
    for entry in fs::read_dir(export)? {
        let text = fs::read_to_string(entry?.path())?;
        if let (Some(start), Some(end)) = (text.find("<scram-credentials"), text.find(END)) {
            return Ok(text[start..end + END.len()].to_owned());
        }
    }
    bail!("ejabberd exported no password")
}

/// A file of people (XEP-0227).
fn roll(users: &str) -> String {
    format!(
        "<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0'><host jid='{DOMAIN}'>{users}</host></server-data>"
    )
}

fn users(preparation: Preparation, numbers: Range<usize>, credentials: &str) -> Result<String> {
    let mut users = String::new();
    for number in numbers {
        write!(users, "<user name='u{number}'>{credentials}")?;
        if preparation.contacts > 0 {
            users.push_str("<query xmlns='jabber:iq:roster'>");
            for contact in preparation.contacts_of(number) {
                write!(users, "<item jid='u{contact}@{DOMAIN}' subscription='both'/>")?;
            }
            users.push_str("</query>");
        }
        users.push_str("</user>");
    }
    Ok(users)
}

fn control(ground: Ground<'_>, rest: &[&str]) -> Vec<OsString> {
    let folder = ground.folder;
    let mut words: Vec<OsString> =
        ["setpriv", "--reuid=ejabberd", "--regid=ejabberd", "--init-groups", "env"].map(Into::into).to_vec();
    words.push(format!("HOME={}", folder.display()).into());
    words.extend(["ERL_DIST_PORT=14370", "ejabberdctl", "-d"].map(Into::into));
    words.extend([folder.into(), "-f".into(), folder.join("ejabberd.yml").into()]);
    words.extend(["-l".into(), folder.join("logs").into(), "-s".into(), folder.join("spool").into()]);
    words.extend(["-n", "bench@localhost"].map(OsString::from));
    words.extend(rest.iter().map(OsString::from));
    words
}

fn command(ground: Ground<'_>, rest: &[&str]) -> Result<Command> {
    let words = control(ground, rest);
    let mut command = ground.namespace.command(&words[0])?;
    command.args(&words[1..]);
    Ok(command)
}
