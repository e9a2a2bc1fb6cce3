//! How the service is, for people: what works, and what is planned.

use std::fmt::Write;

use ::api::service::{Listening, SWITCHED_OFF};

use super::html::{Text, page};

/// The page. It tells strangers on the network no more than what they could try.
pub(super) fn status(domain: &str, listening: &[Listening], store_works: bool, maintenance: &str) -> String {
    let wanted: Vec<&Listening> =
        listening.iter().filter(|row| row.problem.as_deref() != Some(SWITCHED_OFF)).collect();
    let all_works = store_works && wanted.iter().all(|row| row.address.is_some());
    let mut body = String::new();
    let sentence = if all_works { "Everything works." } else { "Something does not work." };
    let _ = write!(body, "<h1>{}</h1>\n<p class=\"{}\">{sentence}</p>\n", Text(domain), class(all_works));
    if !maintenance.trim().is_empty() {
        let _ = write!(
            body,
            "<section class=\"card\">\n<h3>Planned maintenance</h3>\n<p>{}</p>\n</section>\n",
            Text(maintenance.trim())
        );
    }
    body.push_str("<section class=\"card\">\n<table>\n");
    row("messages and alerts are kept", store_works, &mut body);
    for listening in wanted {
        row(&listening.purpose, listening.address.is_some(), &mut body);
    }
    body.push_str("</table>\n</section>\n");
    page(&format!("{domain}: status"), &body)
}

fn row(what: &str, works: bool, body: &mut String) {
    let word = if works { "works" } else { "does not work" };
    let _ = writeln!(body, "<tr><td>{}</td><td class=\"{}\">{word}</td></tr>", Text(what), class(works));
}

fn class(works: bool) -> &'static str {
    if works { "good" } else { "bad" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(purpose: &str, address: Option<&str>, problem: Option<&str>) -> Listening {
        Listening {
            door: "xmpp".to_owned(),
            setting: "doors.xmpp.listen".to_owned(),
            purpose: purpose.to_owned(),
            address: address.map(|address| address.parse().unwrap()),
            problem: problem.map(str::to_owned),
            remedy: None,
        }
    }

    #[test]
    fn people_see_what_works_what_does_not_and_what_is_planned() {
        let doors = [door("chat", Some("10.0.0.5:5222"), None), door("old", None, Some(SWITCHED_OFF))];
        let well = status("x.internal", &doors, true, "");
        assert!(
            well.contains("Everything works.") && !well.contains("old") && !well.contains("10.0.0.5"),
            "{well}"
        );
        assert!(!well.contains("maintenance"), "{well}");

        let broken = [door("chat", None, Some("Port 5222 is taken."))];
        let ill = status("x.internal", &broken, true, "Tonight at 10 <b>");
        assert!(ill.contains("Something does not work.") && ill.contains("does not work</td>"), "{ill}");
        assert!(ill.contains("Tonight at 10 &lt;b&gt;") && !ill.contains("taken"), "{ill}");
        assert!(status("x.internal", &doors, false, "").contains("Something does not work."));
    }
}
