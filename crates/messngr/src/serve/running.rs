use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use domain::{PasswordRules, StrangerRules};
use doors::{
    admin::AdminSocket,
    api::{About, ConfigurationInForce, Listening, Service},
    network::{Gate, GateLimits, Listener},
    webhooks::Pace,
};
use hub::{Environment, Hub};
use store::sqlite::{Options, SqliteStore};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    alerter::Watch,
    certificates::{self, Certificates, Renewal},
    data_directory::DataDirectory,
    first_start::{self, NewAdministrator},
    ground::Ground,
    keys::{self, ALERT_KEYS, ALERT_SIGNING_KEY},
    listeners::Purpose,
    networks::reachable,
    open_doors::OpenDoors,
    remark::Remark,
    source::is_written,
    webhooks,
};
use crate::configuration::{Configuration, Loaded, described, effective, windows::WindowsDoor};

/// The files in the data directory, beside the store, that the service cannot be restored without.
const FILES_TO_BACK_UP: [&str; 6] =
    ["ca.pem", "ca.key", "server.pem", "server.key", ALERT_SIGNING_KEY, ALERT_KEYS];

/// How long clients have to take what they were sent when the service stops.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// How often, meanwhile, sessions are closed that have just been opened.
const DRAIN_INTERVAL: Duration = Duration::from_millis(100);

/// The service while it runs. It ends by [`Running::stop`].
#[derive(Debug)]
pub(crate) struct Running {
    /// The configuration in force.
    pub(super) configuration: Configuration,
    /// What is going on.
    pub(crate) hub: Arc<Hub>,
    pub(super) gate: Arc<Gate>,
    pub(super) service: Arc<Service>,
    pub(super) renewal: Arc<Renewal>,
    /// What listens where, and what does not and why.
    pub(crate) table: Vec<Listening>,
    /// Where it is administered.
    pub(crate) admin_socket: PathBuf,
    /// What an administrator should know of the start.
    pub(crate) remarks: Vec<Remark>,
    /// The account that this start made, if it is the first.
    pub(crate) administrator: Option<NewAdministrator>,
    store: Arc<SqliteStore>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Given back last: the next service begins when this one has ended.
    data_directory: DataDirectory,
}

impl Running {
    /// Starts the service on its ground. When this returns, clients are answered. `terminal` is whether somebody sees
    /// what is printed.
    ///
    /// # Errors
    /// The store, the keys or the certificates cannot be used, or another domain is configured than the first
    /// start's.
    pub(crate) async fn start(
        ground: Ground,
        loaded: Loaded,
        host_name: &str,
        terminal: bool,
    ) -> anyhow::Result<Self> {
        let domain_is_written = is_written(&loaded, "domain");
        let mut configuration = loaded.configuration;
        let directory = ground.data_directory.path().to_owned();
        let environment = Environment::system();

        let store = open_store(configuration.store.sqlite_file().to_owned()).await?;
        configuration.domain =
            first_start::fix_domain(&*store, &configuration.domain, domain_is_written).await?;
        let signing_key = keys::alert_signing_key(&directory, &environment)?;
        let addresses = reachable(&ground.allowed, &ground.host_addresses);
        let others = configuration.doors.web.hosts.clone();
        let names =
            certificates::names(&configuration.domain, host_name, &others, addresses, &ground.allowed);
        let certificates = Certificates::load_or_make(&directory, &names, &environment)?;
        let about = About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: environment.now(),
            data_dir: directory.clone(),
            user: ground.run_as.name().to_owned(),
            pid: std::process::id(),
        };

