//! The routes of the interface, one line each: method, path, what it needs, and who answers. There is no way to add
//! one without saying what it needs. What else is said of it goes into the description of the interface.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::Method,
    middleware::{Next, from_fn},
    response::IntoResponse,
    routing::{MethodFilter, on},
};
use domain::Need;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{Service, caller, request};

/// Routes, each with what it needs.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    router: Router<Arc<Service>>,
    listed: Vec<Route>,
}

/// The schema of a type.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What is known of a route beside who answers.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Below `/api/v1`, with parameters in braces.
    pub(crate) path: &'static str,
    /// Whoever asks has to be allowed this.
    pub(crate) need: Need<'static>,
    /// Whether anybody on the network may ask, and says by this who they are.
    pub(crate) is_open: bool,
    /// What it does: a sentence.
    pub(crate) says: &'static str,
    /// The parameters of its query.
    pub(crate) query: Option<SchemaOf>,
    /// What it takes, and an example of it.
    pub(crate) takes: Option<(SchemaOf, Value)>,
    /// What it answers with.
    pub(crate) answers: Answers,
}

/// What a route answers with when it has done what was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answers {
    /// 204, and nothing.
    Nothing,
    /// 201, and nothing.
    Made,
    /// A status and a document.
    Document(u16, SchemaOf),
    /// A page of a list, and where the next one is.
    Page(SchemaOf),
    /// A file of this kind.
    File(&'static str),
}

impl Routes {
    /// `GET path`: to be asked by whoever is allowed `need`.
    pub(crate) fn get<H, T>(self, path: &'static str, need: Need<'static>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.on((Method::GET, MethodFilter::GET), path, need, handler)
    }

    /// The same for `POST`.
    pub(crate) fn post<H, T>(self, path: &'static str, need: Need<'static>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.on((Method::POST, MethodFilter::POST), path, need, handler)
    }

    /// `POST path`, where nobody has said yet who they are.
    pub(crate) fn post_openly<H, T>(mut self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        let answer = on(MethodFilter::POST, handler).route_layer(from_fn(request::take_body));
        self.router = self.router.route(path, answer);
        self.list(Method::POST, path, Need::Anyone, true)
    }

    /// The same for `PUT`.
    pub(crate) fn put<H, T>(self, path: &'static str, need: Need<'static>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.on((Method::PUT, MethodFilter::PUT), path, need, handler)
    }

    /// The same for `PATCH`.
    pub(crate) fn patch<H, T>(self, path: &'static str, need: Need<'static>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.on((Method::PATCH, MethodFilter::PATCH), path, need, handler)
    }

    /// The same for `DELETE`.
    pub(crate) fn delete<H, T>(self, path: &'static str, need: Need<'static>, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.on((Method::DELETE, MethodFilter::DELETE), path, need, handler)
    }

    /// What the route before this does: a sentence.
    pub(crate) fn says(self, sentence: &'static str) -> Self {
        self.with(|route| route.says = sentence)
    }

    /// The parameters of its query.
    pub(crate) fn query<T: JsonSchema>(self) -> Self {
        self.with(|route| route.query = Some(SchemaGenerator::subschema_for::<T>))
    }

    /// What it takes, and an example.
    pub(crate) fn takes<T: JsonSchema>(self, example: Value) -> Self {
        self.with(|route| route.takes = Some((SchemaGenerator::subschema_for::<T>, example)))
    }

    /// The document it answers with, and the status 200.
    pub(crate) fn answers<T: JsonSchema>(self) -> Self {
        self.with(|route| route.answers = Answers::Document(200, SchemaGenerator::subschema_for::<T>))
    }

    /// The document it answers with, and the status 201.
    pub(crate) fn makes<T: JsonSchema>(self) -> Self {
        self.with(|route| route.answers = Answers::Document(201, SchemaGenerator::subschema_for::<T>))
    }

    /// What there is a list of.
    pub(crate) fn lists<T: JsonSchema>(self) -> Self {
        self.with(|route| route.answers = Answers::Page(SchemaGenerator::subschema_for::<T>))
    }

    /// How it answers otherwise.
    pub(crate) fn answers_with(self, answers: Answers) -> Self {
        self.with(|route| route.answers = answers)
    }

    /// What there is.
    pub(crate) fn listed(&self) -> &[Route] {
        &self.listed
    }

    /// Something that answers by them.
    pub(crate) fn into_router(self) -> Router<Arc<Service>> {
        self.router
    }

    fn on<H, T>(
        mut self,
        (method, filter): (Method, MethodFilter),
        path: &'static str,
        need: Need<'static>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        let demand = move |request: Request, next: Next| async move {
            match caller::demand(&request, need) {
                Ok(()) => next.run(request).await,
                Err(problem) => problem.into_response(),
            }
        };
        // Who may not ask is told so before the body is read.
        let answer =
            on(filter, handler).route_layer(from_fn(request::take_body)).route_layer(from_fn(demand));
        self.router = self.router.route(path, answer);
        self.list(method, path, need, false)
    }

    fn list(mut self, method: Method, path: &'static str, need: Need<'static>, is_open: bool) -> Self {
        let answers = Answers::Nothing;
        self.listed.push(Route { method, path, need, is_open, says: "", query: None, takes: None, answers });
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Route)) -> Self {
        if let Some(route) = self.listed.last_mut() {
            change(route);
        }
        self
    }
}
