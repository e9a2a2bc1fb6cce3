use std::collections::BTreeSet;

use super::*;

fn described() -> Value {
    description("1.2.3")
}

/// Every value that stands under this name anywhere.
fn all<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if key == name {
                    found.push(value);
                }
                all(value, name, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| all(value, name, found)),
        _ => {}
    }
}

#[test]
fn the_description_has_exactly_the_routes_that_there_are() {
    let document = described();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    let routes = table::routes();
    let of_route =
        |route: &routes::Route| format!("{} /api/v1{}", route.method.as_str().to_lowercase(), route.path);
    let open = openapi::OPEN.iter().map(|(path, ..)| format!("get {path}"));
    let there: BTreeSet<String> = routes.listed().iter().map(of_route).chain(open).collect();
    assert_eq!(described, there);
    assert_eq!(there.len(), routes.listed().len() + openapi::OPEN.len(), "no route is there twice");
}

#[test]
fn every_route_says_what_it_does_what_it_needs_and_what_it_answers() {
    let document = described();
    let mut ids = BTreeSet::new();
    for route in table::routes().listed() {
        let name = format!("{} {}", route.method, route.path);
        let operation =
            &document["paths"][format!("/api/v1{}", route.path)][route.method.as_str().to_lowercase()];
        assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{name} says nothing");
        assert!(ids.insert(operation["operationId"].to_string()), "{name}: another one has its id");
        if route.need != domain::Need::Anyone {
            assert_eq!(operation["security"][0]["token"], json!([route.need.missing()]), "{name}");
        }
        let parameters = operation["parameters"].as_array().unwrap();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(in_path, route.path.matches('{').count(), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("401") && responses.contains_key("default"), "{name}");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = described();
    let mut references = Vec::new();
    all(&document, "$ref", &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_examples_are_requests_that_are_understood() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["bert", "monitoring", "x"]).await;
    fixture.hub.add_group("test", "ward".parse().unwrap()).await.unwrap();
    let draft = json!({ "headline": "x", "audience": "everyone", "draft": true });
    let (_, draft) = fixture.post("/alerts", draft).await;
    for route in table::routes().listed() {
        let Some((_, example)) = &route.takes else { continue };
        let path = route.path.replace("{name}", "x").replace("{id}", draft["id"].as_str().unwrap());
        let (status, answer) = fixture.call_as("", route.method.clone(), &path, Some(example.clone())).await;
        // The Windows door is closed here, the group is there already, the password is another, and so is the message.
        assert!(
            status.is_success() || [403, 404, 409, 503].contains(&status.as_u16()),
            "{path}: {status} {answer}"
        );
    }
}

#[tokio::test]
async fn what_is_answered_has_the_fields_that_are_described() {
    let fixture = Fixture::new().await;
    let document = described();
    let (_, status) = fixture.get("/status").await;
    let schema = &document["components"]["schemas"]["Status"];
    let described: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let there: BTreeSet<&String> = status.as_object().unwrap().keys().collect();
    assert_eq!(described, there);
}
