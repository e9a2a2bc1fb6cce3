//! The rules that types do not hold: patterns of the schema, and what the text of the standard says must be.

use crate::{Alert, Area, CapError, INFOS_MAX, Info, Resource, Scope, reference::is_name};

const NAME: &str = "1 or more characters without white space, commas, < and &";

pub(crate) fn check(alert: &Alert) -> Result<(), CapError> {
    name("identifier", &alert.identifier)?;
    name("sender", &alert.sender)?;
    for reference in &alert.references {
        name("references", &reference.sender)?;
        name("references", &reference.identifier)?;
    }
    for (element, names) in [("addresses", &alert.addresses), ("incidents", &alert.incidents)] {
        if let Some(wrong) = names.iter().find(|name| name.is_empty() || name.contains('"')) {
            return Err(CapError::value(
                element,
                "names that are not empty and have no quotation marks",
                wrong,
            ));
        }
    }
    if (alert.scope == Scope::Restricted) != alert.restriction.is_some() {
        return Err(CapError::Rule("<restriction> is there if and only if <scope> is Restricted"));
    }
    if alert.scope == Scope::Private && alert.addresses.is_empty() {
        return Err(CapError::Rule("<addresses> has to be there where <scope> is Private"));
    }
    if alert.infos.len() > INFOS_MAX {
        return Err(CapError::TooMany { what: "<info>", limit: INFOS_MAX });
    }
    alert.infos.iter().try_for_each(info)
}

fn name(element: &'static str, text: &str) -> Result<(), CapError> {
    if is_name(text) { Ok(()) } else { Err(CapError::value(element, NAME, text)) }
}

fn info(info: &Info) -> Result<(), CapError> {
    if info.categories.is_empty() {
        return Err(CapError::Missing { within: "info".to_owned(), name: "category" });
    }
    if let Some(language) = info.language.as_deref().filter(|language| !is_language(language)) {
        return Err(CapError::value("language", "a tag such as en-US (RFC 3066)", language));
    }
    if let Some(web) = info.web.as_deref().filter(|web| !is_uri(web)) {
        return Err(CapError::value("web", "a URI", web));
    }
    info.resources.iter().try_for_each(resource)?;
    info.areas.iter().try_for_each(area)
}

fn resource(resource: &Resource) -> Result<(), CapError> {
    match resource.uri.as_deref().filter(|uri| !is_uri(uri)) {
        Some(uri) => Err(CapError::value("uri", "a URI", uri)),
        None => Ok(()),
    }
}

fn area(area: &Area) -> Result<(), CapError> {
    if [area.altitude, area.ceiling].into_iter().flatten().any(|feet| !feet.is_finite()) {
        return Err(CapError::Rule("a height is a finite number of feet"));
    }
    if area.ceiling.is_some() && area.altitude.is_none() {
        return Err(CapError::Rule("<ceiling> is there only beside <altitude>"));
    }
    area.polygons.iter().try_for_each(crate::Polygon::check)?;
    area.circles.iter().try_for_each(crate::Circle::check)
}

/// XML Schema Part 2 §3.3.3.
fn is_language(text: &str) -> bool {
    let part = |(index, part): (usize, &str)| {
        let good =
            |byte: u8| if index == 0 { byte.is_ascii_alphabetic() } else { byte.is_ascii_alphanumeric() };
        (1..=8).contains(&part.len()) && part.bytes().all(good)
    };
    text.split('-').enumerate().all(part)
}

/// XML Schema Part 2 §3.2.17 takes almost everything; what has white space or controls inside is nobody's URI.
fn is_uri(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
