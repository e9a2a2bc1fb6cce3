use std::{collections::BTreeSet, fmt};

use super::Target;

/// How targets are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// One target.
    Target(Target),
    /// Who is in one of them: at least two, none of which is such a list.
    Any(Vec<Expression>),
    /// Who is in both.
    Both(Box<Expression>, Box<Expression>),
    /// Who is in the first and not in the second.
    Without(Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Who is in one of these, of which there is at least one.
    pub(super) fn any(parts: impl IntoIterator<Item = Expression>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => Self::Any(flat),
        }
    }

    pub(super) fn targets<'a>(&'a self, into: &mut Vec<&'a Target>) {
        match self {
            Self::Target(target) => into.push(target),
            Self::Any(parts) => parts.iter().for_each(|part| part.targets(into)),
            Self::Both(one, other) | Self::Without(one, other) => {
                one.targets(into);
                other.targets(into);
            }
        }
    }

    pub(super) fn is_list(&self) -> bool {
        match self {
            Self::Target(_) => true,
            Self::Any(parts) => parts.iter().all(Self::is_list),
            Self::Both(..) | Self::Without(..) => false,
        }
    }

    pub(super) fn adding_targets<'a>(&'a self, into: &mut Vec<&'a Target>) {
        match self {
            Self::Target(target) => into.push(target),
            Self::Any(parts) => parts.iter().for_each(|part| part.adding_targets(into)),
            Self::Both(one, _) | Self::Without(one, _) => one.adding_targets(into),
        }
    }

    pub(super) fn includes(&self, leaf: &impl Fn(&Target) -> bool) -> bool {
        match self {
            Self::Target(target) => leaf(target),
            Self::Any(parts) => parts.iter().any(|part| part.includes(leaf)),
            Self::Both(one, other) => one.includes(leaf) && other.includes(leaf),
            Self::Without(one, other) => one.includes(leaf) && !other.includes(leaf),
        }
    }

    pub(super) fn resolve<T: Ord, E>(
        &self,
        leaf: &mut impl FnMut(&Target) -> Result<BTreeSet<T>, E>,
    ) -> Result<BTreeSet<T>, E> {
        match self {
            Self::Target(target) => leaf(target),
            Self::Any(parts) => {
                let mut all = BTreeSet::new();
                for part in parts {
                    let mut more = part.resolve(leaf)?;
                    if more.len() > all.len() {
                        std::mem::swap(&mut more, &mut all);
                    }
                    all.extend(more);
                }
                Ok(all)
            }
            Self::Both(one, other) => {
                let (mut one, other) = (one.resolve(leaf)?, other.resolve(leaf)?);
                one.retain(|member| other.contains(member));
                Ok(one)
            }
            Self::Without(one, other) => {
                let (mut one, other) = (one.resolve(leaf)?, other.resolve(leaf)?);
                one.retain(|member| !other.contains(member));
                Ok(one)
            }
        }
    }

    /// Writes what stands beside an operator: `&` and `!` are read from the left.
    fn operand(&self, formatter: &mut fmt::Formatter<'_>, is_left: bool) -> fmt::Result {
        match self {
            Self::Target(_) => fmt::Display::fmt(self, formatter),
            Self::Both(..) | Self::Without(..) if is_left => fmt::Display::fmt(self, formatter),
            _ => write!(formatter, "({self})"),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => target.fmt(formatter),
            Self::Any(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(",")?;
                    }
                    part.fmt(formatter)?;
                }
                Ok(())
            }
            Self::Both(one, other) | Self::Without(one, other) => {
                one.operand(formatter, true)?;
                formatter.write_str(if matches!(self, Self::Both(..)) { "&" } else { "!" })?;
                other.operand(formatter, false)
            }
        }
    }
}
