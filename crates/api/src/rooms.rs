//! Rooms: conversations of more than two.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::Address;

/// A room as whoever asks sees it: `GET /rooms`, `GET /rooms/ADDRESS`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomView {
    /// Its address.
    #[schemars(with = "String")]
    pub address: Address,
    /// Its name for people; empty where its address says it all.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// What it talks about.
    pub subject: Option<String>,
    /// Whether only members enter.
    pub members_only: bool,
    /// Whether it stays when nobody is in it.
    pub persistent: bool,
    /// What the asker is to it: `owner`, `admin`, `member`, `none`.
    pub affiliation: String,
    /// Whether the asker wants to be in it: their browsers enter it by themselves.
    pub joined: bool,
    /// How many are in it now.
    pub present: usize,
    /// Who is in it and who belongs to it; left out in lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<RoomMember>,
}

/// Somebody who is in a room or belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomMember {
    /// Who, where the asker may know.
    #[schemars(with = "Option<String>")]
    pub address: Option<Address>,
    /// Under which name they are there.
    pub nickname: Option<String>,
    /// What they are to it: `owner`, `admin`, `member`, `none`.
    pub affiliation: String,
    /// What they may do now: `moderator`, `participant`, `visitor`, `none`.
    pub role: String,
    /// Whether they are in it now.
    pub present: bool,
}

/// `POST /rooms`: a room to be made, which stays. Answered with 201 and the [`RoomView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoom {
    /// What stands before `@` in its address.
    pub name: String,
    /// Its name for people: at most 100 characters.
    #[serde(default)]
    pub title: String,
    /// What it is for: at most 1,000 characters.
    #[serde(default)]
    pub description: String,
    /// Whether everybody finds and enters it; otherwise only members do.
    #[serde(default)]
    pub open: bool,
    /// Who belongs to it from the beginning: at most 100 names or addresses.
    #[serde(default)]
    pub members: Vec<String>,
}
