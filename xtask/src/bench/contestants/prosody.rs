//! Prosody, with its own files for everything.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{ADDRESS, DOMAIN, Ground, PASSWORD, Preparation, certify, hand_over, run_quietly};

pub(super) fn configure(ground: Ground<'_>, archive: bool) -> Result<Vec<OsString>> {
    let folder = ground.folder;
    certify(folder)?;
    let (address, port) = ADDRESS.split_once(':').unwrap_or((ADDRESS, ""));
    let archive = if archive { ", \"mam\"" } else { "" };
    let configuration = format!(
        "daemonize = false\npidfile = \"{pid}\"\ndata_path = \"{data}\"\ninterfaces = {{ \"{address}\" }}\n\
         c2s_ports = {{ {port} }}\nc2s_direct_tls_ports = {{}}\nadmins = {{ \"u0@{DOMAIN}\" }}\n\
         modules_enabled = {{ \"roster\", \"saslauth\", \"tls\", \"disco\", \"ping\", \"smacks\", \"offline\", \
         \"announce\"{archive} }}\nmodules_disabled = {{ \"s2s\" }}\n\
         allow_unencrypted_plain_auth = true\nc2s_require_encryption = false\n\
         authentication = \"internal_hashed\"\nlimits = {{}}\nnetwork_settings = {{ tcp_backlog = 4096 }}\ndefault_archive_policy = true\n\
         archive_cleanup_interval = 1000000\nmax_archive_query_results = 50\n\
         ssl = {{ key = \"{key}\"; certificate = \"{certificate}\" }}\n\
         log = {{ error = \"{log}\" }}\nVirtualHost \"{DOMAIN}\"\n",
        pid = folder.join("prosody.pid").display(),
        data = folder.join("data").display(),
        key = folder.join("key.pem").display(),
        certificate = folder.join("certificate.pem").display(),
        log = folder.join("prosody.log").display(),
    );
    fs::write(file(folder), configuration)?;
    hand_over(folder, "prosody")?;
    let mut words = as_prosody("prosody");
    words.extend(["-F".into(), "--config".into(), file(folder).into()]);
    Ok(words)
}

pub(super) fn prepare(ground: Ground<'_>, preparation: Preparation) -> Result<()> {
    let folder = ground.folder;
    fs::create_dir_all(folder.join("data"))?;
    configure(ground, false)?;
    // Hashing the password for everybody would take longer than it is worth: everybody gets the same salt.
    let register = as_prosody("prosodyctl");
    let mut command = ground.namespace.command(&register[0])?;
    command.args(&register[1..]).arg("--config").arg(file(folder)).args(["register", "u0", DOMAIN, PASSWORD]);
    run_quietly(&mut command)?;
    let host = folder.join("data").join(DOMAIN.replace('.', "%2e"));
    let record = fs::read(host.join("accounts/u0.dat")).context("prosodyctl made no account")?;
    let rosters = host.join("roster");
    fs::create_dir_all(&rosters)?;
    for number in 0..preparation.people {
        fs::write(host.join(format!("accounts/u{number}.dat")), &record)?;
        if preparation.contacts > 0 {
            fs::write(rosters.join(format!("u{number}.dat")), roster(preparation, number)?)?;
        }
    }
    Ok(())
}

fn roster(preparation: Preparation, number: usize) -> Result<String> {
    let mut roster = String::from("return {\n\t[false] = { [\"version\"] = 1; [\"pending\"] = {}; };\n");
    for contact in preparation.contacts_of(number) {
        writeln!(
            roster,
            "\t[\"u{contact}@{DOMAIN}\"] = {{ [\"subscription\"] = \"both\"; [\"groups\"] = {{}}; }};"
        )?;
    }
    roster.push_str("};\n");
    Ok(roster)
}

fn file(folder: &Path) -> PathBuf {
    folder.join("prosody.cfg.lua")
}

fn as_prosody(program: &str) -> Vec<OsString> {
    ["setpriv", "--reuid=prosody", "--regid=prosody", "--init-groups", program].map(Into::into).to_vec()
}
