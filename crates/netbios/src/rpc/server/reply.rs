//! What a server writes.

use crate::receiver::Answer;
use crate::rpc::conversation::{self, Question};
use crate::rpc::ndr::{ByteOrder, Writer};
use crate::rpc::pdu::{Header, Kind, flag};
use crate::rpc::{Uuid, send_message};

pub(super) fn response(request: &Header, answer: Answer, boot: u32) -> Vec<u8> {
    let result = match answer {
        Answer::Accepted => send_message::result::SUCCESS,
        Answer::NoSuchName => send_message::result::NAME_NOT_FOUND,
        Answer::NoRoom => send_message::result::INTERNAL_ERROR,
    };
    results(request, &number(result, request.order), boot)
}

/// A response in one packet.
pub(super) fn results(request: &Header, stub: &[u8], boot: u32) -> Vec<u8> {
    let header = Header { flags: flag::NO_FRAGMENT_ACK, ..to(request, Kind::Response, boot) };
    header.encode(stub)
}

pub(super) fn fault(request: &Header, status: u32, boot: u32) -> Vec<u8> {
    to(request, Kind::Fault, boot).encode(&number(status, request.order))
}

pub(super) fn reject(request: &Header, status: u32, boot: u32) -> Vec<u8> {
    to(request, Kind::Reject, boot).encode(&number(status, request.order))
}

pub(super) fn working(request: &Header, boot: u32) -> Vec<u8> {
    to(request, Kind::Working, boot).encode(&[])
}

pub(super) fn no_call(request: &Header, boot: u32) -> Vec<u8> {
    to(request, Kind::NoCall, boot).encode(&[])
}

/// `contiguous` is the last fragment that is there with all before it. Before the first there is nothing to say but
/// the number that would come before it. No body: it would only say how much fits (C706 12.5.3.4).
pub(super) fn fragment_ack(request: &Header, contiguous: Option<u16>, boot: u32) -> Vec<u8> {
    let fragment = contiguous.unwrap_or(u16::MAX);
    Header { fragment, ..to(request, Kind::FragmentAck, boot) }.encode(&[])
}

/// Asks the caller for the number of its latest call.
pub(super) fn who_are_you(request: &Header, callback: Uuid, boot: u32) -> Vec<u8> {
    let header = Header {
        flags: flag::IDEMPOTENT,
        operation: conversation::WHO_ARE_YOU2,
        ..Header::new(Kind::Request, conversation::INTERFACE, conversation::INTERFACE_VERSION, callback)
    };
    let question = Question { activity: request.activity, server_boot: boot };
    header.encode(&question.encode(header.order))
}

/// The number of the caller's latest call, unless it says that it made none.
pub(super) fn read_who_are_you(body: &[u8], order: ByteOrder) -> Option<u32> {
    let answer = conversation::Answer::decode(body, order).ok()?;
    (answer.status == 0).then_some(answer.sequence)
}

/// An answer carries the fields of its question (C706 12.5.2), in the order of bytes of the question.
fn to(request: &Header, kind: Kind, boot: u32) -> Header {
    Header {
        kind,
        flags: 0,
        flags2: 0,
        server_boot: boot,
        serial: 0,
        fragment: 0,
        authentication: 0,
        ..*request
    }
}

fn number(value: u32, order: ByteOrder) -> Vec<u8> {
    let mut writer = Writer::new(order);
    writer.u32(value);
    writer.finish()
}
