//! ejabberd, with its own database (Mnesia) for everything.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::Result;

use super::{ADDRESS, DOMAIN, Ground, PASSWORD, Preparation, Running, certify, hand_over, run_quietly};

pub(super) fn configure(ground: Ground<'_>, archive: bool) -> Result<Vec<OsString>> {
    let folder = ground.folder;
    certify(folder)?;
    let pem = [fs::read(folder.join("certificate.pem"))?, fs::read(folder.join("key.pem"))?].concat();
    fs::write(folder.join("both.pem"), pem)?;
    let (address, port) = ADDRESS.split_once(':').unwrap_or((ADDRESS, ""));
    let mut configuration = format!(
        "hosts: [{DOMAIN}]\nloglevel: error\nauth_method: internal\nauth_password_format: scram\n\
         disable_sasl_mechanisms: [\"digest-md5\"]\ncertfiles: [\"{}\"]\n\
         listen:\n  - port: {port}\n    ip: \"{address}\"\n    module: ejabberd_c2s\n    max_stanza_size: 262144\n    \
         starttls: true\n    starttls_required: false\n\
         acl:\n  local:\n    user_regexp: \"\"\n  admin:\n    user: \"u0@{DOMAIN}\"\n\
         access_rules:\n  local:\n    allow: local\n  c2s:\n    allow: all\n  announce:\n    allow: admin\n\
         modules:\n  mod_roster: {{}}\n  mod_disco: {{}}\n  mod_ping: {{}}\n  mod_stream_mgmt: {{}}\n  \
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
    let mut roll = format!("<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0'><host jid='{DOMAIN}'>");
    for number in 0..preparation.people {
        write!(roll, "<user name='u{number}' password='{PASSWORD}'>")?;
        if preparation.contacts > 0 {
            roll.push_str("<query xmlns='jabber:iq:roster'>");
            for contact in preparation.contacts_of(number) {
                write!(roll, "<item jid='u{contact}@{DOMAIN}' subscription='both'/>")?;
            }
            roll.push_str("</query>");
        }
        roll.push_str("</user>");
    }
    roll.push_str("</host></server-data>");
    let people = ground.folder.join("people.xml");
    fs::write(&people, roll)?;
    let foreground = configure(ground, false)?;
    let mut running = Running::spawn(ground, &foreground)?;
    run_quietly(&mut command(ground, &["started"])?)?;
    run_quietly(&mut command(ground, &["import_piefxis", &people.to_string_lossy()])?)?;
    run_quietly(&mut command(ground, &["stop"])?)?;
    running.wait()
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
