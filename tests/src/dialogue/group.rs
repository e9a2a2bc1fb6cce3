//! Playing all dialogues of a folder against one service.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    player::{Failure, Stand, play},
    script::Script,
    variables::Variables,
};
use crate::{Service, ServiceOptions, package_path};

/// How many dialogues of a group are played at the same time: most of each is waiting.
const TOGETHER: usize = 16;

/// The dialogues of one folder.
pub struct Group {
    folder: PathBuf,
    options: ServiceOptions,
    together: usize,
}

/// A dialogue and where it stands.
struct Dialogue {
    path: PathBuf,
    script: Script,
    suffix: String,
}

impl Group {
    /// A folder below `dialogues/`, with a service that lets people in without TLS.
    pub fn new(folder: &str) -> Self {
        let options = ServiceOptions {
            configuration: "[limits]\nsign_in_failures_per_minute_max = 100000\n".to_owned(),
            xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
            ..ServiceOptions::default()
        };
        Self { folder: package_path("dialogues").join(folder), options, together: TOGETHER }
    }

    /// With a service that is configured otherwise.
    #[must_use]
    pub fn with_options(mut self, change: impl FnOnce(&mut ServiceOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// One dialogue at a time: they do something to the service itself.
    #[must_use]
    pub fn one_at_a_time(mut self) -> Self {
        self.together = 1;
        self
    }

    /// Plays every dialogue of the folder.
    ///
    /// # Panics
    /// If one fails or cannot be read, after all were played: it says which, on which line, what was expected and
    /// what came. `MESSNGR_DIALOGUE` limits the run to files whose path has this in it.
    pub fn play(&self) {
        let dialogues = self.read();
        if dialogues.is_empty() {
            return;
        }
        let stand = self.stand(&dialogues);
        let next = AtomicUsize::new(0);
        let failures = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..self.together {
                scope.spawn(|| {
                    while let Some(dialogue) = dialogues.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(failure) = play(&stand, &dialogue.script, Variables::new(&dialogue.suffix))
                        {
                            let told = told(dialogue, &failure);
                            failures.lock().expect("nobody panics here").push(told);
                        }
                    }
                });
            }
        });
        let mut failures = failures.into_inner().expect("nobody panics here");
        failures.sort();
        assert!(
            failures.is_empty(),
            "{} of {} dialogues failed:\n\n{}",
            failures.len(),
            dialogues.len(),
            failures.join("\n")
        );
    }

    fn read(&self) -> Vec<Dialogue> {
        let wanted = std::env::var("MESSNGR_DIALOGUE").unwrap_or_default();
        let mut paths = files(&self.folder);
        assert!(!paths.is_empty(), "{}: no dialogues", self.folder.display());
        paths.retain(|path| path.to_string_lossy().contains(&wanted));
        let read = |(number, path): (usize, PathBuf)| {
            let text = fs::read_to_string(&path).expect("a dialogue in UTF-8");
            let script = Script::parse(&text).unwrap_or_else(|error| panic!("{}:{error}", path.display()));
            Dialogue { path, script, suffix: format!("-{}", number + 1) }
        };
        paths.into_iter().enumerate().map(read).collect()
    }

    /// Starts the service and makes everybody's account.
    fn stand(&self, dialogues: &[Dialogue]) -> Stand {
        let service = Service::start(&self.options);
        let mut accounts = "name,password\n".to_owned();
        for dialogue in dialogues {
            let variables = Variables::new(&dialogue.suffix);
            for person in dialogue.script.people() {
                accounts.push_str(&format!("{},{}\n", variables.name(&person), variables.password(&person)));
            }
        }
        let file = service.folder().join("accounts.csv");
        fs::write(&file, accounts).expect("a list of accounts");
        service.ok(&["user", "import", file.to_str().expect("a path in UTF-8")]);
        let (plain, tls) = (service.address("xmpp", "starttls"), service.address("xmpp", "tls"));
        let (program, authority) = (service.program(), service.authority());
        Stand { service: Mutex::new(service), program, plain, tls, authority }
    }
}

/// The dialogues in a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    paths
}

/// A failure as somebody reads it who knows the protocol and not this program.
fn told(dialogue: &Dialogue, failure: &Failure) -> String {
    let path = dialogue.path.strip_prefix(package_path("")).unwrap_or(&dialogue.path);
    let why = failure.why.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let said = failure.transcript.iter().map(|line| format!("      {line}\n")).collect::<String>();
    format!(
        "tests/{}:{}: {}\n  {}\n{why}    said until then:\n{said}",
        path.display(),
        failure.line,
        failure.sentence,
        dialogue.script.title
    )
}
