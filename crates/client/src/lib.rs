#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod calls;
mod error;
mod path;
mod server;
#[cfg(test)]
mod tests;
mod way;

use std::{io::Write, path::Path, time::Duration};

use bytes::Bytes;
pub use error::ClientError;
use http_body_util::{BodyExt, Full, Limited};
pub use hyper::Method;
use hyper::{
    Request, Response,
    body::Incoming,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
pub use path::ApiPath;
use serde::{Serialize, de::DeserializeOwned};
pub use server::{Server, ServerError, TrustedCertificates};

use self::way::Way;

/// The most bytes of an answer that is taken into memory.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// How long the service may take to begin its answer: long enough to check the audit log of years.
const ANSWER_MAX: Duration = Duration::from_secs(600);

/// How many pages of a list are asked for.
const PAGES_MAX: usize = 100_000;

/// The way to a service. Nothing is connected until something is asked for.
#[derive(Clone, Debug)]
pub struct Client {
    way: Way,
    headers: HeaderMap,
}

impl Client {
    /// To the service of this machine that has its data here, by its administration socket.
    pub fn to_data_directory(data_dir: &Path) -> Self {
        Self { way: Way::Socket(data_dir.join(api::SOCKET_FILE)), headers: HeaderMap::new() }
    }

    /// To a service on the network.
    pub fn to_server(server: Server) -> Self {
        Self { way: Way::Server(server), headers: HeaderMap::new() }
    }

    /// The same, with a token to say who asks.
    ///
    /// # Errors
    /// It is no token.
    pub fn with_token(self, secret: &str) -> Result<Self, ClientError> {
        let looks_right =
            secret.starts_with("messngr_") && secret.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::from_str(&format!("Bearer {secret}")).ok().filter(|_| looks_right);
        let mut value = value.ok_or(ClientError::Token)?;
        value.set_sensitive(true);
        Ok(self.with_header(header::AUTHORIZATION, value))
    }

    /// The same, in somebody's name: for the administration socket.
    ///
    /// # Errors
    /// A name with control characters.
    pub fn speaking_as(self, name: &str) -> Result<Self, ClientError> {
        let name = HeaderValue::from_bytes(name.as_bytes()).map_err(|_| ClientError::Name)?;
        Ok(self.with_header(HeaderName::from_static(api::IN_THE_NAME_OF), name))
    }

    /// The same, for what must not be done twice: asked again with this key, the service does it once. Where nothing
    /// was answered, ask again.
    ///
    /// # Errors
    /// A key with control characters.
    pub fn once(self, key: &str) -> Result<Self, ClientError> {
        let key = HeaderValue::from_bytes(key.as_bytes()).map_err(|_| ClientError::Name)?;
        Ok(self.with_header(HeaderName::from_static(api::IDEMPOTENCY_KEY), key))
    }

    /// The same, for what is to be changed only where it still has this version (`version` of a draft).
    ///
    /// # Errors
    /// A version with control characters.
    pub fn if_version(self, version: &str) -> Result<Self, ClientError> {
        let tag = HeaderValue::from_str(&format!("\"{version}\"")).map_err(|_| ClientError::Name)?;
        Ok(self.with_header(header::IF_MATCH, tag))
    }

    /// Whether a service answers.
    pub async fn is_answered(&self) -> bool {
        self.way.connect().await.is_ok()
    }

    /// Asks for something.
    pub async fn get<T: DeserializeOwned>(&self, path: &ApiPath) -> Result<T, ClientError> {
        self.answer(Method::GET, path.as_str(), None::<&()>).await.map(|(answer, _)| answer)
    }

    /// Asks for something as text of another media type than JSON: `text/csv`.
    pub async fn get_text(&self, path: &ApiPath, accept: &'static str) -> Result<String, ClientError> {
        let client = self.clone().with_header(header::ACCEPT, HeaderValue::from_static(accept));
        let answer = client.ask(Method::GET, path.as_str(), None::<&()>).await?;
        let text = String::from_utf8(whole(answer).await?.to_vec());
        text.map_err(|error| ClientError::Answer { why: error.to_string() })
    }

    /// Asks for a list, page by page until it is whole.
    pub async fn list<T: DeserializeOwned>(&self, path: &ApiPath) -> Result<Vec<T>, ClientError> {
        let mut whole = Vec::new();
        let mut path = path.as_str().to_owned();
        for _ in 0..PAGES_MAX {
            let (page, headers) = self.answer::<Vec<T>>(Method::GET, &path, None::<&()>).await?;
            whole.extend(page);
            match path::next_page(&headers) {
                Some(next) => path = next,
                None => return Ok(whole),
            }
        }
        Err(ClientError::Answer { why: "the list does not end".to_owned() })
    }

    /// Does something, and reads what it came to.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &ApiPath,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(Method::POST, path.as_str(), Some(body)).await.map(|(answer, _)| answer)
    }

    /// Changes something, and reads how it is now.
    pub async fn patch<T: DeserializeOwned>(
        &self,
        path: &ApiPath,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(Method::PATCH, path.as_str(), Some(body)).await.map(|(answer, _)| answer)
    }

    /// Puts something in place of what was there, and reads how it is now.
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: &ApiPath,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(Method::PUT, path.as_str(), Some(body)).await.map(|(answer, _)| answer)
    }

    /// Does something whose answer says nothing more than that it is done.
    pub async fn command(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&impl Serialize>,
    ) -> Result<(), ClientError> {
        self.ask(method, path.as_str(), body).await.map(drop)
    }

    /// Writes the answer to `to` as it comes, and returns how many bytes it had: all that were announced.
    pub async fn download(&self, path: &ApiPath, to: &mut impl Write) -> Result<u64, ClientError> {
        let answer = self.ask(Method::POST, path.as_str(), None::<&()>).await?;
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
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<(T, HeaderMap), ClientError> {
        let mut answer = self.ask(method, path, body).await?;
        let headers = std::mem::take(answer.headers_mut());
        let bytes = whole(answer).await?;
        let value =
            serde_json::from_slice(&bytes).map_err(|error| ClientError::Answer { why: error.to_string() })?;
        Ok((value, headers))
    }

    /// Sends one request by a connection of its own, and returns the answer if it is a good one.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Response<Incoming>, ClientError> {
        let request = self.request(method, path, body)?;
        let mut sender = self.way.connect().await?;
        let answer = tokio::time::timeout(ANSWER_MAX, sender.send_request(request)).await;
        let answer = answer.map_err(|_| ClientError::Slow)?.map_err(ClientError::broken)?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let bytes = whole(answer).await?;
        let problem = serde_json::from_slice::<api::Problem>(&bytes);
        Err(problem.map_or(ClientError::Status { status }, ClientError::Problem))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let wrong = |why: String| ClientError::Request { why };
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(|error| wrong(error.to_string()))?,
            None => Vec::new(),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.way.host())
            .header(header::CONTENT_TYPE, "application/json");
        let mut request =
            request.body(Full::new(Bytes::from(body))).map_err(|error| wrong(error.to_string()))?;
        request.headers_mut().extend(self.headers.clone());
        Ok(request)
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

async fn whole(answer: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    Ok(body.map_err(ClientError::broken)?.to_bytes())
}
