use std::sync::Arc;

use domain::{
    Address,
    room::{
        Affiliation, Nickname, Role, RoomConfiguration, RoomRefusal, Standing, may_invite,
        may_list_affiliations, may_set_affiliation, may_set_role, role_at_entry,
    },
};
use store::{Change, RoomChange, StoreError};
use tokio::sync::oneshot;

use super::{
    AFFILIATIONS_MAX, LiveRoom,
    item::Departure,
    live::{Cause, State},
};
use crate::{Hub, HubError, Session};

/// What somebody must be told who is asked into a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// How the room is set up.
    pub configuration: RoomConfiguration,
    /// The name of who asks, where they may be known by that alone.
    pub by: Nickname,
}

impl Hub {
    /// Gives somebody who is in a room another role, by their name there; [`Role::None`] sends them out (XEP-0045 §8).
    pub async fn set_role(
        &self,
        session: &Session,
        address: &Address,
        nickname: &str,
        wanted: Role,
        reason: Option<String>,
    ) -> Result<(), HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let out = room.state.lock().set_role(session, nickname, wanted, reason)?;
        self.note_out(address, &out);
        self.end_if_deserted(&room).await;
        Ok(())
    }

    /// Makes a person something else to a room, whether or not they are in it (XEP-0045 §9, §10).
    pub async fn set_affiliation(
        &self,
        session: &Session,
        address: &Address,
        person: &Address,
        wanted: Affiliation,
        reason: Option<String>,
    ) -> Result<(), HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        if wanted > Affiliation::None && self.account(person).is_none() {
            return Err(domain::Refusal::NoSuchRecipient.into());
        }
        let check = |state: &State| {
            let room = &state.room;
            let (actor, target) = (room.affiliation(session.address()), room.affiliation(person));
            may_set_affiliation(actor, target, wanted, room.owner_count())
        };
        self.change_affiliation(&room, person, wanted, check).await?;
        let by = room.state.lock().occupant_of(session).map(|occupant| occupant.nickname.clone());
        let out = room.state.lock().show_affiliation(person, by, reason);
        self.note_out(address, &out);
        self.end_if_deserted(&room).await;
        Ok(())
    }

    /// Commits what a person is to a room from now on. The rules go by it at once, and again by what was before where it
    /// cannot be committed.
    async fn change_affiliation(
        &self,
        room: &Arc<LiveRoom>,
        person: &Address,
        wanted: Affiliation,
        check: impl Fn(&State) -> Result<(), RoomRefusal>,
    ) -> Result<(), HubError> {
        let permit = self.store.reserve().await?;
        let (sender, receiver) = oneshot::channel();
        let before = {
            let mut state = room.state.lock();
            if state.gone {
                return Err(RoomRefusal::NoSuchRoom.into());
            }
            check(&state)?;
            let before = state.room.affiliation(person);
            state.put_affiliation(person, wanted)?;
            let (room, person) = (room.address.clone(), person.clone());
            let change = Change::Room(RoomChange::SetAffiliation { room, person, affiliation: wanted });
            self.store.submit(permit, vec![change], Box::new(move |result| drop(sender.send(result))));
            before
        };
        if let Err(error) = receiver.await.unwrap_or(Err(StoreError::Closed)) {
            let mut state = room.state.lock();
            if state.room.affiliation(person) == wanted {
                state.put_affiliation(person, before)?;
            }
            return Err(error.into());
        }
        Ok(())
    }

    /// The people who are this to a room, by address (XEP-0045 §9.3, §9.5, §10.5, §10.8).
    pub fn affiliated(
        &self,
        session: &Session,
        address: &Address,
        affiliation: Affiliation,
    ) -> Result<Vec<Address>, HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        let own = state.room.affiliation(session.address());
        may_list_affiliations(&state.room.configuration, own, affiliation)?;
        let people = state.room.affiliations.iter();
        Ok(people.filter(|(_, known)| **known == affiliation).map(|(person, _)| person.clone()).collect())
    }

    /// Those in a room who have a role: name, address and affiliation (XEP-0045 §8.5, §9.8). Only moderators ask.
    pub fn with_role(
        &self,
        session: &Session,
        address: &Address,
        role: Role,
    ) -> Result<Vec<(Nickname, Address, Affiliation)>, HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let state = room.state.lock();
        if state.present(session)?.role != Role::Moderator {
            return Err(RoomRefusal::NotModerator.into());
        }
        let with_role = state.occupants.iter().filter(|occupant| occupant.role == role);
        let row = |occupant: &super::live::Occupant| {
            let affiliation = state.room.affiliation(&occupant.address);
            (occupant.nickname.clone(), occupant.address.clone(), affiliation)
        };
        Ok(with_role.map(row).collect())
    }

    /// Lets somebody ask a person into a room (XEP-0045 §7.8). Where only members enter, the person becomes one.
    pub async fn invite(
        &self,
        session: &Session,
        address: &Address,
        invitee: &Address,
    ) -> Result<Invitation, HubError> {
        let room = self.rooms.find(address).ok_or(RoomRefusal::NoSuchRoom)?;
        let (invitation, joins) = {
            let state = room.state.lock();
            let own = state.present(session)?;
            may_invite(&state.room.configuration, state.standing(session))?;
            let affiliation = state.room.affiliation(invitee);
            if affiliation == Affiliation::Outcast {
                return Err(RoomRefusal::Banned.into());
            }
            let configuration = state.room.configuration.clone();
            let joins = configuration.members_only && affiliation == Affiliation::None;
            (Invitation { configuration, by: own.nickname.clone() }, joins)
        };
        if joins && self.account(invitee).is_some() {
            let check = |state: &State| may_invite(&state.room.configuration, state.standing(session));
            self.change_affiliation(&room, invitee, Affiliation::Member, check).await?;
        }
        Ok(invitation)
    }
}

