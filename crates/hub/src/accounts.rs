use std::sync::Arc;

use auth::{PasswordRecord, record::ITERATIONS_DEFAULT};
use domain::{Account, Address, BrowserSessionId, Group, GroupName};
use store::{Change, NewAccount, Outcome};

use crate::{ALERTS_NAME, CloseReason, GivenPassword, Hub, HubError, passwords::must_change};

/// Names that could pass for the service itself.
const RESERVED_NAMES: [&str; 4] = [ALERTS_NAME, "messngr", "service", "system"];

impl Hub {
    /// The account of this address.
    pub fn account(&self, address: &Address) -> Option<Arc<Account>> {
        self.people.account(address)
    }

    /// The account that a name or an address means.
    pub fn account_named(&self, name: &str) -> Result<Arc<Account>, HubError> {
        let address = Address::within(name, self.domain())?;
        self.people.account(&address).ok_or_else(|| HubError::NoAccount { name: name.to_owned() })
    }

    /// All accounts, by address.
    pub fn accounts(&self) -> Vec<Arc<Account>> {
        self.people.all()
    }

    /// How many accounts there are.
    pub fn account_count(&self) -> usize {
        self.people.count()
    }

    /// Looks in the store for accounts that were made otherwise than by this hub.
    pub async fn learn_accounts(&self) -> Result<(), HubError> {
        for account in self.store.accounts().await? {
            self.people.put(account);
        }
        Ok(())
    }

    /// What the service remembers of a person's password. A disabled account has one too: who proves to know it may be
    /// told why they are not let in, and nobody else.
    pub async fn password(&self, address: &Address) -> Result<Option<PasswordRecord>, HubError> {
        let found = self.store.password(address).await?;
        Ok(found.and_then(|(_, text)| PasswordRecord::from_text(&text).ok()))
    }

    /// Makes an account. `actor` is who asked, for the audit log.
    pub async fn add_account(
        &self,
        actor: &str,
        name: &str,
        password: impl Into<GivenPassword<'_>>,
        administrator: bool,
    ) -> Result<Account, HubError> {
        let given = password.into();
        let address = Address::within(name, self.domain())?;
        if address.domain() != self.domain() {
            return Err(HubError::Foreign { address: address.to_string(), domain: self.domain().to_owned() });
        }
        if RESERVED_NAMES.contains(&address.name()) {
            return Err(HubError::ReservedName { name: address.name().to_owned() });
        }
        let password = self.derive(given.text).await?;
        let created_at = self.environment.now();
        let detail = if administrator { "administrator" } else { "" };
        let audit = self.audit(actor, "user.add", address.as_str(), detail);
        let changed = must_change(&address, given.must_change);
        let create = Change::CreateAccount(NewAccount { address, password, administrator, created_at });
        match self.store.commit(vec![create, changed, audit]).await?.into_iter().next() {
            Some(Outcome::Account(account)) => {
                self.people.put(account.clone());
                Ok(account)
            }
            other => Err(store::StoreError::Corrupt { why: format!("an account came to {other:?}") }.into()),
        }
    }

    /// Gives a person a new password; their sessions end, and their tokens are useless.
    pub async fn set_password(
        &self,
        actor: &str,
        name: &str,
        password: impl Into<GivenPassword<'_>>,
    ) -> Result<(), HubError> {
        let given = password.into();
        let address = self.account_named(name)?.address.clone();
        self.replace_password(actor, &address, given, None).await?;
        self.close_sessions(&address, CloseReason::NotAuthorized);
        Ok(())
    }

    /// Nothing that was signed in by the old one is any more, but the browser `except`.
    pub(crate) async fn replace_password(
        &self,
        actor: &str,
        address: &Address,
        given: GivenPassword<'_>,
        except: Option<BrowserSessionId>,
    ) -> Result<(), HubError> {
        let record = self.derive(given.text).await?;
        let audit = self.audit(actor, "user.password", address.as_str(), "");
        let set = Change::SetPassword { address: address.clone(), record };
        let browsers = self.forget_browsers(address, except).await;
        let mut changes = vec![set, audit, browsers.change()];
        changes.push(self.password_changed(address));
        changes.push(must_change(address, given.must_change));
        changes.extend(self.forget_tokens(address).await?);
        self.store.commit(changes).await?;
        self.browsers_forgotten(browsers);
        self.proofs.end(address);
        Ok(())
    }

    /// Disables an account, or enables it again.
    pub async fn set_disabled(&self, actor: &str, name: &str, disabled: bool) -> Result<(), HubError> {
        if disabled {
            self.check_another_administrator(name)?;
        }
        let action = if disabled { "user.disable" } else { "user.enable" };
        let change = |address| Change::SetDisabled { address, disabled };
        self.change_account(actor, name, action, change, |account| account.disabled = disabled).await
    }

    /// Says whether unverified senders may reach a person.
    pub async fn set_accepts_unverified(
        &self,
        actor: &str,
        name: &str,
        accepts: bool,
    ) -> Result<(), HubError> {
        let action = if accepts { "user.accept-unverified" } else { "user.refuse-unverified" };
        let change = |address| Change::SetAcceptsUnverified { address, accepts };
        self.change_account(actor, name, action, change, |account| account.accepts_unverified = accepts).await
    }

