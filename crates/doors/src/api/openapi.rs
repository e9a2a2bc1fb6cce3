//! The description of the interface: an OpenAPI 3.1 document, made from the same table as the routes themselves and
//! from the types that are read and written.

use std::collections::BTreeMap;

use domain::Need;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::routes::{Answers, Route};

/// The document (OpenAPI Specification 3.1.1).
pub(crate) fn document(routes: &[Route], version: &str) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    let problem = schemas.subschema_for::<::api::Problem>();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        let operation = operation(route, &mut schemas);
        let path = paths.entry(format!("{}{}", ::api::ROOT, route.path)).or_default();
        path.insert(route.method.as_str().to_ascii_lowercase(), operation);
    }
    for (path, says, media_type) in OPEN {
        paths.entry(path.to_owned()).or_default().insert("get".to_owned(), open(path, says, media_type));
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "messngr",
            "version": version,
            "summary": "Alerts that people confirm, and conversation, on a private network",
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "password": [] }, { "browser": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "responses": { "Problem": {
                "description": "What is wrong (RFC 9457)",
                "content": { "application/problem+json": { "schema": problem, "example": {
                    "type": "urn:messngr:problem:forbidden",
                    "title": "This may not be done",
                    "status": 403,
                    "detail": "this needs the scope \"read\", which you do not have",
                    "missing_scope": "read",
                } } },
            } },
            "headers": HEADERS.iter().map(|(name, description)| {
                let header = json!({ "description": description, "schema": { "type": "string" } });
                ((*name).to_owned(), header)
            }).collect::<Map<_, _>>(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "What `messngr token add` prints. Each operation names the scope that it needs.",
                },
                "password": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A person's own name and password. They may do what is theirs; administrators \
                                    everything.",
                },
                "browser": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-messngr",
                    "description": "What `POST /session/scram/{exchange}` gives a browser. Over the listener that does \
                                    not encrypt it is called `messngr`. What changes something needs an `Origin`.",
                },
            },
        },
    })
}

const DESCRIPTION: &str = "\
Requests and answers are JSON. An answer of 2xx means that what was sent is on the disk: nothing of it is lost after \
that. Everything else is answered with a problem (RFC 9457).

- Who asks says so by `Authorization`: `Bearer` with a token, or `Basic` with a name and a password.
- Lists come in pages of at most `limit`. Where there is more, the header `Link` says where (`rel=\"next\"`).
- Fields that a request does not know are refused, so that a misspelled one is not overlooked. Answers may get new ones.
- `Idempotency-Key`: what is sent again under the same key is taken once.";

/// What the web door answers to everybody on the network: path, sentence, media type.
pub(crate) const OPEN: [(&str, &str, &str); 10] = [
    ("/api", "This description, for people.", "text/html"),
    ("/api/openapi.json", "This description.", "application/json"),
    ("/health", "Whether the service lives.", "application/json"),
    ("/ready", "Whether what is sent is kept and every door is open: 200, or else 503.", "application/json"),
    ("/metrics", "What can be measured, for Prometheus: on the service's own machine.", "text/plain"),
    (
        "/ca.pem",
        "The service's own certificate authority, for browsers to trust.",
        "application/x-x509-ca-cert",
    ),
    ("/status", "What works and what is planned, for people.", "text/html"),
    ("/.well-known/host-meta", "How XMPP clients find the service (RFC 6415).", "application/xrd+xml"),
    ("/.well-known/host-meta.json", "The same in JSON (XEP-0487).", "application/json"),
    (
        "/.well-known/messngr/keys",
        "By what the service's signatures are checked (RFC 7517).",
        "application/json",
    ),
];

