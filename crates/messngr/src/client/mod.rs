//! The command line's half of the administration socket: HTTP with JSON to the service that runs.

mod error;
mod path;

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use doors::{
    admin,
    api::{IN_THE_NAME_OF, Problem},
};
pub(crate) use error::ClientError;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::http1,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
pub(crate) use path::ApiPath;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::UnixStream;

/// The most bytes of an answer that is taken into memory.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// How long the service may take to begin its answer: long enough to check the audit log of years.
const ANSWER_MAX: Duration = Duration::from_secs(600);

/// The way to the service of a data directory.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    socket: PathBuf,
    name: Option<HeaderValue>,
}

impl Client {
    /// To the service that has its data here. Nothing is connected yet.
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self { socket: data_dir.join(admin::FILE_NAME), name: None }
    }

    /// The same, in somebody's name.
    ///
    /// # Errors
    /// A name with control characters.
    pub(crate) fn speaking_as(self, name: &str) -> Result<Self, ClientError> {
        let name = HeaderValue::from_bytes(name.as_bytes()).map_err(|_| ClientError::Name)?;
        Ok(Self { name: Some(name), ..self })
    }

    /// Whether a service answers.
    pub(crate) async fn is_answered(&self) -> bool {
        UnixStream::connect(&self.socket).await.is_ok()
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &ApiPath) -> Result<T, ClientError> {
        self.answer(Method::GET, path, None::<&()>).await
    }

    /// Asks for something in another form than JSON.
    pub(crate) async fn get_text(&self, path: &ApiPath, accept: &'static str) -> Result<String, ClientError> {
        let answer = self.ask_for(Method::GET, path, None::<&()>, Some(accept)).await?;
        let bytes = whole(answer).await?;
        String::from_utf8(bytes.to_vec()).map_err(|error| ClientError::Answer { why: error.to_string() })
    }

    /// Puts something in its place, and reads how it is now.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &ApiPath,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(Method::PUT, path, Some(body)).await
    }

    /// Does something, and reads what it came to.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &ApiPath,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(Method::POST, path, Some(body)).await
    }

    /// Changes something, and reads how it is now.
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &ApiPath,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(Method::PATCH, path, Some(body)).await
    }

    /// Does something whose answer says nothing more than that it is done.
    pub(crate) async fn command(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&impl Serialize>,
    ) -> Result<(), ClientError> {
        self.ask(method, path, body).await.map(drop)
    }

    /// Writes the answer to `to` as it comes, and returns how many bytes it had: all that were announced.
    pub(crate) async fn download(&self, path: &ApiPath, to: &mut impl Write) -> Result<u64, ClientError> {
        let answer = self.ask(Method::POST, path, None::<&()>).await?;
        let mut body = answer.into_body();
        let mut length = 0;
        // A body that ends before its announced length is an error of its own.
        while let Some(frame) = body.frame().await {
            let Ok(chunk) = frame.map_err(ClientError::broken)?.into_data() else { continue };
            to.write_all(&chunk).map_err(|error| ClientError::Written { why: error.to_string() })?;
            length += chunk.len() as u64;
        }
        Ok(length)
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let answer = self.ask(method, path, body).await?;
        let bytes = whole(answer).await?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Answer { why: error.to_string() })
    }

    /// Sends one request by a connection of its own, and returns the answer if it is a good one.
    async fn ask(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&impl Serialize>,
    ) -> Result<Response<Incoming>, ClientError> {
        self.ask_for(method, path, body, None).await
    }

    async fn ask_for(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&impl Serialize>,
        accept: Option<&'static str>,
    ) -> Result<Response<Incoming>, ClientError> {
        let mut request = self.request(method, path, body)?;
        if let Some(accept) = accept {
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
        }
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.unreachable(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(ClientError::broken)?;
        // Its errors are those of the request, and are told there.
        tokio::spawn(connection);
        let answer = tokio::time::timeout(ANSWER_MAX, sender.send_request(request)).await;
        let answer = answer.map_err(|_| ClientError::Slow)?.map_err(ClientError::broken)?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let bytes = whole(answer).await?;
        let problem = serde_json::from_slice::<Problem>(&bytes);
        Err(problem.map_or(ClientError::Status { status }, ClientError::Problem))
    }

    fn request(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&impl Serialize>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let wrong = |why: String| ClientError::Request { why };
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(|error| wrong(error.to_string()))?,
            None => Vec::new(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path.as_str())
            .header(header::HOST, "messngr")
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(name) = &self.name {
            request = request.header(IN_THE_NAME_OF, name);
        }
        request.body(Full::new(Bytes::from(body))).map_err(|error| wrong(error.to_string()))
    }

    fn unreachable(&self, error: &std::io::Error) -> ClientError {
        let socket = self.socket.clone();
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => ClientError::NoService { socket },
            ErrorKind::PermissionDenied => ClientError::NotAllowed { socket },
            _ => ClientError::Unreachable { socket, why: error.to_string() },
        }
    }
}

async fn whole(answer: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    Ok(body.map_err(ClientError::broken)?.to_bytes())
}

#[cfg(test)]
mod tests;
