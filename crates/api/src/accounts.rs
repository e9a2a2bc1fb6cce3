//! Accounts: who can sign in.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, GroupName};

/// An account, as lists and answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountView {
    /// `name@domain`.
    #[schemars(with = "String")]
    pub address: Address,
    /// The spelling by which Windows computers know this person: at most 15 ASCII characters.
    pub netbios: String,
    /// Whether it may administer the service and send alerts.
    pub administrator: bool,
    /// Whether it cannot sign in or be reached.
    pub disabled: bool,
    /// Whether senders whom nobody vouches for may reach this person.
    pub accepts_unverified: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The groups it is in, by name.
    #[schemars(with = "Vec<String>")]
    pub groups: Vec<GroupName>,
}

/// `POST /accounts`: an account to be made. Answered with 201 and the [`AccountView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Its name, or its whole address in the service's domain.
    pub name: String,
    /// Its password: 1 to 1,023 bytes.
    pub password: String,
    /// Whether the person is to change it when they first sign in by a browser: yes, unless this is false.
    #[serde(default = "yes")]
    pub must_change_password: bool,
    /// Whether it may administer.
    #[serde(default)]
    pub administrator: bool,
    /// The groups to put it into; at most 100.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub groups: Vec<GroupName>,
    /// Whether groups that do not exist are made. Otherwise one that does not exist is an error, and no account is
    /// made.
    #[serde(default)]
    pub create_groups: bool,
}

/// `PATCH /accounts/NAME`: what is to be different. What is left out stays. Answered with the [`AccountView`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Whether it may administer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub administrator: Option<bool>,
    /// Whether it cannot sign in or be reached; its sessions end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Whether senders whom nobody vouches for may reach this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts_unverified: Option<bool>,
}

/// `PUT /accounts/NAME/password`: a new password; the person's sessions end. Answered with 204; with 403 where the old
/// one is given and wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password: 1 to 1,023 bytes.
    pub password: String,
    /// The password of now, where the person changes it themselves: then it has to be right, and the new one has to
    /// keep the rules for passwords that people choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_password: Option<String>,
    /// Whether the person is to change it when they first sign in by a browser: yes, unless this is false or people
    /// choose it for themselves.
    #[serde(default = "yes")]
    pub must_change_password: bool,
}

fn yes() -> bool {
    true
}