fn open(path: &str, says: &str, media_type: &str) -> Value {
    json!({
        "operationId": operation_id("open", path),
        "summary": says,
        "tags": ["open"],
        "security": [],
        "responses": {
            "200": { "description": "It is so", "content": { media_type: {} } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

const HEADERS: [(&str, &str); 3] = [
    ("Link", "Where the next page is, if there is one: `</api/v1/…>; rel=\"next\"` (RFC 8288)."),
    ("RateLimit", "How many requests are left in this minute, `r`, and in how many seconds it ends, `t`."),
    ("Retry-After", "After how many seconds to try again."),
];

fn operation(route: &Route, schemas: &mut SchemaGenerator) -> Value {
    let scope = route.need.missing();
    let mut operation = json!({
        "operationId": operation_id(route.method.as_str(), route.path),
        "summary": route.says,
        "tags": [route.path.split('/').nth(1).unwrap_or_default()],
        "parameters": parameters(route, schemas),
        "responses": responses(route, schemas),
    });
    if route.is_open {
        operation["security"] = json!([]);
    } else if route.need != Need::Anyone {
        operation["description"] = json!(format!("Needs the scope `{scope}`."));
        // OpenAPI 3.1.1 §4.8.30: for schemes other than OAuth 2, the roles that are needed.
        operation["security"] = json!([{ "token": [scope] }, { "password": [] }, { "browser": [] }]);
    }
    if let Some((takes, example)) = &route.takes {
        let schema = takes(schemas);
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema, "example": example } },
        });
    }
    operation
}

/// Such as `getAlertsIdReport`.
fn operation_id(method: &str, path: &str) -> String {
    let mut id = method.to_ascii_lowercase();
    for word in path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        id.push_str(&first.to_ascii_uppercase());
        id.push_str(rest);
    }
    id
}

fn parameters(route: &Route, schemas: &mut SchemaGenerator) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path =
        |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let mut parameters: Vec<Value> = names.map(in_path).collect();
    if let Some(query) = route.query {
        parameters.extend(in_query(&resolved(query(schemas), schemas)));
    }
    if route.takes.is_some() && is_repeatable(route) {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The sender's own id: 1 to 200 bytes. What is sent again under the same one is taken once.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
        }));
    }
    parameters
}

/// Whether a key is looked at.
fn is_repeatable(route: &Route) -> bool {
    super::REPEATABLE.contains(&route.path)
}

/// The properties of an object, as parameters.
fn in_query(schema: &Value) -> Vec<Value> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let parameter = |(name, property): (&String, &Value)| {
        let mut property = property.clone();
        let description = property.as_object_mut().and_then(|property| property.remove("description"));
        let mut parameter = json!({ "name": name, "in": "query", "required": false, "schema": property });
        if let Some(description) = description {
            parameter["description"] = description;
        }
        parameter
    };
    properties.map(parameter).collect()
}

/// The schema itself, where it is a reference to one.
fn resolved(schema: Schema, schemas: &SchemaGenerator) -> Value {
    let value = schema.to_value();
    let name = value.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| schemas.definitions().get(name)).cloned().unwrap_or(value)
}

fn responses(route: &Route, schemas: &mut SchemaGenerator) -> Value {
    let document = |schema: &Value| json!({ "application/json": { "schema": schema } });
    let (status, mut done) = match route.answers {
        Answers::Nothing => (204, json!({ "description": "It is done" })),
        Answers::Made => (201, json!({ "description": "It is made" })),
        Answers::Document(status, schema) => {
            let schema = schema(schemas).to_value();
            (status, json!({ "description": "It is done", "content": document(&schema) }))
        }
        Answers::Page(schema) => {
            let list = json!({ "type": "array", "items": schema(schemas) });
            (200, json!({ "description": "A page of the list", "content": document(&list) }))
        }
        Answers::File(kind) => {
            let file = json!({ *kind: { "schema": { "type": "string", "format": "binary" } } });
            (200, json!({ "description": "The file", "content": file }))
        }
    };
    done["headers"] = json!({ "RateLimit": { "$ref": "#/components/headers/RateLimit" } });
    if let Answers::Page(_) = route.answers {
        done["headers"]["Link"] = json!({ "$ref": "#/components/headers/Link" });
    }
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut responses = Map::new();
    responses.insert(status.to_string(), done);
    for status in ["401", "403", "429", "default"] {
        responses.insert(status.to_owned(), problem.clone());
    }
    Value::Object(responses)
}
