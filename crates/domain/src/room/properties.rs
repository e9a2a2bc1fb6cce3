//! What holds of the rules whoever acts on whomever.

use proptest::prelude::*;

use super::*;

fn affiliation() -> impl Strategy<Value = Affiliation> {
    prop::sample::select(Affiliation::ALL.to_vec())
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn standing() -> impl Strategy<Value = Standing> {
    (affiliation(), role()).prop_map(|(affiliation, role)| Standing { affiliation, role })
}

proptest! {
    #[test]
    fn nobody_lowers_who_stands_above_them(actor in standing(), target in standing(), wanted in role()) {
        if may_set_role(actor, target, wanted).is_ok() {
            prop_assert_eq!(actor.role, Role::Moderator);
            prop_assert!(wanted >= target.role || target.affiliation <= actor.affiliation);
        }
    }

    #[test]
    fn only_owners_make_and_unmake_administrators_and_owners(
        actor in affiliation(), target in affiliation(), wanted in affiliation(), owners in 1_usize..3,
    ) {
        let done = may_set_affiliation(actor, target, wanted, owners).is_ok();
        if done && wanted != target {
            prop_assert!(actor >= Affiliation::Administrator);
            prop_assert!(target.max(wanted) < Affiliation::Administrator || actor == Affiliation::Owner);
            prop_assert!(target != Affiliation::Owner || owners > 1);
        }
    }

    #[test]
    fn who_may_enter_without_a_word_has_a_role_and_who_is_banned_has_none(
        affiliation in affiliation(), moderated: bool, members_only: bool, present in 0_usize..400,
    ) {
        let configuration = RoomConfiguration { moderated, members_only, ..RoomConfiguration::default() };
        match may_enter(&configuration, affiliation, None, present) {
            Ok(role) => prop_assert!(role > Role::None && affiliation > Affiliation::Outcast),
            Err(refusal) => prop_assert!(affiliation < Affiliation::Administrator, "{refusal}"),
        }
    }

    #[test]
    fn a_higher_standing_never_may_less(one in standing(), target in standing(), wanted in role()) {
        let owner = Standing { affiliation: Affiliation::Owner, role: Role::Moderator };
        if may_set_role(one, target, wanted).is_ok() {
            prop_assert_eq!(may_set_role(owner, target, wanted), Ok(()));
        }
    }

    #[test]
    fn a_nickname_is_what_it_is_made_of_once_more(text in any::<String>()) {
        if let Ok(nickname) = Nickname::new(&text) {
            let again = Nickname::new(nickname.as_str());
            prop_assert_eq!(again.as_ref(), Ok(&nickname));
            prop_assert!(again.unwrap().looks_like(nickname.as_str()));
        }
    }
}
