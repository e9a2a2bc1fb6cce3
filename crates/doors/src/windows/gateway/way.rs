use domain::Computer;
use netbios::{sender::Strategy, session::Framing};

use super::delivery::Failure;
use crate::network::DialError;

const SESSION_PORT: u16 = 139;
const DIRECT_PORT: u16 = 445;

/// One way of delivering a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) port: u16,
    /// Nobody has asked for this port, so that another may be tried.
    port_is_ours: bool,
    pub(super) called: String,
    pub(super) strategy: Strategy,
}

impl Way {
    /// The way that Windows takes.
    pub(super) fn first(computer: &Computer) -> Self {
        Self {
            port: computer.port.unwrap_or(SESSION_PORT),
            port_is_ours: computer.port.is_none(),
            called: computer.name.clone(),
            strategy: Strategy::SingleBlock,
        }
    }

    /// Port 445 has no session requests (MS-SMB 2.1); every other is taken for a port 139 elsewhere.
    pub(super) fn framing(&self) -> Framing {
        if self.port == DIRECT_PORT { Framing::Direct } else { Framing::NetbiosSession }
    }

    /// The way to try next, if there is one. Each step leads further along and none back, so there are at most four
    /// attempts.
    pub(super) fn after(&self, failure: &Failure) -> Option<Self> {
        match failure {
            Failure::Dial(DialError::Refused { .. }) if self.port_is_ours && self.port == SESSION_PORT => {
                Some(Self { port: DIRECT_PORT, ..self.clone() })
            }
            Failure::Send(error) if error.try_smbserver_name() => {
                Some(Self { called: "*SMBSERVER".to_owned(), ..self.clone() })
            }
            Failure::Send(error) if error.try_multi_block() => {
                Some(Self { strategy: Strategy::MultiBlock, ..self.clone() })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use netbios::{
        sender::{SendError, Step},
        session::NegativeReason,
    };

    use super::*;

    fn way(port: Option<u16>) -> Way {
        Way::first(&Computer { name: "PRESS1".to_owned(), host: "10.0.0.7".to_owned(), port })
    }

    fn closed(port: u16) -> Failure {
        Failure::Dial(DialError::Refused { address: ([10, 0, 0, 7], port).into() })
    }

    fn refused(called_any_server: bool) -> Failure {
        let reason = NegativeReason::CalledNotPresent;
        Failure::Send(SendError::SessionRefused { reason, called_any_server })
    }

    fn hung_up(step: Step) -> Failure {
        Failure::Send(SendError::Disconnected { step })
    }

    #[test]
    fn port_445_is_tried_where_139_is_closed_and_nobody_asked_for_a_port() {
        let second = way(None).after(&closed(139)).unwrap();
        assert_eq!((second.port, second.framing()), (445, Framing::Direct));
        assert_eq!(second.after(&closed(445)), None);
        assert_eq!(way(Some(139)).after(&closed(139)), None);
        assert_eq!(way(Some(1139)).framing(), Framing::NetbiosSession);
    }

    #[test]
    fn whoever_listens_is_called_where_the_name_is_not_there() {
        let second = way(None).after(&refused(false)).unwrap();
        assert_eq!(second.called, "*SMBSERVER");
        assert_eq!(second.after(&refused(true)), None);
    }

    #[test]
    fn several_blocks_follow_one_that_was_hung_up_on() {
        let second = way(None).after(&hung_up(Step::SingleBlock)).unwrap();
        assert_eq!(second.strategy, Strategy::MultiBlock);
        assert_eq!(second.after(&hung_up(Step::Start)), None);
        assert_eq!(way(None).after(&hung_up(Step::End)), None, "it may have arrived");
    }
}
