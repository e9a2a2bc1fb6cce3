//! The routes of the interface, one line each: method, path, what it needs, and who answers. There is no way to add
//! one without saying what it needs.

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

use super::{Service, caller, request};

/// Routes, each with what it needs.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    router: Router<Arc<Service>>,
    listed: Vec<Route>,
}

/// What is known of a route beside who answers.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Below `/api/v1`, with parameters in braces.
    pub(crate) path: &'static str,
    /// Whoever asks has to be allowed this.
    pub(crate) need: Need<'static>,
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
        self.listed.push(Route { method, path, need });
        self
    }
}
