use thiserror::Error;

use super::{Affiliation, Role, RoomConfiguration, Standing};

/// Why something is not done in a room. The sentences are written for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RoomRefusal {
    /// There is no such room, or its owner has not opened it yet.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The person was banned.
    #[error("you are banned from this room")]
    Banned,
    /// Only members enter.
    #[error("only members may enter this room")]
    MembersOnly,
    /// The password is missing or wrong.
    #[error("this room has a password, and this is not it")]
    Password,
    /// Somebody else has the nickname, or one that looks the same.
    #[error("somebody in this room has this name, or one that looks the same")]
    NicknameTaken,
    /// The nickname could be taken for somebody that it is not.
    #[error("this name could be taken for an administrator's or the service's own")]
    NicknameMistakable,
    /// As many are in the room as may be.
    #[error("this room is full")]
    Full,
    /// Who acts is not in the room.
    #[error("you are not in this room")]
    NotInRoom,
    /// The person listens only.
    #[error("you may not speak in this room")]
    NoVoice,
    /// Only those who may change it change the subject.
    #[error("you may not change this room's subject")]
    SubjectFixed,
    /// It takes a moderator.
    #[error("only moderators of this room may do this")]
    NotModerator,
    /// It takes an administrator of the room.
    #[error("only administrators of this room may do this")]
    NotAdministrator,
    /// It takes an owner.
    #[error("only owners of this room may do this")]
    NotOwner,
    /// Nobody acts against who stands above them.
    #[error("this person stands above you in this room")]
    HigherStanding,
    /// A room has an owner.
    #[error("this room would have no owner: name another one first")]
    LastOwner,
    /// Nobody of this name is in the room.
    #[error("nobody of this name is in the room")]
    NoSuchOccupant,
    /// The person has as many rooms as are allowed.
    #[error("you own {limit} rooms already")]
    TooManyRooms {
        /// How many are allowed.
        limit: usize,
    },
    /// The session is in as many rooms as are allowed.
    #[error("you are in {limit} rooms already")]
    TooManyEntered {
        /// How many are allowed.
        limit: usize,
    },
    /// The room knows as many people as it may.
    #[error("this room's lists are full: {limit} people are allowed")]
    TooManyAffiliations {
        /// How many are allowed.
        limit: usize,
    },
    /// The room cannot be set up so.
    #[error("this room cannot be set up so: {why}")]
    BadConfiguration {
        /// The rule it breaks.
        why: &'static str,
    },
}

/// Whether somebody may enter, and in which role (XEP-0045 §7.2). `present` is how many people are in the room.
pub fn may_enter(
    configuration: &RoomConfiguration,
    affiliation: Affiliation,
    password: Option<&str>,
    present: usize,
) -> Result<Role, RoomRefusal> {
    let room_left = present < configuration.occupants_max as usize;
    match &configuration.password {
        _ if affiliation == Affiliation::Outcast => Err(RoomRefusal::Banned),
        _ if configuration.members_only && affiliation < Affiliation::Member => Err(RoomRefusal::MembersOnly),
        Some(wanted) if password != Some(wanted) => Err(RoomRefusal::Password),
        _ if !room_left && affiliation < Affiliation::Administrator => Err(RoomRefusal::Full),
        _ => Ok(role_at_entry(configuration, affiliation)),
    }
}

/// The role that somebody has who enters (XEP-0045 §5.1.2).
pub fn role_at_entry(configuration: &RoomConfiguration, affiliation: Affiliation) -> Role {
    match affiliation {
        Affiliation::Outcast => Role::None,
        Affiliation::None if configuration.moderated => Role::Visitor,
        Affiliation::None | Affiliation::Member => Role::Participant,
        Affiliation::Administrator | Affiliation::Owner => Role::Moderator,
    }
}

/// Whether somebody may say something to all (XEP-0045 §7.4).
pub fn may_speak(role: Role) -> Result<(), RoomRefusal> {
    match role {
        Role::None => Err(RoomRefusal::NotInRoom),
        Role::Visitor => Err(RoomRefusal::NoVoice),
        Role::Participant | Role::Moderator => Ok(()),
    }
}

