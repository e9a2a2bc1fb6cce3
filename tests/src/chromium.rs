use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Service, package_path, peers_folder, samba::smbclient};

/// Has real browsers go through a flow: the script `browser/NAME.mjs`, which is given `settings` and may ask for the
/// service to be killed and started, or for a command of it. What it says last is what it returns.
///
/// The browsers trust the service's authority because it was added to their store, as an administrator would do it;
/// nothing is switched off.
pub fn browse(service: &mut Service, name: &str, settings: &Value) -> Value {
    browse_with(service, name, settings, |_, question| panic!("nobody answers {question}"))
}

/// The same for a flow that asks also for what this test alone can do: every object with a `what`.
pub fn browse_with(
    service: &mut Service,
    name: &str,
    settings: &Value,
    mut answer: impl FnMut(&mut Service, &Value) -> Value,
) -> Value {
    let home = home_that_trusts(&service.authority());
    let own = json!({
        "https": format!("https://localhost:{}", service.port("web", "https")),
        "http": format!("http://{}", service.address("web", "http")),
        "packages": peers_folder().join("node/node_modules"),
        "pictures": std::env::var_os("BROWSER_PICTURES").map(|folder| folder.to_string_lossy().into_owned()),
        "failures": std::env::temp_dir().join("messngr-failed-flows").to_string_lossy(),
        "settings": settings,
    });
    let mut child = Command::new("node")
        .arg(package_path("browser").join(format!("{name}.mjs")))
        .arg(own.to_string())
        .env("HOME", home.path())
        .env("FONTCONFIG_FILE", package_path("browser/fonts.conf"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let mut answers = child.stdin.take().expect("its input");
    let mut last = Value::Null;
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        let line = line.expect("a line");
        let Ok(said) = serde_json::from_str::<Value>(&line) else {
            println!("{line}");
            continue;
        };
        if said["ask"].is_null() {
            last = said;
            continue;
        }
        let question = &said["ask"];
        let is_own = question["what"].is_string();
        let answered = if is_own { answer(service, question) } else { asked(service, question) };
        writeln!(answers, "{answered}").expect("the flow listens");
    }
    let status = child.wait().expect("the flow ends");
    assert!(status.success(), "the flow {name} ended with {status}\n{}", service.log());
    last
}

/// What a flow asks of whoever looks after the service: `"kill"`, `"launch"`, the words of a command, or
/// `{"net_send": [from, to, text]}`.
fn asked(service: &mut Service, what: &Value) -> Value {
    let strings = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter().map(|word| word.as_str().expect("a string").to_owned()).collect()
    };
    if what["net_send"].is_array() {
        let [from, to, text] = &strings(&what["net_send"])[..] else { panic!("from, to and a text") };
        let output = smbclient(service.port("windows", "session"), from, to, text);
        return json!({ "taken": output.was_taken(), "said": format!("{}{}", output.stdout, output.stderr) });
    }
    match what.as_str() {
        Some("kill") => service.kill(),
        Some("launch") => service.launch(),
        _ => {
            let words = strings(what);
            let output = service.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
            return json!({ "code": output.code, "stdout": output.stdout, "stderr": output.stderr });
        }
    }
    json!({})
}

/// A home folder in whose store of certificates the authority is trusted for web sites.
fn home_that_trusts(authority: &Path) -> TempDir {
    let home = TempDir::new().expect("a home for the browsers");
    let store = home.path().join(".pki/nssdb");
    fs::create_dir_all(&store).expect("a store for certificates");
    let store = format!("sql:{}", store.display());
    let make: &[&str] = &["-N", "--empty-password"];
    let authority = authority.to_str().expect("a path in UTF-8");
    let trust: &[&str] = &["-A", "-t", "C,,", "-n", "messngr", "-i", authority];
    for arguments in [make, trust] {
        let status = Command::new("certutil").args(["-d", &store]).args(arguments).status();
        assert!(status.expect("certutil is installed").success(), "certutil {arguments:?}");
    }
    home
}