    /// Makes an administrator of a person, or no longer one.
    pub async fn set_administrator(
        &self,
        actor: &str,
        name: &str,
        administrator: bool,
    ) -> Result<(), HubError> {
        if !administrator {
            self.check_another_administrator(name)?;
        }
        let action = if administrator { "user.promote" } else { "user.demote" };
        let change = |address| Change::SetAdministrator { address, administrator };
        self.change_account(actor, name, action, change, |account| account.administrator = administrator)
            .await
    }

    /// Removes an account and everything of its own.
    pub async fn remove_account(&self, actor: &str, name: &str) -> Result<(), HubError> {
        self.check_another_administrator(name)?;
        let address = self.account_named(name)?.address.clone();
        let audit = self.audit(actor, "user.remove", address.as_str(), "");
        self.store.commit(vec![Change::RemoveAccount { address: address.clone() }, audit]).await?;
        self.forget_account(&address);
        self.close_sessions(&address, CloseReason::NotAuthorized);
        Ok(())
    }

    /// Nothing is known here any more of an account that is gone.
    pub(crate) fn forget_account(&self, address: &Address) {
        self.people.remove(address);
        self.proofs.end(address);
        self.archives.forget(address);
        self.rights.forget(address);
        self.sources.forget(address);
        self.api_tokens.forget(address);
        self.browsers.forget(address);
        self.absences.remove(address);
        self.circles.forget(address);
        self.rooms.forget_person(address);
    }

    /// All groups, by name.
    pub async fn groups(&self) -> Result<Vec<Group>, HubError> {
        Ok(self.store.groups().await?)
    }

    /// Makes a group.
    pub async fn add_group(&self, actor: &str, name: GroupName) -> Result<(), HubError> {
        let audit = self.audit(actor, "group.add", name.as_str(), "");
        self.store.commit(vec![Change::CreateGroup { name }, audit]).await?;
        Ok(())
    }

    /// Removes a group; its members stay.
    pub async fn remove_group(&self, actor: &str, name: GroupName) -> Result<(), HubError> {
        let audit = self.audit(actor, "group.remove", name.as_str(), "");
        self.store.commit(vec![Change::RemoveGroup { name }, audit]).await?;
        self.note_groups_for_privacy().await
    }

    /// Puts a person into a group, or takes them out of it.
    pub async fn set_member(
        &self,
        actor: &str,
        name: GroupName,
        person: &str,
        member: bool,
    ) -> Result<(), HubError> {
        let address = self.account_named(person)?.address.clone();
        let action = if member { "group.join" } else { "group.leave" };
        let audit = self.audit(actor, action, name.as_str(), address.as_str());
        let change =
            if member { Change::JoinGroup { address, name } } else { Change::LeaveGroup { address, name } };
        self.store.commit(vec![change, audit]).await?;
        self.note_groups_for_privacy().await
    }

    /// Appends something to the audit log that no other change tells of.
    pub async fn note(&self, actor: &str, action: &str, subject: &str, detail: &str) -> Result<(), HubError> {
        self.store.commit(vec![self.audit(actor, action, subject, detail)]).await?;
        Ok(())
    }

    /// Somebody must be left who may administer the service.
    pub(crate) fn check_another_administrator(&self, name: &str) -> Result<(), HubError> {
        let account = self.account_named(name)?;
        let may = |other: &Arc<Account>| other.administrator && !other.disabled;
        let another = self.people.all().iter().any(|other| may(other) && other.address != account.address);
        if another || !may(&account) {
            return Ok(());
        }
        Err(HubError::LastAdministrator { address: account.address.to_string() })
    }

    async fn change_account(
        &self,
        actor: &str,
        name: &str,
        action: &str,
        change: impl FnOnce(Address) -> Change,
        apply: impl FnOnce(&mut Account),
    ) -> Result<(), HubError> {
        let account = self.account_named(name)?;
        let audit = self.audit(actor, action, account.address.as_str(), "");
        let mut changes = vec![change(account.address.clone()), audit];
        let mut account = (*account).clone();
        apply(&mut account);
        let mut browsers = None;
        if account.disabled {
            changes.extend(self.forget_tokens(&account.address).await?);
            let forgetting = self.forget_browsers(&account.address, None).await;
            changes.push(forgetting.change());
            browsers = Some(forgetting);
        }
        self.store.commit(changes).await?;
        let (address, disabled) = (account.address.clone(), account.disabled);
        if let Some(browsers) = browsers {
            self.browsers_forgotten(browsers);
        }
        // Whoever opens a session meanwhile is not let in any more, or is among those whose sessions are closed.
        self.people.put(account);
        if disabled {
            self.proofs.end(&address);
            self.close_sessions(&address, CloseReason::NotAuthorized);
        }
        Ok(())
    }

    /// Deriving keys takes milliseconds on purpose, so it is not done where messages pass.
    async fn derive(&self, password: &str) -> Result<String, HubError> {
        let (password, random) = (password.to_owned(), self.environment.random());
        let derive = move || PasswordRecord::derive(&password, random, ITERATIONS_DEFAULT);
        let wrong = |why: String| HubError::Password { why };
        let record = tokio::task::spawn_blocking(derive).await.map_err(|error| wrong(error.to_string()))?;
        Ok(record.map_err(|error| wrong(error.to_string()))?.to_text())
    }
}
