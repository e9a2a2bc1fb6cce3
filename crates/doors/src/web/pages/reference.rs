//! The description of the interface for people: made from the same document that programs read.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::html::{Text, page};

/// The page. It needs no script, and loads nothing but its style.
pub(super) fn reference(document: &Value) -> String {
    let mut body = String::new();
    let info = |name: &str| document["info"][name].as_str().unwrap_or_default();
    let _ = write!(
        body,
        "<h1>{} {}</h1>\n<p class=\"muted\">{}. For programs: <a href=\"/api/openapi.json\">OpenAPI 3.1</a>.</p>\n",
        Text(info("title")),
        Text(info("version")),
        Text(info("summary"))
    );
    introduction(info("description"), &mut body);
    let operations = operations(document);
    body.push_str("<h2>Requests</h2>\n<nav aria-label=\"Requests\"><ul>\n");
    for (method, path, operation) in &operations {
        let id = text(operation, "operationId");
        let _ = writeln!(
            body,
            "<li><a href=\"#{}\"><span class=\"method\">{method}</span> <code>{}</code></a></li>",
            Text(id),
            Text(short(path))
        );
    }
    body.push_str("</ul></nav>\n");
    for (method, path, operation) in &operations {
        describe(method, path, operation, &mut body);
    }
    schemas(&document["components"]["schemas"], &mut body);
    page("The interface of messngr", &body)
}

/// The paragraphs and the list of the introduction; words between backticks are code.
fn introduction(description: &str, body: &mut String) {
    for paragraph in description.split("\n\n") {
        if !paragraph.starts_with("- ") {
            let _ = writeln!(body, "<p>{}</p>", with_code(paragraph));
            continue;
        }
        body.push_str("<ul>\n");
        for item in paragraph.lines() {
            let _ = writeln!(body, "<li>{}</li>", with_code(item.trim_start_matches("- ")));
        }
        body.push_str("</ul>\n");
    }
}

fn with_code(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let _ = if index % 2 == 1 {
            write!(html, "<code>{}</code>", Text(part))
        } else {
            write!(html, "{}", Text(part))
        };
    }
    html
}

fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut operations: Vec<(String, &str, &Value)> = paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (method.to_ascii_uppercase(), path.as_str(), operation))
        })
        .collect();
    operations.sort_by_key(|(method, path, _)| (*path, method.clone()));
    operations
}

fn describe(method: &str, path: &str, operation: &Value, body: &mut String) {
    let _ = write!(
        body,
        "<section class=\"card\" id=\"{}\">\n<h3><span class=\"method\">{method}</span> <code>{}</code></h3>\n\
         <p>{} {}</p>\n",
        Text(text(operation, "operationId")),
        Text(path),
        with_code(text(operation, "summary")),
        with_code(text(operation, "description"))
    );
    parameters(&operation["parameters"], body);
    let content = &operation["requestBody"]["content"]["application/json"];
    if !content.is_null() {
        let _ = writeln!(body, "<h4>Takes {}</h4>", kind(&content["schema"]));
    }
    let _ = writeln!(body, "<pre>{}</pre>", Text(curl(method, path, operation)));
    answers(&operation["responses"], body);
    body.push_str("</section>\n");
}

fn parameters(parameters: &Value, body: &mut String) {
    let Some(parameters) = parameters.as_array().filter(|parameters| !parameters.is_empty()) else { return };
    body.push_str("<h4>Parameters</h4>\n<table>\n");
    for parameter in parameters {
        let _ = writeln!(
            body,
            "<tr><td><code>{}</code></td><td class=\"muted\">{}</td><td>{}</td></tr>",
            Text(text(parameter, "name")),
            Text(text(parameter, "in")),
            with_code(text(parameter, "description"))
        );
    }
    body.push_str("</table>\n");
}

