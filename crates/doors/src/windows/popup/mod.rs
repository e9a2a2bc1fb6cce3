//! Messages that another SMB server of this machine has taken: where `smbd` keeps the ports, its `message command` hands
//! over what comes.
//!
//! There is one way, whether the service runs or not: the command puts the message into a folder and rings, and the
//! service takes it from there. The message is the service's when its commit is done, and only then its file goes; a
//! crash in between brings it again, under the same id, and the store knows it.

mod entry;
mod spool;

use std::{io, sync::Arc, time::Duration};

use domain::{Audience, Target};
use hub::{HubError, MessageDraft};
use tokio::{
    net::UnixDatagram,
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{WindowsDoor, budget::Transport, recipient::unverified};

pub use entry::{PopupId, PopupMessage};
pub use spool::{POPUP_BYTES_MAX, PopupError, PopupFile, PopupSpool};

/// How often it is looked for what nobody has rung for, or was too much a minute ago.
const LOOK_INTERVAL: Duration = Duration::from_secs(60);

/// How long there is between two looks at least.
const REST: Duration = Duration::from_millis(100);

/// Who it came from where nobody has said it.
const NO_ADDRESS: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// What is done with a message in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It is the service's, or nobody's.
    Remove,
    /// It can not be given now.
    Keep,
}

/// Whom a message is for.
enum Meant {
    /// Those who are appointed to receive for a name of this computer.
    Appointed(Audience),
    /// One person.
    Person(Audience),
}

impl WindowsDoor {
    /// Takes what lies in the folder, and what is put there until `stop`.
    ///
    /// # Errors
    /// The folder cannot be used. It must be called inside a runtime.
    pub fn open_popup_spool(
        self: &Arc<Self>,
        spool: PopupSpool,
        stop: CancellationToken,
    ) -> Result<impl Future<Output = ()> + Send + 'static, PopupError> {
        let bell = spool.bell()?;
        let bell = UnixDatagram::from_std(bell)
            .map_err(|error| PopupError::File { file: "bell".into(), why: error.to_string() })?;
        Ok(take_until(self.clone(), spool, bell, stop))
    }

    async fn take_all(&self, spool: &PopupSpool, stop: &CancellationToken) -> io::Result<()> {
        let (folder, now) = (spool.clone(), self.hub.environment().now().into());
        let all = tokio::task::spawn_blocking(move || folder.waiting(now)).await??;
        for waiting in all.into_iter().take_while(|_| !stop.is_cancelled()) {
            // One at a time is in memory.
            let (waiting, read) = tokio::task::spawn_blocking(move || {
                let read = waiting.read();
                (waiting, read)
            })
            .await?;
            let Some(message) = read else { continue };
            if self.take(&waiting.id, &message).await == Next::Keep {
                continue;
            }
            // What is not removed comes again, and is known by its id.
            if let Err(error) = tokio::task::spawn_blocking(move || waiting.remove()).await? {
                tracing::warn!(%error, "a message that was taken cannot be removed");
            }
        }
        Ok(())
    }

    async fn take(&self, id: &PopupId, message: &PopupMessage) -> Next {
        let source = message.address.unwrap_or(NO_ADDRESS);
        // Its sender was told that it is delivered: what is too much comes later.
        if self.messages.take(source, Transport::Answered, Instant::now().into_std()).is_err() {
            return Next::Keep;
        }
        let from = if message.from.trim().is_empty() { &message.machine } else { &message.from };
        let sender = unverified(from, source);
        let audience = self.audience_of(message.to.as_deref()).await;
        if let Ok(Meant::Person(_)) = audience
            && self.hub.keeps_quiet(&sender)
        {
            return Next::Keep;
        }
        let draft = MessageDraft {
            sender,
            text: message.text.clone(),
            sender_id: Some(format!("winpopup:{}", id.as_str())),
        };
        let sent = match audience {
            Ok(Meant::Appointed(audience) | Meant::Person(audience)) => {
                self.hub.send_to_appointed(&audience, draft).await
            }
            Err(error) => Err(error),
        };
        match sent {
            Ok(_) => Next::Remove,
            Err(HubError::Store(_) | HubError::Full { .. }) => Next::Keep,
            Err(_) => {
                tracing::warn!(%source, "a message that was handed over is for nobody who takes it");
                Next::Remove
            }
        }
    }

    /// Whom the name that was called means: those of a message name, a person, or those of the machine's own name. The
    /// sender has had their answer, so that they learn nothing of who is here.
    async fn audience_of(&self, called: Option<&str>) -> Result<Meant, HubError> {
        let of_the_machine = || Meant::Appointed(self.hub.settings().machine_name_to.clone());
        let Some(called) = called.map(str::trim) else { return Ok(of_the_machine()) };
        if let Some(to) = self.hub.appointed_for(called) {
            return Ok(Meant::Appointed(to));
        }
        match self.hub.store().account_by_netbios(called).await? {
            Some(account) => {
                Ok(Meant::Person(Audience::new(vec![Target::User(account.address.to_string())])?))
            }
            None => Ok(of_the_machine()),
        }
    }
}

async fn take_until(door: Arc<WindowsDoor>, spool: PopupSpool, bell: UnixDatagram, stop: CancellationToken) {
    let (mut look, mut ring) = (interval(LOOK_INTERVAL), [0; 8]);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = look.tick() => {}
            rung = bell.recv(&mut ring) => {
                if let Err(error) = rung {
                    tracing::debug!(%error, "the bell of handed-over messages failed");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        _ = look.tick() => {}
                    }
                }
            }
        }
        if let Err(error) = door.take_all(&spool, &stop).await {
            tracing::warn!(%error, "the messages that were handed over cannot be taken now");
        }
        // Whoever rings without end is not looked after without end.
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(REST) => {}
        }
    }
}
