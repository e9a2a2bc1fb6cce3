use std::path::{Path, PathBuf};

use domain::GroupName;
use hub::{Environment, GivenPassword, Hub, HubError};
use store::{Change, Store, StoreError};
use thiserror::Error;

use super::keys::write_private;

/// The setting of the store that holds the service's domain.
const DOMAIN_SETTING: &str = "domain";
/// The name of the account that the first start makes.
const ADMINISTRATOR: &str = "admin";
/// The group that gets what is sent to the machine's own name, as long as nothing else is configured.
const ADMINISTRATORS: &str = "admin";
/// The file of the generated password, where nobody looks at a terminal.
const PASSWORD_FILE: &str = "admin-password";
/// Who made what the first start makes, in the audit log.
const ACTOR: &str = "first start";

/// The letters of a generated password: 32 that nobody takes for another.
const PASSWORD_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// 5 groups of 4 letters are 100 bits.
const PASSWORD_GROUPS: usize = 5;
const PASSWORD_GROUP_LETTERS: usize = 4;
const PASSWORD_BYTES: usize = PASSWORD_GROUPS * PASSWORD_GROUP_LETTERS;

/// Why the service cannot be what it was at its first start, or cannot have one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum FirstStartError {
    /// Another domain is configured than the one that everybody's address ends in.
    #[error(
        "the domain is `{fixed}` since the first start, and everybody's address ends in it, but `{configured}` is configured: set `domain = \"{fixed}\"`, or start a new service with another --data"
    )]
    OtherDomain {
        /// The domain of the first start.
        fixed: String,
        /// The domain that is configured now.
        configured: String,
    },
    /// The store cannot say or remember it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account cannot be made.
    #[error("the account {ADMINISTRATOR} cannot be made: {0}")]
    Account(#[from] HubError),
    /// The password cannot be written down.
    #[error("cannot write the password of {ADMINISTRATOR} to {}: {why}", path.display())]
    PasswordFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

/// The account that was made, and where its password is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewAdministrator {
    /// The account's name.
    pub(crate) name: &'static str,
    /// How somebody gets to know the password.
    pub(crate) password: PasswordPlace,
}

/// Where a generated password is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PasswordPlace {
    /// It is to be shown now, and nowhere else.
    Shown(String),
    /// It is in this file, which only the service's user can read.
    File(PathBuf),
}

/// The service's domain: what the first start fixed, or else `configured`, which is fixed by this. Where nobody wrote
/// the domain (`written` is false), a host that was renamed keeps the domain it had.
///
/// # Errors
/// The domain is fixed and somebody wrote another one.
pub(crate) async fn fix_domain(
    store: &dyn Store,
    configured: &str,
    written: bool,
) -> Result<String, FirstStartError> {
    match store.setting(DOMAIN_SETTING).await? {
        Some(fixed) => agreed_domain(&fixed, configured, written),
        None => {
            let (key, value) = (DOMAIN_SETTING.to_owned(), configured.to_owned());
            store.commit(vec![Change::SetSetting { key, value }]).await?;
            Ok(configured.to_owned())
        }
    }
}

/// The fixed domain, unless somebody wrote another one.
pub(crate) fn agreed_domain(fixed: &str, configured: &str, written: bool) -> Result<String, FirstStartError> {
    if written && fixed != configured {
        let (fixed, configured) = (fixed.to_owned(), configured.to_owned());
        return Err(FirstStartError::OtherDomain { fixed, configured });
    }
    Ok(fixed.to_owned())
}

/// Makes the account of the administrator, where there is no account at all, and the group of administrators with it.
/// The password is generated; it goes to whoever sits at the terminal, or into a file of mode 0600 in `directory`.
///
/// # Errors
/// The account or the file cannot be made. The file is made first, so that no password is lost.
pub(crate) async fn make_administrator(
    hub: &Hub,
    directory: &Path,
    terminal: bool,
) -> Result<Option<NewAdministrator>, FirstStartError> {
    if hub.account_count() > 0 {
        return Ok(None);
    }
    let password = generated_password(hub.environment());
    let place = match terminal {
        true => PasswordPlace::Shown(password.clone()),
        false => PasswordPlace::File(write_password(directory, &password)?),
    };
    hub.add_account(ACTOR, ADMINISTRATOR, GivenPassword { text: &password, must_change: true }, true).await?;
    if let Ok(group) = ADMINISTRATORS.parse::<GroupName>() {
        match hub.add_group(ACTOR, group.clone()).await {
            Ok(()) | Err(HubError::Store(StoreError::Exists { .. })) => {}
            Err(error) => return Err(error.into()),
        }
        hub.set_member(ACTOR, group, ADMINISTRATOR, true).await?;
    }
    Ok(Some(NewAdministrator { name: ADMINISTRATOR, password: place }))
}

