//! From the tree to the alert, element by element in the order of the schema (CAP 1.2 §3.4).

use crate::{
    Alert, Area, CapError, INFOS_MAX, Info, NAMESPACE, NamedValue, Resource, Time,
    area::decimal,
    codes::Code,
    node::{self, Node, Walk},
    words,
};

pub(crate) fn alert(bytes: &[u8]) -> Result<Alert, CapError> {
    let root = node::parse(bytes)?;
    if !root.is("alert") {
        let why = format!("the outermost element is <{}>, not <alert> of {NAMESPACE}", root.name());
        return Err(CapError::Xml { why });
    }
    let mut walk = root.walk()?;
    let alert = Alert {
        identifier: text(walk.required("identifier")?)?,
        sender: text(walk.required("sender")?)?,
        sent: time("sent", walk.required("sent")?)?,
        status: code(&mut walk)?,
        message_type: code(&mut walk)?,
        source: optional(&mut walk, "source")?,
        scope: code(&mut walk)?,
        restriction: optional(&mut walk, "restriction")?,
        addresses: names(&mut walk, "addresses")?,
        codes: walk.many("code").iter().map(text).collect::<Result<_, _>>()?,
        note: optional(&mut walk, "note")?,
        references: match walk.optional("references") {
            Some(node) => node.text()?.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>()?,
            None => Vec::new(),
        },
        incidents: names(&mut walk, "incidents")?,
        infos: infos(walk.many("info"))?,
    };
    walk.skip_foreign();
    walk.end()?;
    Ok(alert)
}

fn infos(nodes: &[Node]) -> Result<Vec<Info>, CapError> {
    if nodes.len() > INFOS_MAX {
        return Err(CapError::TooMany { what: "<info>", limit: INFOS_MAX });
    }
    nodes.iter().map(info).collect()
}

fn info(node: &Node) -> Result<Info, CapError> {
    let mut walk = node.walk()?;
    let info = Info {
        language: collapsed(&mut walk, "language")?,
        categories: codes(&mut walk)?,
        event: text(walk.required("event")?)?,
        response_types: codes(&mut walk)?,
        urgency: code(&mut walk)?,
        severity: code(&mut walk)?,
        certainty: code(&mut walk)?,
        audience: optional(&mut walk, "audience")?,
        event_codes: named_values(walk.many("eventCode"))?,
        effective: optional_time(&mut walk, "effective")?,
        onset: optional_time(&mut walk, "onset")?,
        expires: optional_time(&mut walk, "expires")?,
        sender_name: optional(&mut walk, "senderName")?,
        headline: optional(&mut walk, "headline")?,
        description: optional(&mut walk, "description")?,
        instruction: optional(&mut walk, "instruction")?,
        web: collapsed(&mut walk, "web")?,
        contact: optional(&mut walk, "contact")?,
        parameters: named_values(walk.many("parameter"))?,
        resources: walk.many("resource").iter().map(resource).collect::<Result<_, _>>()?,
        areas: walk.many("area").iter().map(area).collect::<Result<_, _>>()?,
    };
    walk.end()?;
    Ok(info)
}

fn resource(node: &Node) -> Result<Resource, CapError> {
    let mut walk = node.walk()?;
    let resource = Resource {
        description: text(walk.required("resourceDesc")?)?,
        media_type: text(walk.required("mimeType")?)?,
        size: match collapsed(&mut walk, "size")? {
            Some(text) => Some(size(&text)?),
            None => None,
        },
        uri: collapsed(&mut walk, "uri")?,
        contents: optional(&mut walk, "derefUri")?,
        digest: optional(&mut walk, "digest")?,
    };
    walk.end()?;
    Ok(resource)
}

fn area(node: &Node) -> Result<Area, CapError> {
    let mut walk = node.walk()?;
    let area = Area {
        description: text(walk.required("areaDesc")?)?,
        polygons: walk.many("polygon").iter().map(|node| node.text()?.parse()).collect::<Result<_, _>>()?,
        circles: walk.many("circle").iter().map(|node| node.text()?.parse()).collect::<Result<_, _>>()?,
        geocodes: named_values(walk.many("geocode"))?,
        altitude: feet(&mut walk, "altitude")?,
        ceiling: feet(&mut walk, "ceiling")?,
    };
    walk.end()?;
    Ok(area)
}

fn text(node: &Node) -> Result<String, CapError> {
    node.text().map(str::to_owned)
}

fn optional(walk: &mut Walk<'_>, name: &str) -> Result<Option<String>, CapError> {
    walk.optional(name).map(text).transpose()
}

/// The text of a type around whose values white space says nothing (XML Schema Part 2 §4.3.6).
fn collapsed(walk: &mut Walk<'_>, name: &str) -> Result<Option<String>, CapError> {
    Ok(optional(walk, name)?.map(|text| text.trim_ascii().to_owned()))
}

fn code<C: Code>(walk: &mut Walk<'_>) -> Result<C, CapError> {
    C::read(walk.required(C::ELEMENT)?.text()?)
}

fn codes<C: Code>(walk: &mut Walk<'_>) -> Result<Vec<C>, CapError> {
    walk.many(C::ELEMENT).iter().map(|node| C::read(node.text()?)).collect()
}

fn time(name: &'static str, node: &Node) -> Result<Time, CapError> {
    node.text()?.trim_ascii().parse().map_err(|error| match error {
        CapError::Value { expected, found, .. } => CapError::Value { name, expected, found },
        other => other,
    })
}

fn optional_time(walk: &mut Walk<'_>, name: &'static str) -> Result<Option<Time>, CapError> {
    walk.optional(name).map(|node| time(name, node)).transpose()
}

fn names(walk: &mut Walk<'_>, name: &'static str) -> Result<Vec<String>, CapError> {
    let Some(node) = walk.optional(name) else { return Ok(Vec::new()) };
    let expected = "names with white space between them, those with some inside in quotation marks";
    words::read(node.text()?).ok_or_else(|| CapError::value(name, expected, node.text().unwrap_or_default()))
}

fn named_values(nodes: &[Node]) -> Result<Vec<NamedValue>, CapError> {
    let named_value = |node: &Node| {
        let mut walk = node.walk()?;
        let (name, value) = (text(walk.required("valueName")?)?, text(walk.required("value")?)?);
        walk.end()?;
        Ok(NamedValue { name, value })
    };
    nodes.iter().map(named_value).collect()
}

fn size(text: &str) -> Result<u64, CapError> {
    text.parse().map_err(|_| CapError::value("size", "a number of bytes", text))
}

fn feet(walk: &mut Walk<'_>, name: &'static str) -> Result<Option<f64>, CapError> {
    let Some(text) = collapsed(walk, name)? else { return Ok(None) };
    decimal(&text).map(Some).ok_or_else(|| CapError::value(name, "a decimal number of feet", &text))
}