        let hub = Hub::start(hub_settings(&configuration), environment, store.clone(), signing_key).await?;
        let newer_keys = keys::AlertKeys::open(&directory)?;
        for key in newer_keys.keys() {
            hub.add_alert_key(key);
        }
        hub.set_key_file(Arc::new(newer_keys));
        let administrator = first_start::make_administrator(&hub, &directory, terminal).await?;
        let limits = &configuration.limits;
        let gate = Gate::new(
            ground.allowed,
            GateLimits {
                connections_max: ground.connections_max,
                connections_per_address_max: limits.connections_per_address_max,
                connections_per_account_max: limits.connections_per_account_max,
                sign_in_failures_per_minute_max: limits.sign_in_failures_per_minute_max,
            },
        );
        let direct_tls = ground.bound.listeners.iter().filter(|(purpose, _)| *purpose == Purpose::XmppTls);
        let direct_tls = direct_tls.map(|(_, listener)| listener.local_address()).collect();
        let web = ground.bound.listeners.iter().find(|(purpose, _)| *purpose == Purpose::WebTls);
        if let Some((_, listener)) = web.filter(|_| configuration.files.size_max_bytes > 0) {
            let settings = file_settings(&configuration, &directory, listener.local_address().port());
            hub.set_files(settings)
                .with_context(|| format!("cannot keep files in {}", directory.display()))?;
        }
        if configuration.alerter.enabled {
            hub.set_alerter(configuration.alerter.settings(&configuration.doors.windows.alert_names)).await;
            doors::alerter::hear_of_refusals(&hub, &gate);
        }
        if let Some(address) = code_address(&configuration.domain, &ground.bound.listeners) {
            hub.set_code_address(address);
        }
        let socket = AdminSocket::bind(&directory)
            .with_context(|| format!("cannot make the administration socket in {}", directory.display()))?;
        let admin_socket = socket.path().to_owned();
        let files = FILES_TO_BACK_UP.map(|file| directory.join(file)).to_vec();
        let in_force = configuration_in_force(&configuration);
        let authority = certificates.authority.clone();
        let pace = limits.requests_per_minute_max;
        let service = Service::new(hub.clone(), about, in_force, authority, files, pace);
        service.set_listening(ground.bound.table.clone());
        let open_doors =
            OpenDoors::new(&configuration, &service, &certificates.tls, &gate, direct_tls, host_name)?;

        let told = webhooks::configured(&configuration, certificates.authority.certificate_pem())?;
        let mut remarks = ground.remarks;
        remarks.extend(certificates.remark());
        let renewal = Arc::new(Renewal {
            directory,
            host_name: host_name.to_owned(),
            others,
            tls: certificates.tls,
            hub: hub.clone(),
            gate: gate.clone(),
            service: service.clone(),
        });
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        for (purpose, listener) in ground.bound.listeners {
            open_doors.serve(purpose, listener, &tasks, &stop);
        }
        open_doors.serve_segments(ground.segment_ports, &configuration, &service, &gate, &tasks, &stop)?;
        let popups = &configuration.doors.windows.winpopup_folder;
        if !popups.is_empty()
            && let Err(error) = open_doors.take_popups(Path::new(popups), &tasks, &stop)
        {
            remarks.push(Remark::with_remedy(
                format!("Messages that Samba has taken are not taken over: {error}."),
                "Then start the service again.",
            ));
        }
        doors::webhooks::serve(told, &hub, &gate, Pace::default(), &tasks, &stop)?;
        tasks.spawn(socket.serve(service.clone(), tasks.clone(), stop.clone()));
        let running = Self {
            configuration,
            hub,
            gate,
            service,
            renewal,
            table: ground.bound.table,
            admin_socket,
            remarks,
            administrator,
            store,
            tasks,
            stop,
            data_directory: ground.data_directory,
        };
        running.run_beside();
        Ok(running)
    }

    /// Where its data is.
    pub(crate) fn data_dir(&self) -> &Path {
        self.data_directory.path()
    }

    /// What goes on beside the doors, until the service stops.
    fn run_beside(&self) {
        let beside = |work: futures_util::future::BoxFuture<'static, ()>| {
            self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(work));
        };
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.run_alerts().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.keep_signing_heads().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.end_old_sessions().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.give_owed_answers().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.tell_of_interrupted_answers().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.remind_of_passwords().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.forget_old_repeats().await }));
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.forget_old_publications().await }));
        let (hub, keep_days) = (self.hub.clone(), self.configuration.archive.keep_days);
        if keep_days > 0 {
            beside(Box::pin(async move { hub.forget_old_archives(keep_days).await }));
        }
        let hub = self.hub.clone();
        beside(Box::pin(async move { hub.tidy_files().await }));
        let (directory, hub, gate) = (self.data_dir().to_owned(), self.hub.clone(), self.gate.clone());
        if let Some(watch) = Watch::new(&self.configuration, directory, hub, gate) {
            let hub = self.hub.clone();
            beside(Box::pin(async move { hub.run_alerter().await }));
            beside(Box::pin(watch.clone().look_after_disks()));
            beside(Box::pin(watch.look_after_power()));
        }
        let renewal = self.renewal.clone();
        beside(Box::pin(async move { renewal.keep_fresh().await }));
    }

    /// Ends the service: nobody new is let in, sessions are told that it ends and have 10 s to take what they were
    /// sent, and the store is closed. Returns when all of it is on the disk; when `at_once` comes first, returns
    /// then: what was accepted is on the disk all the same. Says whether it ended in order.
    pub(crate) async fn stop(self, at_once: impl Future<Output = ()>) -> bool {
        tracing::info!("stopping");
        self.stop.cancel();
        self.tasks.close();
        let in_order = tokio::select! {
            biased;
            () = at_once => false,
            () = self.drain_and_close() => true,
        };
        if in_order {
            tracing::info!("stopped");
        } else {
            tracing::warn!("stopped at once; clients were not waited for");
        }
        in_order
    }

    async fn drain_and_close(&self) {
        if timeout(DRAIN_MAX, self.drain()).await.is_err() {
            tracing::warn!(connections = self.tasks.len(), "not every connection ended in time");
        }
        let store = self.store.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || store.close()).await {
            tracing::error!(%error, "the store could not be closed");
        }
    }

    /// Waits until nothing goes on any more. A client that was just signing in gets in and is sent away again.
    async fn drain(&self) {
        let mut again = interval(DRAIN_INTERVAL);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.tasks.wait() => return,
                _ = again.tick() => self.hub.close_all_sessions(),
            }
        }
    }
}

