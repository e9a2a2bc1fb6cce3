use domain::displayable;
use hub::ComputerMessage;
use netbios::{
    code_page::CodePage,
    rpc::{client::CallError, send_message::result},
    sender::{SendError, Step},
    session::NegativeReason,
    smb::Status,
};

use super::delivery::Failure;
use crate::network::DialError;

/// Why a message did not arrive, for the administrator who sent it.
pub(super) fn failure(failure: &Failure, message: &ComputerMessage, code_page: CodePage) -> String {
    let host = displayable(&message.computer.host);
    let name = displayable(&message.computer.name);
    match failure {
        Failure::Dial(DialError::Refused { address }) => {
            format!("{host} takes no messages: nothing listens at {address}")
        }
        // The old text, and the number that NET HELPMSG explains.
        Failure::Dial(DialError::Unknown { .. }) if host.eq_ignore_ascii_case(&name) => {
            format!("the message alias {name} could not be found on the network (2273)")
        }
        Failure::Dial(error) => error.to_string(),
        Failure::Call(CallError::Refused { result: result::NAME_NOT_FOUND }) => {
            format!("{host} was called, and answered that no one receives messages as {name} (2273)")
        }
        Failure::Call(error) if error.may_have_arrived() => {
            format!("{host} was called: {error}; the message may have arrived")
        }
        Failure::Call(error) => format!("{host} was called: {error}"),
        Failure::Send(SendError::SessionRefused { reason, .. }) => match reason {
            NegativeReason::CalledNotPresent | NegativeReason::NotListeningOnCalled => {
                format!("{host} answered that no one is called {name}")
            }
            NegativeReason::InsufficientResources => format!("{host} has no room for a connection now"),
            other => format!("{host} refused the connection: {other}"),
        },
        Failure::Send(SendError::Refused { status, .. }) => refused(&host, &name, *status),
        Failure::Send(SendError::Retargeted { address, port }) => {
            format!("{host} answered that {name} is at {address}, port {port}: give that host instead")
        }
        Failure::Send(SendError::Disconnected { step }) => {
            format!("{host} closed the connection without an answer{}", perhaps_arrived(*step))
        }
        Failure::Send(SendError::TimedOut { .. }) | Failure::TooLate => {
            format!("{host} accepted the connection and did not answer in time; the message may have arrived")
        }
        Failure::Send(SendError::Name(error)) => {
            let from = displayable(&message.from);
            format!("{name} or {from} cannot be written as a NetBIOS name in code page {code_page}: {error}")
        }
        Failure::Send(SendError::TextTooLong { max, got }) => {
            format!("the text has {got} bytes in code page {code_page}, and a computer takes at most {max}")
        }
        Failure::Send(error) => format!("{host} does not speak as a messenger does: {error}"),
    }
}

/// The same, where parts of the message have arrived before.
pub(super) fn after_parts([arrived, count]: [usize; 2], why: String) -> String {
    match arrived {
        0 => why,
        _ => format!("only {arrived} of {count} parts arrived: {why}"),
    }
}

fn refused(host: &str, name: &str, status: Status) -> String {
    match status {
        Status::NOT_RECEIVING => format!("{host} answered that no one receives messages as {name}"),
        Status::NO_ROOM => format!("{host} has no room for the message now"),
        Status::REQUEST_NOT_ACCEPTED => format!("{host} does not take messages ({status})"),
        other => format!("{host} refused the message ({other})"),
    }
}

fn perhaps_arrived(step: Step) -> &'static str {
    match step {
        Step::SingleBlock | Step::End => "; the message may have arrived",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use domain::Computer;
    use netbios::rpc;

    use super::*;

    fn said(of: &Failure) -> String {
        let computer = Computer { name: "PRESS1".to_owned(), host: "10.0.0.7".to_owned(), port: None };
        let message =
            ComputerMessage { computer, from: "ADMIN".to_owned(), text: "paper is empty".to_owned() };
        failure(of, &message, CodePage::DEFAULT)
    }

    #[test]
    fn the_machine_the_name_and_the_reason_are_told() {
        let reason = NegativeReason::CalledNotPresent;
        let absent = SendError::SessionRefused { reason, called_any_server: true };
        assert_eq!(said(&Failure::Send(absent)), "10.0.0.7 answered that no one is called PRESS1");
        let closed = DialError::Refused { address: ([10, 0, 0, 7], 445).into() };
        assert_eq!(
            said(&Failure::Dial(closed)),
            "10.0.0.7 takes no messages: nothing listens at 10.0.0.7:445"
        );
        let refused = |status| said(&Failure::Send(SendError::Refused { step: Step::Start, status }));
        assert_eq!(refused(Status::REQUEST_NOT_ACCEPTED), "10.0.0.7 does not take messages (ERRDOS 71)");
        assert_eq!(refused(Status::NO_ROOM), "10.0.0.7 has no room for the message now");
        assert_eq!(refused(Status::MALFORMED), "10.0.0.7 refused the message (ERRSRV 1)");
    }

    #[test]
    fn a_name_that_nobody_has_is_told_in_the_old_words() {
        let unknown = DialError::Unknown { host: "press1".to_owned(), why: "no such host".to_owned() };
        let computer = Computer { name: "PRESS1".to_owned(), host: "press1".to_owned(), port: None };
        let message = ComputerMessage { computer, from: "ADMIN".to_owned(), text: String::new() };
        assert_eq!(
            failure(&Failure::Dial(unknown.clone()), &message, CodePage::DEFAULT),
            "the message alias PRESS1 could not be found on the network (2273)"
        );
        assert!(said(&Failure::Dial(unknown)).contains("could not be looked up"));
    }

    #[test]
    fn how_many_parts_have_arrived_is_told_where_some_have() {
        assert_eq!(after_parts([0, 3], "no answer".to_owned()), "no answer");
        assert_eq!(after_parts([2, 3], "no answer".to_owned()), "only 2 of 3 parts arrived: no answer");
    }

    #[test]
    fn it_is_told_where_the_message_may_have_arrived_all_the_same() {
        let hung_up = |step| said(&Failure::Send(SendError::Disconnected { step }));
        assert!(hung_up(Step::End).ends_with("may have arrived"));
        assert!(hung_up(Step::Start).ends_with("without an answer"));
        let called = |step| said(&Failure::Call(CallError::TimedOut { step }));
        assert!(called(rpc::client::Step::Send).ends_with("may have arrived"));
        assert!(called(rpc::client::Step::Map).ends_with("got none"));
    }
}
