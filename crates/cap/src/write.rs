//! From the alert to the document, element by element in the order of the schema (CAP 1.2 §3.4).

use std::fmt::Display;

use crate::{Alert, Area, Info, NAMESPACE, NamedValue, Resource, words};

pub(crate) fn document(alert: &Alert) -> String {
    let mut out = Writer { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), depth: 0 };
    out.line(&format!("<alert xmlns=\"{NAMESPACE}\">"));
    out.inside(|out| {
        out.element("identifier", &alert.identifier);
        out.element("sender", &alert.sender);
        out.element("sent", alert.sent);
        out.element("status", alert.status.as_str());
        out.element("msgType", alert.message_type.as_str());
        out.elements("source", &alert.source);
        out.element("scope", alert.scope.as_str());
        out.elements("restriction", &alert.restriction);
        out.names("addresses", &alert.addresses);
        out.elements("code", &alert.codes);
        out.elements("note", &alert.note);
        if !alert.references.is_empty() {
            let references: Vec<String> = alert.references.iter().map(ToString::to_string).collect();
            out.element("references", references.join(" "));
        }
        out.names("incidents", &alert.incidents);
        alert.infos.iter().for_each(|info| out.info(info));
    });
    out.line("</alert>");
    out.out
}

struct Writer {
    out: String,
    depth: usize,
}

impl Writer {
    fn info(&mut self, info: &Info) {
        self.parent("info", |out| {
            out.elements("language", &info.language);
            out.elements("category", info.categories.iter().map(|code| code.as_str()));
            out.element("event", &info.event);
            out.elements("responseType", info.response_types.iter().map(|code| code.as_str()));
            out.element("urgency", info.urgency.as_str());
            out.element("severity", info.severity.as_str());
            out.element("certainty", info.certainty.as_str());
            out.elements("audience", &info.audience);
            out.named_values("eventCode", &info.event_codes);
            out.elements("effective", info.effective);
            out.elements("onset", info.onset);
            out.elements("expires", info.expires);
            out.elements("senderName", &info.sender_name);
            out.elements("headline", &info.headline);
            out.elements("description", &info.description);
            out.elements("instruction", &info.instruction);
            out.elements("web", &info.web);
            out.elements("contact", &info.contact);
            out.named_values("parameter", &info.parameters);
            info.resources.iter().for_each(|resource| out.resource(resource));
            info.areas.iter().for_each(|area| out.area(area));
        });
    }

    fn resource(&mut self, resource: &Resource) {
        self.parent("resource", |out| {
            out.element("resourceDesc", &resource.description);
            out.element("mimeType", &resource.media_type);
            out.elements("size", resource.size);
            out.elements("uri", &resource.uri);
            out.elements("derefUri", &resource.contents);
            out.elements("digest", &resource.digest);
        });
    }

    fn area(&mut self, area: &Area) {
        self.parent("area", |out| {
            out.element("areaDesc", &area.description);
            out.elements("polygon", &area.polygons);
            out.elements("circle", &area.circles);
            out.named_values("geocode", &area.geocodes);
            out.elements("altitude", area.altitude);
            out.elements("ceiling", area.ceiling);
        });
    }

    fn named_values(&mut self, name: &str, values: &[NamedValue]) {
        for NamedValue { name: value_name, value } in values {
            self.parent(name, |out| {
                out.element("valueName", value_name);
                out.element("value", value);
            });
        }
    }

    fn names(&mut self, name: &str, names: &[String]) {
        if !names.is_empty() {
            self.element(name, words::write(names));
        }
    }

    fn parent(&mut self, name: &str, children: impl FnOnce(&mut Self)) {
        self.line(&format!("<{name}>"));
        self.inside(children);
        self.line(&format!("</{name}>"));
    }

    fn elements<T: Display>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        values.into_iter().for_each(|value| self.element(name, value));
    }

    fn element(&mut self, name: &str, value: impl Display) {
        self.line(&format!("<{name}>{}</{name}>", escaped(&value.to_string())));
    }

    fn inside(&mut self, children: impl FnOnce(&mut Self)) {
        self.depth += 1;
        children(self);
        self.depth -= 1;
    }

    fn line(&mut self, text: &str) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
        self.out.push_str(text);
        self.out.push('\n');
    }
}

/// Character data. What no document of XML 1.0 can have (§2.2) becomes U+FFFD; a carriage return is written as a
/// reference, because a parser would make a line feed of it (§2.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            control if control < ' ' => out.push('\u{FFFD}'),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}
