//! What programs mostly ask for. Everything else of the interface is asked by [`Client::get`], [`Client::post`] and
//! their like, with the documents of the crate `api`.

use api::{
    accounts::{AccountView, NewAccount},
    alerts::{AlertView, NewAlert, ReportView},
    messages::{MessagesTaken, NewMessage},
    service::Status,
    sessions::SessionView,
    tokens::{MadeToken, NewToken, TokenView},
};
use domain::AlertId;

use crate::{ApiPath, Client, ClientError};

impl Client {
    /// How the service is.
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.get(&ApiPath::new(&["status"])).await
    }

    /// Sends the same words to each person of an audience. When this returns, nothing of it is lost any more.
    pub async fn send(&self, message: &NewMessage) -> Result<MessagesTaken, ClientError> {
        self.post(&ApiPath::new(&["messages"]), message).await
    }

    /// Sends an alert. When this returns, it has been taken for good.
    pub async fn send_alert(&self, alert: &NewAlert) -> Result<AlertView, ClientError> {
        self.post(&ApiPath::new(&["alerts"]), alert).await
    }

    /// The alerts in force, newest first; with `over`, also those that are not any more.
    pub async fn alerts(&self, over: bool) -> Result<Vec<AlertView>, ClientError> {
        self.list(&ApiPath::new(&["alerts"]).with("all", &over)).await
    }

    /// Who has an alert, who has confirmed it, and who was not reached and why.
    pub async fn report(&self, alert: AlertId) -> Result<ReportView, ClientError> {
        self.get(&ApiPath::new(&["alerts", &alert.to_string(), "report"])).await
    }

    /// Calls an alert off; people who have it are told.
    pub async fn cancel_alert(&self, alert: AlertId) -> Result<AlertView, ClientError> {
        self.post(&ApiPath::new(&["alerts", &alert.to_string(), "cancel"]), &()).await
    }

    /// All accounts, by address.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, ClientError> {
        self.list(&ApiPath::new(&["accounts"])).await
    }

    /// Makes an account.
    pub async fn add_account(&self, account: &NewAccount) -> Result<AccountView, ClientError> {
        self.post(&ApiPath::new(&["accounts"]), account).await
    }

    /// Who is there now.
    pub async fn sessions(&self) -> Result<Vec<SessionView>, ClientError> {
        self.list(&ApiPath::new(&["sessions"])).await
    }

    /// The tokens of programs, in the order in which they were made.
    pub async fn tokens(&self) -> Result<Vec<TokenView>, ClientError> {
        self.list(&ApiPath::new(&["tokens"])).await
    }

    /// Makes a token.
    pub async fn add_token(&self, token: &NewToken) -> Result<MadeToken, ClientError> {
        self.post(&ApiPath::new(&["tokens"]), token).await
    }
}