fn curl(method: &str, path: &str, operation: &Value) -> String {
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    let mut line = "curl --cacert ca.pem".to_owned();
    if operation["security"].as_array().is_none_or(|ways| !ways.is_empty()) {
        line.push_str(" -H \"Authorization: Bearer $TOKEN\"");
    }
    if method != "GET" && (example.is_null() || method != "POST") {
        let _ = write!(line, " -X {method}");
    }
    let _ = write!(line, " \\\n  https://$HOST:8443{path}");
    if !example.is_null() {
        let json = serde_json::to_string(example).unwrap_or_default().replace('\'', "'\\''");
        let _ = write!(line, " \\\n  --json '{json}'");
    }
    line
}

fn answers(responses: &Value, body: &mut String) {
    for (status, response) in responses.as_object().into_iter().flatten() {
        if !status.starts_with('2') {
            continue;
        }
        let schema = response["content"].as_object().and_then(|content| content.values().next());
        let what = schema.map_or_else(|| "nothing".to_owned(), |content| kind(&content["schema"]));
        let _ = writeln!(body, "<h4>Answers {} with {what}</h4>", Text(status));
    }
}

/// What a schema is, in a few words of HTML.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", Text(name));
    }
    if let Some(one_of) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        let kinds: Vec<String> = one_of.iter().map(kind).filter(|kind| kind != "null").collect();
        return kinds.join(" or ");
    }
    if schema["type"] == "array" {
        return format!("a list of {}", kind(&schema["items"]));
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("<code>{}</code>", Text(word));
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter_map(Value::as_str).map(|word| format!("<code>{}</code>", Text(word)));
        return words.collect::<Vec<_>>().join(" or ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
        }
        Value::String(name) => vec![name.as_str()],
        _ => vec!["anything"],
    };
    let format = schema["format"].as_str().filter(|format| !format.starts_with("uint"));
    format.map_or_else(|| Text(types.join(" or ")).to_string(), |format| Text(format).to_string())
}

fn schemas(schemas: &Value, body: &mut String) {
    body.push_str("<h2>Documents</h2>\n");
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let _ = write!(body, "<section class=\"card\" id=\"schema-{0}\">\n<h3>{0}</h3>\n", Text(name));
        let _ = writeln!(body, "<p>{}</p>", with_code(text(schema, "description")));
        match schema["properties"].as_object() {
            Some(properties) => fields(properties, &schema["required"], body),
            None => {
                let _ = writeln!(body, "<p>{}</p>", kind(schema));
            }
        }
        body.push_str("</section>\n");
    }
}

fn fields(properties: &Map<String, Value>, required: &Value, body: &mut String) {
    body.push_str("<table>\n");
    for (name, property) in properties {
        let is_required = required.as_array().is_some_and(|names| names.iter().any(|other| other == name));
        let _ = writeln!(
            body,
            "<tr><td><code>{}</code>{}</td><td class=\"muted\">{}</td><td>{}</td></tr>",
            Text(name),
            if is_required { "" } else { " <span class=\"muted\">optional</span>" },
            kind(property),
            with_code(text(property, "description"))
        );
    }
    body.push_str("</table>\n");
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Without what all of them begin with.
fn short(path: &str) -> &str {
    path.strip_prefix(::api::ROOT).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_every_request_and_loads_nothing_from_elsewhere() {
        let document = crate::api::description("1.2.3");
        let html = reference(&document);
        for (path, methods) in document["paths"].as_object().unwrap() {
            assert!(html.contains(&format!("<code>{}</code></h3>", Text(path))), "{path}");
            for operation in methods.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(
                    html.contains(&format!("href=\"#{id}\"")) && html.contains(&format!("id=\"{id}\"")),
                    "{id}"
                );
            }
        }
        for (index, _) in html.match_indices("href=\"").chain(html.match_indices("src=\"")) {
            let target = html[index..].split('"').nth(1).unwrap();
            assert!(target.starts_with(['/', '#']) || target == "data:,", "{target}");
            let id = target.strip_prefix('#');
            assert!(id.is_none_or(|id| html.contains(&format!("id=\"{id}\""))), "{target} leads nowhere");
        }
        assert!(!html.contains("<script") && !html.contains("style=\""), "the page works without either");
    }
}
