use std::{sync::Arc, time::Duration};

use domain::{Presence, Protocol};
use hub::{ConnectionId, Item, Session, SessionDraft};

use crate::{House, house::text_of};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who is signed in, with what came for them.
pub struct Guest {
    /// The session.
    pub session: Arc<Session>,
    connection: ConnectionId,
}

impl Guest {
    /// Signs a person in, makes them available, and waits until they are given messages as they come.
    pub async fn sign_in(house: &House, name: &str, resource: &str) -> Self {
        let guest = Self::connect(house, name, resource).await;
        house.hub.set_presence(&guest.session, Presence::default()).await.expect("presence is taken");
        let receives = async {
            let own = |view: &hub::SessionView| {
                view.address == *guest.session.address() && view.resource == resource
            };
            while !house.hub.sessions().iter().any(|view| own(view) && view.receives) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, receives).await.expect("the session catches up");
        guest
    }

    /// Signs a person in who says nothing about being there.
    pub async fn connect(house: &House, name: &str, resource: &str) -> Self {
        let draft = Self::draft(house, name, Some(resource));
        let session = house.hub.open_session(draft).await.expect("the person may sign in");
        Self::serve(session)
    }

    /// Serves a session that is there already.
    pub fn serve(session: Arc<Session>) -> Self {
        let connection = session.attach();
        Self { session, connection }
    }

    /// What a door says of who signs in.
    pub fn draft(house: &House, name: &str, resource: Option<&str>) -> SessionDraft {
        let (address, source) = (house.address(name), "10.0.0.9".to_owned());
        SessionDraft { address, resource: resource.map(str::to_owned), protocol: Protocol::Xmpp, source }
    }

    /// The connection by which the session is served.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// The next thing that comes, with its number.
    pub async fn next(&self) -> (u32, Item) {
        let next = async {
            let mut items = Vec::new();
            loop {
                let closed = self.session.outbox.take(self.connection, 1, &mut items);
                if let Some(item) = items.pop() {
                    return item;
                }
                assert!(closed.is_none(), "the session was closed: {closed:?}");
                self.session.outbox.changed().await;
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("something comes")
    }

    /// The words of the next message; whatever else comes before it is passed over.
    pub async fn next_text(&self) -> String {
        loop {
            if let (_, Item::Message(delivery)) = self.next().await {
                return text_of(&delivery.message);
            }
        }
    }

    /// The next thing for which `wanted` has an answer; whatever else comes before it is passed over.
    pub async fn next_that<T>(&self, wanted: impl Fn(&Item) -> Option<T>) -> T {
        loop {
            let (_, item) = self.next().await;
            if let Some(found) = wanted(&item) {
                return found;
            }
        }
    }

    /// Everything that is there to be taken now.
    pub fn waiting(&self) -> Vec<(u32, Item)> {
        let mut items = Vec::new();
        self.session.outbox.take(self.connection, usize::MAX, &mut items);
        items
    }
}