/// What the administration interface tells of the configuration.
pub(super) fn configuration_in_force(configuration: &Configuration) -> ConfigurationInForce {
    ConfigurationInForce {
        toml: effective(configuration),
        json: serde_json::to_value(configuration).unwrap_or_default(),
        settings: described(),
    }
}

async fn open_store(file: PathBuf) -> anyhow::Result<Arc<SqliteStore>> {
    let shown = file.display().to_string();
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&file, Options::default())).await?;
    opened.with_context(|| format!("cannot open the store {shown}"))
}

/// Where alerts are confirmed with a code: where old machines can, if there is such a place.
fn code_address(domain: &str, listeners: &[(Purpose, Listener)]) -> Option<String> {
    let port = |wanted: Purpose| {
        let found = listeners.iter().find(|(purpose, _)| *purpose == wanted);
        found.map(|(_, listener)| listener.local_address().port())
    };
    let plain = port(Purpose::WebCodes).map(|port| format!("http://{domain}:{port}/c"));
    plain.or_else(|| port(Purpose::WebTls).map(|port| format!("https://{domain}:{port}/c")))
}

fn file_settings(configuration: &Configuration, directory: &Path, port: u16) -> hub::FileSettings {
    let files = &configuration.files;
    hub::FileSettings {
        folder: directory.join(store::sqlite::FILES_FOLDER),
        base_url: format!("https://{}:{port}", configuration.domain),
        size_bytes_max: files.size_max_bytes,
        quota_bytes: files.quota_bytes,
        keep_days: files.keep_days,
        free_bytes_min: files.free_bytes_min,
        free_percent_min: files.free_percent_min,
    }
}

/// What the configuration has checked already means something.
fn strangers(windows: &WindowsDoor) -> StrangerRules {
    StrangerRules {
        blocked: windows.blocked.iter().filter_map(|text| text.parse().ok()).collect(),
        quiet_hours: windows.quiet_hours.iter().filter_map(|text| text.parse().ok()).collect(),
    }
}

fn hub_settings(configuration: &Configuration) -> hub::Settings {
    let (windows, limits) = (&configuration.doors.windows, &configuration.limits);
    let passwords = &configuration.passwords;
    hub::Settings {
        domain: configuration.domain.clone(),
        archive: configuration.archive.enabled,
        outbox_bytes_max: limits.outbox_bytes_max,
        sessions_max: limits.sessions_per_account_max,
        contacts_max: limits.roster_contacts_max,
        pending_max: limits.pending_messages_max,
        resumption: Duration::from_secs(limits.resumption_seconds),
        machine_name: windows.netbios_name.clone(),
        machine_name_to: windows.machine_name_to.clone(),
        strangers: strangers(windows),
        time_zone: jiff::tz::TimeZone::system(),
        passwords: PasswordRules { length_min: passwords.length_min, days_max: passwords.days_max },
        release: configuration.alerts.release.clone(),
    }
}
