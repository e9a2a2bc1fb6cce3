use std::str::FromStr;

use super::{Audience, AudienceError, TARGETS_MAX, expression::Expression};
use crate::displayable;

/// How deep parentheses may stand in each other.
const DEPTH_MAX: usize = 20;

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let mut reader = Reader { rest: text, targets: 0, depth: 0 };
        let expression = reader.any()?;
        if !reader.rest.is_empty() {
            return Err(reader.wrong("there is no parenthesis to be closed"));
        }
        Ok(Self { expression: expression.ok_or(AudienceError::Empty)? })
    }
}

struct Reader<'a> {
    rest: &'a str,
    targets: usize,
    depth: usize,
}

impl Reader<'_> {
    /// What commas separate. Nothing between two commas is no mistake.
    fn any(&mut self) -> Result<Option<Expression>, AudienceError> {
        let mut parts = Vec::new();
        loop {
            if !self.at_any(&[',', '|', ')']) && !self.rest.is_empty() {
                parts.push(self.chain()?);
            }
            if !self.take(&[',', '|']) {
                break;
            }
        }
        Ok((!parts.is_empty()).then(|| Expression::any(parts)))
    }

    /// What `&`, `!` and ` - ` put together, from the left.
    fn chain(&mut self) -> Result<Expression, AudienceError> {
        let mut left = self.operand()?;
        loop {
            if self.take(&['&']) {
                left = Expression::Both(Box::new(left), Box::new(self.operand()?));
            } else if self.take(&['!']) || self.take_minus() {
                left = Expression::Without(Box::new(left), Box::new(self.operand()?));
            } else if self.rest.is_empty() || self.at_any(&[',', '|', ')']) {
                return Ok(left);
            } else {
                return Err(self.wrong("an operator is missing: write a comma, & or !"));
            }
        }
    }

    fn operand(&mut self) -> Result<Expression, AudienceError> {
        if !self.take(&['(']) {
            return self.target();
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wrong("parentheses stand at most 20 deep in each other"));
        }
        let inner = self.any()?.ok_or_else(|| self.wrong("there is nobody between the parentheses"))?;
        if !self.take(&[')']) {
            return Err(self.wrong("a parenthesis is not closed"));
        }
        self.depth -= 1;
        Ok(inner)
    }

    fn target(&mut self) -> Result<Expression, AudienceError> {
        self.rest = self.rest.trim_start();
        let mut text = String::new();
        let mut quoted = false;
        let mut end = self.rest.len();
        for (index, character) in self.rest.char_indices() {
            let here = &self.rest[index..];
            match character {
                '"' => quoted = !quoted,
                _ if quoted => text.push(character),
                ',' | '|' | '&' | '!' | '(' | ')' => {
                    end = index;
                    break;
                }
                _ if character.is_whitespace() && is_minus(here.trim_start()) => {
                    end = index;
                    break;
                }
                _ => text.push(character),
            }
        }
        if quoted {
            return Err(self.wrong("a quotation mark is not closed"));
        }
        let text = text.trim();
        if text.is_empty() {
            return Err(self.wrong("a target is missing"));
        }
        self.rest = &self.rest[end..];
        self.targets += 1;
        if self.targets > TARGETS_MAX {
            return Err(AudienceError::TooMany { count: self.targets });
        }
        text.parse().map(Expression::Target)
    }

    fn at_any(&mut self, characters: &[char]) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.starts_with(characters)
    }

    fn take(&mut self, characters: &[char]) -> bool {
        let there = self.at_any(characters);
        if there {
            // All of them are one byte long.
            self.rest = &self.rest[1..];
        }
        there
    }

    fn take_minus(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        let there = is_minus(self.rest);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    fn wrong(&self, why: &'static str) -> AudienceError {
        AudienceError::Syntax { at: displayable(self.rest).chars().take(40).collect(), why }
    }
}

/// Whether a minus stands here that is no part of a name.
fn is_minus(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|next: char| next.is_whitespace() || next == '('))
}
