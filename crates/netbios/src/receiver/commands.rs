//! What each server message block does to the connection.

use super::draft::Draft;
use super::{CloseReason, Event, Message, Receiver, State};
use crate::code_page::CodePage;
use crate::smb::header::command;
use crate::smb::{
    self, Header, SmbError, Status, end_multi_block, negotiate, send_message, start_multi_block,
    text_multi_block,
};

impl Receiver {
    /// A message that is no server message block closes the connection: there is no way to answer it. A malformed
    /// or unknown request is answered with an error, as MS-MSRP 3.2.4.5 and MS-CIFS 3.3.5.2 want.
    pub(super) fn handle_message(&mut self, message: &[u8]) {
        let (header, body) = match Header::decode(message) {
            Ok(parts) => parts,
            Err(error) => return self.close(error.into()),
        };
        let result = match header.command {
            command::NEGOTIATE => self.negotiate(&header, body),
            command::SEND_MESSAGE => self.single_block(&header, body),
            command::START_MULTI_BLOCK => self.start(&header, body),
            command::TEXT_MULTI_BLOCK => self.block(&header, body),
            command::END_MULTI_BLOCK => self.end(&header, body),
            _ => Ok(Some(Status::UNKNOWN_COMMAND)),
        };
        match result {
            Ok(None) => {}
            Ok(Some(status)) => self.reject(&header, status),
            Err(_) => self.reject(&header, Status::MALFORMED),
        }
    }

    pub(super) fn reject(&mut self, request: &Header, status: Status) {
        self.send(&smb::encode_empty_response(request, status));
        self.count_rejected();
    }

    /// Only a whole message shows that a peer does not merely keep the connection: beginning one does not.
    fn count_rejected(&mut self) {
        self.rejected_packets += 1;
        if self.rejected_packets > self.limits.rejected_packets_max {
            self.close(CloseReason::TooManyRejected);
        }
    }

    fn negotiate(&mut self, header: &Header, body: &[u8]) -> Result<Option<Status>, SmbError> {
        let request = negotiate::Request::decode(body)?;
        // MS-CIFS 2.2.4.52: only the first negotiation of a connection counts.
        if self.negotiated {
            return Ok(Some(Status::MALFORMED));
        }
        self.negotiated = true;
        let message_bytes_max = u32::try_from(self.limits.packet_bytes_max).unwrap_or(u32::MAX);
        let response = negotiate::Response::choose(&request, message_bytes_max, self.challenge);
        self.send(&response.encode(header));
        Ok(None)
    }

    fn single_block(&mut self, header: &Header, body: &[u8]) -> Result<Option<Status>, SmbError> {
        let request = send_message::Request::decode(body)?;
        let mut draft = Draft::new(name(self.code_page, request.from), name(self.code_page, request.to));
        // An unfinished message is given up: its sender has turned to another one.
        self.state = State::Ready;
        if !draft.push(request.text, self.limits.text_bytes_max) {
            return Ok(Some(Status::NO_ROOM));
        }
        Ok(self.complete(header, draft))
    }

    fn start(&mut self, header: &Header, body: &[u8]) -> Result<Option<Status>, SmbError> {
        let request = start_multi_block::Request::decode(body)?;
        let draft = Draft::new(name(self.code_page, request.from), name(self.code_page, request.to));
        if matches!(self.state, State::Collecting { .. }) {
            self.count_rejected();
            if self.close_wanted() {
                return Ok(None);
            }
        }
        self.events.push_back(Event::Addressed { from: draft.from.clone(), to: draft.to.clone() });
        self.state = State::RecipientPending { start: *header, draft };
        Ok(None)
    }

    /// The group is not compared: `smbd` does not give one, and senders write what they like.
    fn block(&mut self, header: &Header, body: &[u8]) -> Result<Option<Status>, SmbError> {
        let request = text_multi_block::Request::decode(body)?;
        let State::Collecting { draft, .. } = &mut self.state else {
            return Ok(Some(Status::INVALID_PARAMETER));
        };
        if !draft.push(request.text, self.limits.text_bytes_max) {
            self.state = State::Ready;
            return Ok(Some(Status::NO_ROOM));
        }
        self.send(&smb::encode_empty_response(header, Status::SUCCESS));
        Ok(None)
    }

    fn end(&mut self, header: &Header, body: &[u8]) -> Result<Option<Status>, SmbError> {
        end_multi_block::Request::decode(body)?;
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Collecting { draft, .. } => Ok(self.complete(header, draft)),
            _ => Ok(Some(Status::INVALID_PARAMETER)),
        }
    }

    /// Hands over a message, unless its text is too long. The response waits for the owner's answer.
    fn complete(&mut self, last: &Header, draft: Draft) -> Option<Status> {
        let text = draft.text(self.code_page);
        if text.chars().count() > self.limits.text_chars_max {
            return Some(Status::NO_ROOM);
        }
        self.events.push_back(Event::Message(Message { from: draft.from, to: draft.to, text }));
        self.rejected_packets = 0;
        self.state = State::AnswerPending { last: *last };
        None
    }
}

/// A name for people: without the spaces that some senders pad it with.
fn name(code_page: CodePage, bytes: &[u8]) -> String {
    let mut name = code_page.decode(bytes);
    name.truncate(name.trim_end_matches(' ').len());
    name
}
