//! Measures messngr beside its peers and a bare relay, in turn and in one run, in a network namespace of its own.

mod budgets;
mod cases;
mod contestants;
mod generator;
mod machine;
mod namespace;
mod report;
mod results;
mod table;

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use tempfile::TempDir;

pub(crate) use self::cases::Case;
use self::cases::Size;
pub(crate) use self::contestants::Contestant;
use self::contestants::{Ground, Preparation, Product, Running};
use self::generator::{Generator, Outcome};
use self::namespace::Namespace;
use self::results::{Failure, Machine, Measurement, Results};
use crate::peers;
use crate::workspace::{Workspace, run as run_command};

/// How long the machine may take to become quiet before each measurement.
const QUIET_PATIENCE: Duration = Duration::from_secs(5);

/// What is measured how often.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often everything is measured; the table shows medians. Idle sessions, the storm, the archive and alerts to
    /// 100,000 accounts are measured once
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measure this case alone; may be given more than once
    #[arg(long, value_name = "NAME", value_enum)]
    case: Vec<Case>,
    /// Measure this server alone; may be given more than once
    #[arg(long, value_name = "NAME", value_enum)]
    contestant: Vec<Contestant>,
    /// Let people count stanzas (XEP-0198), as most clients do
    #[arg(long)]
    stream_management: bool,
    /// Only see whether everything works: a hundredth of the people, and a second of each load
    #[arg(long)]
    quick: bool,
    /// Add to what is in the file from the same programs on the same machine, so that a run can be made in parts. What
    /// was measured before of the same case on the same server is forgotten
    #[arg(long, conflicts_with = "quick")]
    append: bool,
    /// Measure nothing: make docs/performance.md of an earlier run's file
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    report: Option<Option<PathBuf>>,
}

/// Builds, measures every case on every contestant, several rounds, and prints one table; or makes the page of the
/// book of what was measured.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.path("target"), PathBuf::from);
    let file = target.join("bench.json");
    if let Some(given) = &options.report {
        return report::write(&Results::read(given.as_ref().unwrap_or(&file))?, &workspace.path("docs"));
    }
    peers::install_for_bench(workspace)?;
    let mut build = workspace.cargo(["build", "--release", "--package", "messngr", "--package", "bench"]);
    run_command(&mut build)?;
    machine::raise_open_files();
    Namespace::sweep()?;
    let programs = target.join("release");
    let mut bench = Bench {
        size: if options.quick { Size::Quick } else { Size::Whole },
        results: Results {
            machine: Machine::here(),
            versions: machine::versions(&programs, &workspace.path("")),
            program_bytes: fs::metadata(programs.join("messngr"))?.len(),
            rounds: options.rounds,
            quick: options.quick,
            stream_management: options.stream_management,
            ..Results::default()
        },
        programs,
        browser: browser(workspace),
        prepared: HashMap::new(),
    };
    if options.append {
        let earlier = Results::read(&file)?;
        let cases: Vec<Case> = selected(&options.case).collect();
        let contestants: Vec<Contestant> = selected(&options.contestant).collect();
        bench.results.continue_from(earlier, &cases, &contestants)?;
    }
    bench.run(options, &file)?;
    println!("\n{}", table::table(&bench.results));
    println!("every measurement is in {}", file.display());
    let failures = bench.results.failures.len();
    ensure!(failures == 0, "{failures} measurements failed: see above");
    Ok(())
}

/// A run.
struct Bench {
    size: Size,
    results: Results,
    /// The folder of our own programs.
    programs: PathBuf,
    /// The load generator's words for what drives a browser.
    browser: Vec<String>,
    /// Folders with people in them, to be copied for each measurement.
    prepared: HashMap<(Product, Preparation), Result<TempDir, String>>,
}

impl Bench {
    /// All rounds. What was measured is in the file at any time.
    fn run(&mut self, options: &Options, file: &Path) -> Result<()> {
        let begin = Instant::now();
        for round in 1..=options.rounds {
            for case in selected(&options.case) {
                if round > 1 && case.is_measured_once() {
                    continue;
                }
                for contestant in selected(&options.contestant).filter(|one| case.is_for(*one)) {
                    let minutes = begin.elapsed().as_secs_f64() / 60.0;
                    println!("{minutes:5.1} min, round {round}: {}, {}", case.title(), contestant.title());
                    self.add(case, contestant, round);
                    self.results.write(file)?;
                }
            }
        }
        Ok(())
    }