/// A password of 100 random bits, in letters that nobody takes for another.
pub(crate) fn generated_password(environment: &Environment) -> String {
    let letters: Vec<char> = environment
        .random::<PASSWORD_BYTES>()
        .iter()
        .map(|byte| char::from(PASSWORD_LETTERS[usize::from(*byte) % PASSWORD_LETTERS.len()]))
        .collect();
    let groups = letters.chunks(PASSWORD_GROUP_LETTERS).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

fn write_password(directory: &Path, password: &str) -> Result<PathBuf, FirstStartError> {
    let path = directory.join(PASSWORD_FILE);
    match write_private(directory, &path, format!("{password}\n").as_bytes()) {
        Ok(()) => Ok(path),
        Err(error) => Err(FirstStartError::PasswordFile { path, why: error.to_string() }),
    }
}

/// A password does not get into a log by being formatted.
impl std::fmt::Debug for PasswordPlace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shown(_) => formatter.write_str("Shown(…)"),
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

    use hub::{Settings, SigningKey};
    use store::sqlite::{Options, SqliteStore};

    use super::*;

    fn store(directory: &Path) -> Arc<SqliteStore> {
        SqliteStore::open(&directory.join("messngr.db"), Options::default()).unwrap()
    }

    async fn hub(directory: &Path) -> Arc<Hub> {
        let settings = Settings {
            domain: "office.internal".to_owned(),
            archive: true,
            outbox_bytes_max: 1_000_000,
            sessions_max: 50,
            contacts_max: 100,
            pending_max: 100,
            resumption: Duration::from_secs(60),
            machine_name: "OFFICE".to_owned(),
            machine_name_to: "group:admin".parse().unwrap(),
            strangers: domain::StrangerRules::default(),
            time_zone: jiff::tz::TimeZone::UTC,
            passwords: domain::PasswordRules::default(),
            release: Vec::new(),
        };
        let key = SigningKey::from_bytes(&[7; 32]);
        Hub::start(settings, Environment::system(), store(directory), key).await.unwrap()
    }

    #[tokio::test]
    async fn the_domain_of_the_first_start_stays_and_another_one_is_an_error_with_the_remedy() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        let fix = async |domain, written| fix_domain(&*store, domain, written).await;
        assert_eq!(fix("office.internal", false).await.unwrap(), "office.internal");
        assert_eq!(fix("office.internal", true).await.unwrap(), "office.internal");

        let error = fix("plant.internal", true).await.unwrap_err();
        assert!(error.to_string().contains("set `domain = \"office.internal\"`"), "{error}");
        let (fixed, configured) = ("office.internal".to_owned(), "plant.internal".to_owned());
        assert_eq!(error, FirstStartError::OtherDomain { fixed, configured });
    }

    #[tokio::test]
    async fn a_host_that_was_renamed_keeps_its_domain() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        fix_domain(&*store, "old.internal", false).await.unwrap();
        assert_eq!(fix_domain(&*store, "new.internal", false).await.unwrap(), "old.internal");
    }

    #[tokio::test]
    async fn without_a_terminal_the_password_is_in_a_file_for_its_owner_alone_and_it_works() {
        let directory = tempfile::tempdir().unwrap();
        let hub = hub(directory.path()).await;
        let made = make_administrator(&hub, directory.path(), false).await.unwrap().unwrap();
        let path = directory.path().join(PASSWORD_FILE);
        assert_eq!(made.password, PasswordPlace::File(path.clone()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        let account = hub.account_named("admin").unwrap();
        assert!(account.administrator);
        let password = fs::read_to_string(path).unwrap();
        let record = hub.password(&account.address).await.unwrap().unwrap();
        assert!(record.matches(password.trim_end()));
    }

    #[tokio::test]
    async fn what_is_sent_to_the_machines_own_name_has_somebody_to_go_to() {
        let directory = tempfile::tempdir().unwrap();
        let hub = hub(directory.path()).await;
        make_administrator(&hub, directory.path(), true).await.unwrap();
        let people = hub.people_in(&"group:admin".parse().unwrap()).await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!(people[0].address.name(), ADMINISTRATOR);
    }

    #[tokio::test]
    async fn at_a_terminal_the_password_is_shown_once_and_written_nowhere() {
        let directory = tempfile::tempdir().unwrap();
        let hub = hub(directory.path()).await;
        let made = make_administrator(&hub, directory.path(), true).await.unwrap().unwrap();
        let PasswordPlace::Shown(password) = &made.password else { panic!("not shown") };
        assert!(!directory.path().join(PASSWORD_FILE).exists());
        assert!(!format!("{made:?}").contains(password.as_str()));
        assert_eq!(make_administrator(&hub, directory.path(), true).await.unwrap(), None);
    }

    #[test]
    fn a_generated_password_is_five_groups_of_four_letters_that_differ_from_each_other() {
        let one = generated_password(&Environment::system());
        let groups: Vec<&str> = one.split('-').collect();
        assert_eq!(groups.len(), PASSWORD_GROUPS);
        assert!(groups.iter().all(|group| group.len() == PASSWORD_GROUP_LETTERS));
        assert!(one.bytes().all(|letter| letter == b'-' || PASSWORD_LETTERS.contains(&letter)));
        assert_ne!(one, generated_password(&Environment::system()));
    }
}