/// Whether somebody may say what the room talks about (XEP-0045 §8.1).
pub fn may_change_subject(configuration: &RoomConfiguration, role: Role) -> Result<(), RoomRefusal> {
    match role {
        Role::None => Err(RoomRefusal::NotInRoom),
        Role::Moderator => Ok(()),
        Role::Participant if configuration.anyone_sets_subject => Ok(()),
        Role::Visitor | Role::Participant => Err(RoomRefusal::SubjectFixed),
    }
}

/// Whether somebody may ask others in (XEP-0045 §7.8.2). Where only members enter, who is invited becomes one.
pub fn may_invite(configuration: &RoomConfiguration, standing: Standing) -> Result<(), RoomRefusal> {
    let needed = match (configuration.members_only, configuration.members_invite) {
        (false, _) => Affiliation::None,
        (true, true) => Affiliation::Member,
        (true, false) => Affiliation::Administrator,
    };
    if standing.role == Role::None {
        Err(RoomRefusal::NotInRoom)
    } else if standing.affiliation < needed {
        Err(RoomRefusal::NotAdministrator)
    } else {
        Ok(())
    }
}

/// Whether a role may be given to somebody who is in the room; [`Role::None`] sends them out (XEP-0045 §8.2–§8.4, §9.6,
/// §9.7).
pub fn may_set_role(actor: Standing, target: Standing, wanted: Role) -> Result<(), RoomRefusal> {
    let is_lower = wanted < target.role;
    let moderation = wanted == Role::Moderator || (target.role == Role::Moderator && wanted != Role::None);
    if actor.role < Role::Moderator {
        Err(RoomRefusal::NotModerator)
    } else if is_lower && target.affiliation > actor.affiliation {
        Err(RoomRefusal::HigherStanding)
    } else if moderation && wanted != target.role && actor.affiliation < Affiliation::Administrator {
        Err(RoomRefusal::NotAdministrator)
    } else if is_lower && wanted != Role::None && target.affiliation >= Affiliation::Administrator {
        // Who says who belongs here has a voice, and gives it.
        Err(RoomRefusal::HigherStanding)
    } else {
        Ok(())
    }
}

/// Whether a person's affiliation may become another; `owners` is how many owners the room has (XEP-0045 §9.1–§9.4,
/// §10.3–§10.8).
pub fn may_set_affiliation(
    actor: Affiliation,
    target: Affiliation,
    wanted: Affiliation,
    owners: usize,
) -> Result<(), RoomRefusal> {
    if actor < Affiliation::Administrator {
        Err(RoomRefusal::NotAdministrator)
    } else if actor < Affiliation::Owner && target >= Affiliation::Administrator && wanted < target {
        Err(RoomRefusal::HigherStanding)
    } else if actor < Affiliation::Owner && wanted >= Affiliation::Administrator && wanted != target {
        Err(RoomRefusal::NotOwner)
    } else if target == Affiliation::Owner && wanted != target && owners <= 1 {
        Err(RoomRefusal::LastOwner)
    } else {
        Ok(())
    }
}

/// Whether somebody may see who has an affiliation (XEP-0045 §9.5). Who belongs to a room where everyone sees everyone
/// may see who else does.
pub fn may_list_affiliations(
    configuration: &RoomConfiguration,
    actor: Affiliation,
    listed: Affiliation,
) -> Result<(), RoomRefusal> {
    let members_see = configuration.members_only && configuration.shows_addresses;
    match actor {
        Affiliation::Administrator | Affiliation::Owner => Ok(()),
        Affiliation::Member if members_see && listed != Affiliation::Outcast => Ok(()),
        _ => Err(RoomRefusal::NotAdministrator),
    }
}

/// Whether somebody may say what the room is, and end it (XEP-0045 §10.2, §10.9).
pub fn may_configure(affiliation: Affiliation) -> Result<(), RoomRefusal> {
    if affiliation == Affiliation::Owner { Ok(()) } else { Err(RoomRefusal::NotOwner) }
}