impl State {
    fn put_affiliation(&mut self, person: &Address, affiliation: Affiliation) -> Result<(), RoomRefusal> {
        if affiliation == Affiliation::None {
            self.room.affiliations.remove(person);
            return Ok(());
        }
        let is_new = !self.room.affiliations.contains_key(person);
        if is_new && self.room.affiliations.len() >= AFFILIATIONS_MAX {
            return Err(RoomRefusal::TooManyAffiliations { limit: AFFILIATIONS_MAX });
        }
        self.room.affiliations.insert(person.clone(), affiliation);
        Ok(())
    }

    fn set_role(
        &mut self,
        session: &Session,
        nickname: &str,
        wanted: Role,
        reason: Option<String>,
    ) -> Result<Vec<Arc<Session>>, RoomRefusal> {
        let actor = self.present(session)?.nickname.clone();
        let target = self.named(nickname).ok_or(RoomRefusal::NoSuchOccupant)?;
        let affiliation = self.room.affiliation(&target.address);
        may_set_role(self.standing(session), Standing { affiliation, role: target.role }, wanted)?;
        let name = target.nickname.clone();
        let departure = (wanted == Role::None).then_some(Departure::Kicked);
        let cause = Cause { departure, by: Some(actor), reason };
        if wanted == Role::None {
            return Ok(self.send_out(&cause, |_, occupant| occupant.nickname == name));
        }
        let named = self.occupants.iter_mut().find(|occupant| occupant.nickname == name);
        if let Some(occupant) = named {
            occupant.role = wanted;
        }
        self.show_again(|occupant| occupant.nickname == name, &cause);
        Ok(Vec::new())
    }

    /// What a person is to the room has changed: everybody is told, and who may not be in it any more is sent out.
    fn show_affiliation(
        &mut self,
        person: &Address,
        by: Option<Nickname>,
        reason: Option<String>,
    ) -> Vec<Arc<Session>> {
        let affiliation = self.room.affiliation(person);
        let departure = match affiliation {
            Affiliation::Outcast => Some(Departure::Banned),
            Affiliation::None if self.room.configuration.members_only => Some(Departure::MembershipEnded),
            _ => None,
        };
        let cause = Cause { departure, by, reason };
        if cause.departure.is_some() {
            return self.send_out(&cause, |_, occupant| occupant.address == *person);
        }
        let role = role_at_entry(&self.room.configuration, affiliation);
        for occupant in self.occupants.iter_mut().filter(|occupant| occupant.address == *person) {
            // A voice that was given is kept; moderators by affiliation come and go with it.
            let kept = occupant.role.min(Role::Participant);
            occupant.role = role.max(kept);
        }
        self.show_again(|occupant| occupant.address == *person, &cause);
        Vec::new()
    }

    fn show_again(&self, is_meant: impl Fn(&super::live::Occupant) -> bool, cause: &Cause) {
        for occupant in self.occupants.iter().filter(|occupant| is_meant(occupant)) {
            if let Some(device) = occupant.devices.last() {
                self.tell_all(&self.presence(occupant, device, cause.clone()));
            }
        }
    }
}
