//! Reading a dialogue from its file.

use std::collections::BTreeSet;

/// A dialogue as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// The clause and the rule: the first line.
    pub(super) title: String,
    pub(super) steps: Vec<Step>,
}

/// One thing that happens, with the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) line: usize,
    /// The line itself.
    pub(super) sentence: String,
    pub(super) action: Action,
}

/// Who acts: `alice`, or `alice/phone` where she has several connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) label: Option<String>,
}

/// What happens. Texts still have their variables in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Relate { one: String, other: String, state: Relation },
    Open { subject: Subject, way: Way, until: Stage },
    StartTls { subject: Subject },
    Send { subject: Subject, text: String, raw: bool },
    Receive { subject: Subject, expected: String, any_order: bool },
    ReceiveNothing { subject: Subject },
    NobodyReceivesMore,
    CatchUp { subject: Option<Subject> },
    Acknowledge { subject: Subject },
    AnswerNoPings { subject: Subject },
    IsDisconnected { subject: Subject },
    SignOut { subject: Subject },
    Drop { subject: Subject },
    Administer { command: String, succeeds: bool, says: String },
    Restart { killed: bool },
}

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Plain,
    /// The plain port, and TLS by STARTTLS.
    StartTls,
    /// The port that begins with TLS.
    DirectTls,
}

/// How far a connection is taken without being told each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connected,
    /// Our header is out, and the features are read.
    Opened,
    /// Signed in, and the features of the next stream are read.
    Authenticated {
        mechanism: String,
    },
    Bound {
        resource: String,
    },
    /// With its contact list and its presence.
    Available {
        resource: String,
        priority: i8,
    },
}

/// How two people stand to each other, seen by the first of them (RFC 6121 appendix A.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) to: bool,
    pub(super) from: bool,
    pub(super) pending_out: bool,
    pub(super) pending_in: bool,
}

/// Names after a `$` that nobody has.
const RESERVED: [&str; 6] = ["domain", "sent", "received", "base64", "repeat", "ht"];

impl Script {
    /// Reads a dialogue. An error says on which line what was not understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let lines: Vec<&str> = text.lines().collect();
        let title = lines.first().and_then(|line| line.strip_prefix("# ")).unwrap_or_default().to_owned();
        if !title.contains(": ") {
            return Err("1: the first line is \"# clause: rule\"".to_owned());
        }
        let mut steps = Vec::new();
        let mut next = 0;
        while next < lines.len() {
            let (number, line) = (next + 1, lines[next]);
            next += 1;
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let first = next;
            while lines.get(next).is_some_and(|line| line.starts_with(' ')) {
                next += 1;
            }
            let block: Vec<&str> = lines[first..next].iter().map(|line| line.trim()).collect();
            let action = action(line, &block).map_err(|error| format!("{number}: {error}"))?;
            steps.push(Step { line: number, sentence: line.to_owned(), action });
        }
        Ok(Self { title, steps })
    }

    /// Everybody who needs an account: who acts, and whose address is used.
    pub(super) fn people(&self) -> BTreeSet<String> {
        let mut people = BTreeSet::new();
        let mut captured = BTreeSet::new();
        for step in &self.steps {
            match &step.action {
                Action::Relate { one, other, .. } => people.extend([one.clone(), other.clone()]),
                Action::Open { subject, .. } => drop(people.insert(subject.name.clone())),
                Action::Send { text, .. } => named(text, &mut people, &mut captured),
                Action::Receive { expected, .. } => named(expected, &mut people, &mut captured),
                Action::Administer { command, says, .. } => {
                    named(command, &mut people, &mut captured);
                    named(says, &mut people, &mut captured);
                }
                _ => {}
            }
        }
        people.retain(|name| !captured.contains(name) && !RESERVED.contains(&name.as_str()));
        people
    }
}

/// The names after each `$`; those that are followed by `:=` are captured rather than used.
fn named(text: &str, people: &mut BTreeSet<String>, captured: &mut BTreeSet<String>) {
    for after in text.split('$').skip(1) {
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (name, rest) = after.split_at(end);
        if name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            let names = if rest.starts_with(":=") { &mut *captured } else { &mut *people };
            names.insert(name.to_owned());
        }
    }
}

fn action(line: &str, block: &[&str]) -> Result<Action, String> {
    let needs_block = |is_empty: bool| {
        if is_empty { Err("what is sent or received stands below, indented".to_owned()) } else { Ok(()) }
    };
    if let Some(command) = line.strip_prefix("administrator runs: ") {
        return Ok(Action::Administer { command: command.into(), succeeds: true, says: block.join("\n") });
    }
    if let Some(command) = line.strip_prefix("administrator is refused: ") {
        return Ok(Action::Administer { command: command.into(), succeeds: false, says: block.join("\n") });
    }
    match line {
        "the service is killed and starts again" => return Ok(Action::Restart { killed: true }),
        "the service stops and starts again" => return Ok(Action::Restart { killed: false }),
        "nobody receives anything more" => return Ok(Action::NobodyReceivesMore),
        "everyone catches up" => return Ok(Action::CatchUp { subject: None }),
        _ => {}
    }
    if let Some(relate) = relation(line)? {
        return Ok(relate);
    }
    let (who, rest) = line.split_once(' ').ok_or("nobody does anything here")?;
    let (name, label) = who.split_once('/').map_or((who, None), |(name, label)| (name, Some(label)));
    let subject = Subject { name: name.to_owned(), label: label.map(str::to_owned) };
    Ok(match rest {
        "sends" | "sends raw" => {
            needs_block(block.is_empty())?;
            let raw = rest == "sends raw";
            Action::Send { subject, text: join(block, raw), raw }
        }
        "receives" | "receives in any order" => {
            needs_block(block.is_empty())?;
            let any_order = rest == "receives in any order";
            Action::Receive { subject, expected: join(block, false), any_order }
        }
        "receives nothing" => Action::ReceiveNothing { subject },
        "catches up" => Action::CatchUp { subject: Some(subject) },
        "acknowledges" => Action::Acknowledge { subject },
        "answers no pings" => Action::AnswerNoPings { subject },
        "starts TLS" => Action::StartTls { subject },
        "is disconnected" => Action::IsDisconnected { subject },
        "signs out" => Action::SignOut { subject },
        "drops" => Action::Drop { subject },
        rest => opening(subject, rest)?,
    })
}

