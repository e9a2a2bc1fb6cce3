//! An expression means the same as sets of people do, and is read as it is written.

use std::{collections::BTreeSet, convert::Infallible};

use proptest::prelude::*;

use super::{Audience, Member, Target, expression::Expression};
use crate::{Address, GroupName};

const PEOPLE: [&str; 6] = ["anna", "bert", "carl", "dora", "emil", "fred"];
const GROUPS: [(&str, &[usize]); 3] = [("ward-3", &[0, 1, 2]), ("night", &[1, 3, 5]), ("none", &[])];

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Everyone),
        (0..PEOPLE.len()).prop_map(|index| Target::User(PEOPLE[index].to_owned())),
        (0..GROUPS.len()).prop_map(|index| Target::Group(GROUPS[index].0.parse().unwrap())),
        Just("computer:PRESS (1) - A@10.0.0.7:1139".parse().unwrap()),
        Just("address:10.0.0.0/31".parse().unwrap()),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    target().prop_map(Expression::Target).prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Expression::any),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| Expression::Both(Box::new(one), Box::new(other))),
            (inner.clone(), inner)
                .prop_map(|(one, other)| Expression::Without(Box::new(one), Box::new(other))),
        ]
    })
}

/// The naive model: each person is asked by hand.
fn means(expression: &Expression, person: usize) -> bool {
    match expression {
        Expression::Target(Target::Everyone) => true,
        Expression::Target(Target::User(name)) => PEOPLE[person] == name,
        Expression::Target(Target::Group(name)) => {
            GROUPS.iter().any(|(group, members)| *group == name.as_str() && members.contains(&person))
        }
        Expression::Target(Target::Network(_)) => person < 2,
        Expression::Target(Target::Computer(_)) => false,
        Expression::Any(parts) => parts.iter().any(|part| means(part, person)),
        Expression::Both(one, other) => means(one, person) && means(other, person),
        Expression::Without(one, other) => means(one, person) && !means(other, person),
    }
}

proptest! {
    #[test]
    fn an_expression_is_read_as_it_is_written(expression in expression()) {
        let audience = Audience { expression };
        prop_assert_eq!(audience.to_string().parse::<Audience>(), Ok(audience));
    }

    #[test]
    fn everybody_is_meant_whom_sets_of_people_mean(expression in expression()) {
        let expected: BTreeSet<usize> =
            (0..PEOPLE.len()).filter(|person| means(&expression, *person)).collect();
        let audience = Audience { expression };
        let mut leaf = |target: &Target| {
            let target = Expression::Target(target.clone());
            Ok::<_, Infallible>((0..PEOPLE.len()).filter(|person| means(&target, *person)).collect())
        };
        prop_assert_eq!(audience.resolve(&mut leaf), Ok(expected.clone()));
        for (person, name) in PEOPLE.iter().enumerate() {
            let address = Address::new(name, "x.internal").unwrap();
            let groups: Vec<GroupName> = GROUPS
                .iter()
                .filter(|(_, members)| members.contains(&person))
                .map(|(name, _)| name.parse().unwrap())
                .collect();
            let sources = [format!("10.0.0.{person}").parse().unwrap()];
            let member = Member { address: &address, groups: &groups, sources: &sources };
            prop_assert_eq!(audience.includes(member), expected.contains(&person), "{}", name);
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in "[a-z:,|&!() \"@/0-9.-]{0,60}") {
        if let Ok(audience) = text.parse::<Audience>() {
            prop_assert_eq!(audience.to_string().parse::<Audience>(), Ok(audience));
        }
    }
}

#[test]
fn operators_bind_as_they_are_documented() {
    let same = |one: &str, other: &str| {
        assert_eq!(one.parse::<Audience>().unwrap(), other.parse::<Audience>().unwrap(), "{one}");
    };
    same("a,b&c", "a,(b&c)");
    same("a&b!c", "(a&b)!c");
    same("everyone - group:ward-3", "everyone!group:ward-3");
    same("a | b", "a,b");
    same("everyone -(a,b)", "everyone!(a,b)");
    assert_eq!("(a, b) & c".parse::<Audience>().unwrap().to_string(), "(user:a,user:b)&user:c");
    for wrong in ["(a", "a)", "a&", "!a", "()", "a (b)", "\"a", "&"] {
        assert!(wrong.parse::<Audience>().is_err(), "{wrong}");
    }
}
