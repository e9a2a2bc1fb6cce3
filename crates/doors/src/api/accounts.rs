//! Accounts: who can sign in.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Account, Address, GroupName};
use hub::{GivenPassword, Hub, HubError};
use store::StoreError;

pub use ::api::accounts::{AccountChange, AccountView, NewAccount, NewPassword};

use super::{
    Problem, Service,
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{Input, Parameters},
};

const GROUPS_MAX: usize = 100;

/// `GET /accounts`: all of them, by address.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<AccountView>, Problem> {
    let mut groups: BTreeMap<Address, Vec<GroupName>> = BTreeMap::new();
    for group in service.hub.groups().await? {
        for member in group.members {
            groups.entry(member).or_default().push(group.name.clone());
        }
    }
    let view = |account: Arc<Account>| {
        let groups = groups.remove(&account.address).unwrap_or_default();
        view(&account, groups)
    };
    let all = service.hub.accounts().into_iter().map(view).collect();
    Page::of(all, |account: &AccountView| account.address.to_string(), &query, &place)
}

/// `GET /accounts/NAME`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<AccountView>, Problem> {
    current(&service.hub, &name).await
}

pub(super) async fn add(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewAccount>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    if new.groups.len() > GROUPS_MAX {
        return Err(Problem::invalid(format!("an account is made with at most {GROUPS_MAX} groups")));
    }
    let hub = &service.hub;
    if let Ok(account) = hub.account_named(&new.name) {
        return Err(StoreError::Exists { what: format!("the account {}", account.address) }.into());
    }
    if !new.create_groups {
        let known = hub.groups().await?;
        if let Some(unknown) = new.groups.iter().find(|name| !known.iter().any(|group| group.name == **name))
        {
            return Err(HubError::NoGroup { name: unknown.to_string() }.into());
        }
    }
    let given = GivenPassword { text: &new.password, must_change: new.must_change_password };
    let account = hub.add_account(&caller.actor, &new.name, given, new.administrator).await?;
    for group in new.groups {
        match hub.add_group(&caller.actor, group.clone()).await {
            Ok(()) | Err(HubError::Store(StoreError::Exists { .. })) => {}
            Err(error) => return Err(error.into()),
        }
        hub.set_member(&caller.actor, group, account.address.as_str(), true).await?;
    }
    Ok((StatusCode::CREATED, current(hub, account.address.as_str()).await?))
}

pub(super) async fn change(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(change): Input<AccountChange>,
) -> Result<Json<AccountView>, Problem> {
    let (hub, actor) = (&service.hub, &caller.actor);
    let account = hub.account_named(&name)?;
    if let Some(administrator) = change.administrator.filter(|wanted| *wanted != account.administrator) {
        hub.set_administrator(actor, &name, administrator).await?;
    }
    if let Some(accepts) = change.accepts_unverified.filter(|wanted| *wanted != account.accepts_unverified) {
        hub.set_accepts_unverified(actor, &name, accepts).await?;
    }
    if let Some(disabled) = change.disabled.filter(|wanted| *wanted != account.disabled) {
        hub.set_disabled(actor, &name, disabled).await?;
    }
    current(hub, &name).await
}

/// `DELETE /accounts/NAME`: the account and everything of its own. Answered with 204.
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    service.hub.remove_account(&caller.actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn set_password(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewPassword>,
) -> Result<StatusCode, Problem> {
    let hub = &service.hub;
    match new.old_password {
        None => {
            // Administrators may change their own in the same way as those of others.
            let whose = hub.account_named(&name)?;
            let is_own = caller.peer.account().is_some_and(|own| own.address == whose.address);
            let must_change = new.must_change_password && !is_own;
            let given = GivenPassword { text: &new.password, must_change };
            hub.set_password(&caller.actor, &name, given).await?;
        }
        Some(old) => {
            let own = hub.account_named(&name)?.address.clone();
            hub.change_own_password(&own, &old, &new.password, caller.peer.browser()).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /me/password`: the person's own; the one of now has to be shown.
pub(super) async fn set_own_password(
    service: State<Arc<Service>>,
    caller: Caller,
    new: Input<NewPassword>,
) -> Result<StatusCode, Problem> {
    if new.0.old_password.is_none() {
        return Err(Problem::invalid(
            "old_password is missing: whoever changes their own password shows the old one",
        ));
    }
    let name = Path(caller.name());
    set_password(service, caller, name, new).await
}

async fn current(hub: &Hub, name: &str) -> Result<Json<AccountView>, Problem> {
    let account = hub.account_named(name)?;
    let groups = hub.store().groups_of(&account.address).await?;
    Ok(Json(view(&account, groups)))
}

fn view(account: &Account, groups: Vec<GroupName>) -> AccountView {
    AccountView {
        address: account.address.clone(),
        netbios: account.netbios.clone(),
        administrator: account.administrator,
        disabled: account.disabled,
        accepts_unverified: account.accepts_unverified,
        created_at: account.created_at,
        groups,
    }
}