/// Whether somebody may read what was said: who is in the room, who belongs to it, and everyone where anyone may enter
/// without a word.
pub fn may_read_archive(
    configuration: &RoomConfiguration,
    affiliation: Affiliation,
    is_present: bool,
) -> Result<(), RoomRefusal> {
    match affiliation {
        Affiliation::Outcast => Err(RoomRefusal::Banned),
        _ if is_present || affiliation >= Affiliation::Member => Ok(()),
        _ if configuration.members_only => Err(RoomRefusal::MembersOnly),
        _ if configuration.password.is_some() => Err(RoomRefusal::Password),
        // Who does not find a room learns of it by its address alone, and has to come in.
        _ if !configuration.listed => Err(RoomRefusal::NotInRoom),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> RoomConfiguration {
        RoomConfiguration::default()
    }

    #[test]
    fn who_is_banned_stays_out_and_members_only_means_it() {
        let private = RoomConfiguration { members_only: true, ..open() };
        assert_eq!(may_enter(&open(), Affiliation::Outcast, None, 0), Err(RoomRefusal::Banned));
        assert_eq!(may_enter(&private, Affiliation::None, None, 0), Err(RoomRefusal::MembersOnly));
        assert_eq!(may_enter(&private, Affiliation::Member, None, 0), Ok(Role::Participant));
        assert_eq!(may_enter(&open(), Affiliation::Owner, None, 0), Ok(Role::Moderator));
    }

    #[test]
    fn a_password_is_asked_of_everyone_and_a_full_room_lets_only_administrators_in() {
        let locked = RoomConfiguration { password: Some("sesame".to_owned()), occupants_max: 1, ..open() };
        assert_eq!(may_enter(&locked, Affiliation::Owner, None, 0), Err(RoomRefusal::Password));
        assert_eq!(may_enter(&locked, Affiliation::None, Some("Sesame"), 0), Err(RoomRefusal::Password));
        assert_eq!(may_enter(&locked, Affiliation::None, Some("sesame"), 0), Ok(Role::Participant));
        assert_eq!(may_enter(&locked, Affiliation::Member, Some("sesame"), 1), Err(RoomRefusal::Full));
        assert!(may_enter(&locked, Affiliation::Administrator, Some("sesame"), 1).is_ok());
    }

    #[test]
    fn in_a_moderated_room_a_stranger_listens_until_a_moderator_gives_voice() {
        let moderated = RoomConfiguration { moderated: true, ..open() };
        assert_eq!(may_enter(&moderated, Affiliation::None, None, 0), Ok(Role::Visitor));
        assert_eq!(may_speak(Role::Visitor), Err(RoomRefusal::NoVoice));
        let moderator = Standing { affiliation: Affiliation::None, role: Role::Moderator };
        let visitor = Standing { affiliation: Affiliation::None, role: Role::Visitor };
        assert_eq!(may_set_role(moderator, visitor, Role::Participant), Ok(()));
        assert_eq!(may_set_role(visitor, visitor, Role::Participant), Err(RoomRefusal::NotModerator));
        assert_eq!(may_set_role(moderator, visitor, Role::Moderator), Err(RoomRefusal::NotAdministrator));
    }

    #[test]
    fn members_invite_into_a_room_of_members_only_where_they_may() {
        let private = RoomConfiguration { members_only: true, ..open() };
        let member = Standing { affiliation: Affiliation::Member, role: Role::Participant };
        assert_eq!(may_invite(&private, member), Err(RoomRefusal::NotAdministrator));
        assert_eq!(may_invite(&RoomConfiguration { members_invite: true, ..private }, member), Ok(()));
        let outside = Standing { affiliation: Affiliation::Owner, role: Role::None };
        assert_eq!(may_invite(&open(), outside), Err(RoomRefusal::NotInRoom));
    }

    #[test]
    fn the_archive_is_open_to_whom_the_room_is_open() {
        let (hidden, locked) = (
            RoomConfiguration { listed: false, ..open() },
            RoomConfiguration { password: Some("x".into()), ..open() },
        );
        assert_eq!(may_read_archive(&open(), Affiliation::None, false), Ok(()));
        assert_eq!(may_read_archive(&hidden, Affiliation::None, false), Err(RoomRefusal::NotInRoom));
        assert_eq!(may_read_archive(&locked, Affiliation::None, false), Err(RoomRefusal::Password));
        assert_eq!(may_read_archive(&locked, Affiliation::None, true), Ok(()));
        assert_eq!(may_read_archive(&locked, Affiliation::Member, false), Ok(()));
        assert_eq!(may_read_archive(&open(), Affiliation::Outcast, true), Err(RoomRefusal::Banned));
    }
}
