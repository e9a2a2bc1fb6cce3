use std::{fmt, str::FromStr};

use crate::{Address, Audience, AudienceError, Computer, NETBIOS_SPELLING_MAX, Target, displayable};

/// One of those whom the Alerter tells: people, or a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertName {
    /// People: `everyone`, `user:NAME`, `group:NAME`, `address:NETWORK`.
    People(Audience),
    /// A machine, and where it is, if that is known: `computer:NAME[@HOST[:PORT]]`.
    Computer(Computer),
    /// A bare name: an account's, its NetBIOS spelling, a message name, or else that of a machine.
    Name(String),
}

impl FromStr for AlertName {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let text = text.trim();
        let is_audience = text.contains([':', ',', '|', '&', '!', '(', ')']) || text == "everyone";
        if !is_audience && is_name(text) {
            return Ok(Self::Name(text.to_owned()));
        }
        let wrong = |why: &str| {
            let target = displayable(text).chars().take(80).collect();
            AudienceError::Target { target, why: why.to_owned() }
        };
        if !is_audience {
            return Err(wrong("a name is that of an account, or a NetBIOS name of 1 to 15 characters"));
        }
        let audience: Audience = text.parse()?;
        match audience.targets().as_slice() {
            [Target::Computer(computer)] => Ok(Self::Computer(computer.clone())),
            targets if targets.iter().any(|target| matches!(target, Target::Computer(_))) => {
                Err(wrong("a computer stands alone: write each name by itself"))
            }
            _ => Ok(Self::People(audience)),
        }
    }
}

/// Whether a text can be the name of an account or of a machine.
fn is_name(text: &str) -> bool {
    let of_machine = (1..=NETBIOS_SPELLING_MAX).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_control() || "\"*+,/:;<=>?[\\]|@()&!".contains(c));
    of_machine || Address::within(text, "internal").is_ok()
}

impl fmt::Display for AlertName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::People(audience) => audience.fmt(formatter),
            Self::Computer(computer) => Target::Computer(computer.clone()).fmt(formatter),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_machines_and_bare_names_read_back_as_they_were_written() {
        for text in ["everyone", "group:ops", "user:anna", "computer:PRESS1@10.0.0.7:1139", "PRESS 1", "anna"]
        {
            let name: AlertName = text.parse().unwrap();
            assert_eq!(name.to_string().parse::<AlertName>().unwrap(), name, "{text}");
        }
        assert_eq!("WS7".parse::<AlertName>().unwrap(), AlertName::Name("WS7".to_owned()));
        for people in ["group:ops,user:anna", "everyone!anna"] {
            assert!(matches!(people.parse::<AlertName>(), Ok(AlertName::People(_))), "{people}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_and_says_what_could_be() {
        for wrong in ["", "a name that is too long for that", "group:", "computer:@x", "user:a,computer:B@c"]
        {
            assert!(wrong.parse::<AlertName>().is_err(), "{wrong}");
        }
    }
}
