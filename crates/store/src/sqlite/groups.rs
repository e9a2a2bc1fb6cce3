use domain::{Address, Group, GroupName};
use rusqlite::Connection;

use super::{
    accounts,
    values::{all, changed, execute, existing, exists, missing, parsed},
};
use crate::StoreError;

pub(super) fn create(connection: &Connection, group: &GroupName) -> Result<(), StoreError> {
    if is_here(connection, group)? {
        return Err(existing(name(group)));
    }
    execute(connection, "INSERT INTO groups (name) VALUES (?1)", [group.as_str()]).map(drop)
}

pub(super) fn remove(connection: &Connection, group: &GroupName) -> Result<(), StoreError> {
    changed(execute(connection, "DELETE FROM groups WHERE name = ?1", [group.as_str()])?, name(group))
}

pub(super) fn join(connection: &Connection, address: &Address, group: &GroupName) -> Result<(), StoreError> {
    require(connection, group)?;
    accounts::require(connection, address)?;
    let sql = "INSERT INTO memberships (name, address) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    execute(connection, sql, (group.as_str(), address.as_str())).map(drop)
}

pub(super) fn leave(connection: &Connection, address: &Address, group: &GroupName) -> Result<(), StoreError> {
    require(connection, group)?;
    let sql = "DELETE FROM memberships WHERE name = ?1 AND address = ?2";
    execute(connection, sql, (group.as_str(), address.as_str())).map(drop)
}

fn is_here(connection: &Connection, group: &GroupName) -> Result<bool, StoreError> {
    exists(connection, "SELECT 1 FROM groups WHERE name = ?1", [group.as_str()])
}

fn require(connection: &Connection, group: &GroupName) -> Result<(), StoreError> {
    if is_here(connection, group)? { Ok(()) } else { Err(missing(name(group))) }
}

fn name(group: &GroupName) -> String {
    format!("the group {group}")
}

pub(super) fn list(connection: &Connection) -> Result<Vec<Group>, StoreError> {
    let sql = "SELECT groups.name, memberships.address FROM groups LEFT JOIN memberships USING (name)
               ORDER BY groups.name, memberships.address";
    let mut groups: Vec<Group> = Vec::new();
    for (name, member) in all(connection, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (name, member): (String, Option<String>) = (name, member);
        if groups.last().is_none_or(|group| group.name.as_str() != name) {
            groups.push(Group { name: parsed("groups.name", &name)?, members: Vec::new() });
        }
        if let (Some(group), Some(member)) = (groups.last_mut(), member) {
            group.members.push(parsed("memberships.address", &member)?);
        }
    }
    Ok(groups)
}

pub(super) fn by_name(connection: &Connection, group: &GroupName) -> Result<Option<Group>, StoreError> {
    let sql = "SELECT memberships.address FROM groups LEFT JOIN memberships USING (name)
               WHERE groups.name = ?1 ORDER BY memberships.address";
    let rows: Vec<Option<String>> = all(connection, sql, [group.as_str()], |row| Ok(row.get(0)?))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let members = rows.iter().flatten().map(|member| parsed("memberships.address", member));
    Ok(Some(Group { name: group.clone(), members: members.collect::<Result<_, _>>()? }))
}

pub(super) fn of(connection: &Connection, address: &Address) -> Result<Vec<GroupName>, StoreError> {
    let sql = "SELECT name FROM memberships WHERE address = ?1 ORDER BY name";
    all(connection, sql, [address.as_str()], |row| parsed("memberships.name", &row.get::<_, String>(0)?))
}