/// The lines as one; a space stands for the end of a line within a tag. Raw bytes say themselves where a line ends.
fn join(block: &[&str], raw: bool) -> String {
    let mut text = String::new();
    for line in block {
        let within_tag = text.rfind('<') > text.rfind('>');
        if within_tag && !raw {
            text.push(' ');
        }
        text.push_str(line);
    }
    text
}

fn opening(subject: Subject, rest: &str) -> Result<Action, String> {
    let (rest, way) = if let Some(rest) = rest.strip_suffix(" over TLS") {
        (rest, Way::StartTls)
    } else if let Some(rest) = rest.strip_suffix(" over direct TLS") {
        (rest, Way::DirectTls)
    } else {
        (rest, Way::Plain)
    };
    let until = if rest == "connects" {
        Stage::Connected
    } else if rest == "opens a stream" {
        Stage::Opened
    } else if rest == "authenticates" {
        Stage::Authenticated { mechanism: "PLAIN".to_owned() }
    } else if let Some(mechanism) = rest.strip_prefix("authenticates with ") {
        Stage::Authenticated { mechanism: mechanism.to_owned() }
    } else if let Some(resource) = rest.strip_prefix("binds ") {
        Stage::Bound { resource: resource.to_owned() }
    } else if let Some(resource) = rest.strip_prefix("signs in as ") {
        let (resource, priority) = resource.split_once(" with priority ").unwrap_or((resource, "0"));
        let priority = priority.parse().map_err(|_| format!("no priority: {priority}"))?;
        Stage::Available { resource: resource.to_owned(), priority }
    } else {
        return Err(format!("not understood: {rest}"));
    };
    Ok(Action::Open { subject, way, until })
}

/// `alice's subscription with bob is To + Pending In`.
fn relation(line: &str) -> Result<Option<Action>, String> {
    let Some((one, rest)) = line.split_once("'s subscription with ") else { return Ok(None) };
    let (other, state) = rest.split_once(" is ").ok_or("expected: …'s subscription with … is …")?;
    let (base, pending) = state.split_once(" + ").unwrap_or((state, ""));
    let (to, from) = match base {
        "None" => (false, false),
        "To" => (true, false),
        "From" => (false, true),
        "Both" => (true, true),
        other => return Err(format!("no state of a subscription: {other}")),
    };
    let (pending_out, pending_in) = match pending {
        "" => (false, false),
        "Pending Out" => (true, false),
        "Pending In" => (false, true),
        "Pending Out+In" => (true, true),
        other => return Err(format!("nothing can be pending like this: {other}")),
    };
    let state = Relation { to, from, pending_out, pending_in };
    Ok(Some(Action::Relate { one: one.to_owned(), other: other.to_owned(), state }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialogue_names_its_clause_and_its_people() {
        let text = "# RFC 6121 §3.1.3: a request arrives\nalice signs in as phone\n\nalice sends\n    <presence\n      to='$bob/desk' id='$id:='/>\nalice receives\n    <a id='$id'/>\n";
        let script = Script::parse(text).unwrap();
        assert_eq!(script.title, "RFC 6121 §3.1.3: a request arrives");
        assert_eq!(script.people().into_iter().collect::<Vec<_>>(), ["alice", "bob"]);
        let Action::Send { text, .. } = &script.steps[1].action else { panic!("{script:?}") };
        assert_eq!(text, "<presence to='$bob/desk' id='$id:='/>");
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        let wrong = |text: &str| Script::parse(text).unwrap_err();
        assert_eq!(wrong("alice sends\n"), "1: the first line is \"# clause: rule\"");
        assert_eq!(wrong("# X §1: y\nalice dances\n"), "2: not understood: dances");
        assert_eq!(
            wrong("# X §1: y\n\nalice sends\nbob receives nothing\n"),
            "3: what is sent or received stands below, indented"
        );
        assert_eq!(
            wrong("# X §1: y\nalice's subscription with bob is Love\n"),
            "2: no state of a subscription: Love"
        );
    }

    #[test]
    fn a_subscription_is_named_as_the_appendix_names_it() {
        let script =
            Script::parse("# X §1: y\nalice's subscription with bob is From + Pending Out\n").unwrap();
        let state = Relation { to: false, from: true, pending_out: true, pending_in: false };
        assert_eq!(
            script.steps[0].action,
            Action::Relate { one: "alice".into(), other: "bob".into(), state }
        );
    }
}