    /// Measures, and notes what came of it.
    fn add(&mut self, case: Case, contestant: Contestant, round: usize) {
        let (name, server) = (case.name(), contestant.name());
        match self.measure(case, contestant) {
            Ok((outcome, doubt)) => {
                let (figures, absent) = match outcome {
                    Outcome::Figures(figures) => (figures, None),
                    Outcome::Absent(why) => (Default::default(), Some(why)),
                };
                let doubt = doubt.or_else(|| machine::doubt(&figures));
                let figure = case.figure();
                let said = figures.get(figure.key).map(|value| figure.unit.write(*value));
                println!("           {}", said.or(absent.clone()).unwrap_or_default());
                if let Some(doubt) = &doubt {
                    println!("           NOT QUIET: {doubt}");
                }
                let measurement =
                    Measurement { case: name, contestant: server, round, doubt, absent, figures };
                self.results.measurements.push(measurement);
            }
            Err(error) => {
                let error = format!("{error:#}");
                println!("           FAILED: {error}");
                self.results.failures.push(Failure { case: name, contestant: server, round, error });
            }
        }
    }

    /// One contestant, started anew with everybody it has to know; also, why the outcome is to be doubted.
    fn measure(&mut self, case: Case, contestant: Contestant) -> Result<(Outcome, Option<String>)> {
        let folder = tempfile::tempdir()?;
        let preparation = case.preparation(contestant, self.size);
        let prepared = self.prepared(contestant.product(), preparation)?;
        contestants::copy(prepared, folder.path())?;
        let namespace = Namespace::create()?;
        let ground = Ground { namespace: &namespace, folder: folder.path(), programs: &self.programs };
        let words = contestant.configure(ground)?;
        let generator = Generator::new(ground, contestant);
        let patience = if self.size == Size::Quick { Duration::ZERO } else { QUIET_PATIENCE };
        if case == Case::Start {
            let doubt = machine::wait_for_quiet(patience)?;
            return Ok((generator.start(&words)?, doubt));
        }
        let _running = Running::start(ground, contestant, &words)?;
        let doubt = machine::wait_for_quiet(patience)?;
        let command = if case == Case::Alert { contestant.announcement(ground) } else { Vec::new() };
        let mut load = case.arguments(contestant, self.size);
        if case.asks_the_interface() {
            load.extend(contestant.interface(ground, case));
        }
        if case == Case::Browser {
            load.extend(self.browser.clone());
        }
        if self.results.stream_management && contestant.product() != Product::Relay {
            load.push("--stream-management".to_owned());
        }
        Ok((generator.load(&load, &command)?, doubt))
    }

    /// A folder with these people in it.
    fn prepared(&mut self, product: Product, preparation: Preparation) -> Result<&Path> {
        let key = (product, preparation);
        if !self.prepared.contains_key(&key) {
            // What cannot be prepared once cannot be prepared again.
            let folder = self.prepare(product, preparation).map_err(|error| format!("preparing: {error:#}"));
            self.prepared.insert(key, folder);
        }
        let folder = self.prepared.get(&key).context("nothing was prepared")?;
        folder.as_ref().map(TempDir::path).map_err(|error| anyhow!("{error}"))
    }

    fn prepare(&self, product: Product, preparation: Preparation) -> Result<TempDir> {
        let begin = Instant::now();
        let folder = tempfile::tempdir()?;
        let namespace = Namespace::create()?;
        let ground = Ground { namespace: &namespace, folder: folder.path(), programs: &self.programs };
        product.prepare(ground, preparation)?;
        if product != Product::Relay {
            let Preparation { people, contacts } = preparation;
            let seconds = begin.elapsed().as_secs_f64();
            println!("           prepared {people} people with {contacts} contacts each in {seconds:.1} s");
        }
        Ok(folder)
    }
}

fn browser(workspace: &Workspace) -> Vec<String> {
    let script = workspace.path("bench/browser/visit.mjs");
    let packages = workspace.peers().join("node/node_modules");
    let [script, packages] = [script, packages].map(|path| path.display().to_string());
    vec!["--script".to_owned(), script, "--packages".to_owned(), packages]
}

/// What was asked for, or everything.
fn selected<T: ValueEnum + Copy>(asked: &[T]) -> impl Iterator<Item = T> {
    let all: Vec<T> = if asked.is_empty() { T::value_variants().to_vec() } else { asked.to_vec() };
    all.into_iter()
}
