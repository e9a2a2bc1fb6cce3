//! What a server that is the endpoint mapper as well answers.

use std::net::SocketAddrV4;

use super::reply;
use crate::rpc::endpoint::{MapRequest, MapResponse, NOT_REGISTERED, Tower};
use crate::rpc::pdu::{Header, flag, status};
use crate::rpc::send_message::{INTERFACE, INTERFACE_VERSION};

/// Whether the arguments are all in this packet.
pub(super) fn is_whole(request: &Header) -> bool {
    !request.has(flag::FRAGMENT) || (request.has(flag::LAST_FRAGMENT) && request.fragment == 0)
}

/// The answer to `ept_map`.
pub(super) fn answer(request: &Header, stub: &[u8], endpoint: SocketAddrV4, boot: u32) -> Vec<u8> {
    let Ok(question) = MapRequest::decode(stub, request.order) else {
        return reply::fault(request, status::BAD_STUB, boot);
    };
    let asked = question.begins && question.tower.is_ok_and(|tower| is_ours(&tower));
    let results = if asked && question.towers_max > 0 {
        let tower = Tower { interface: INTERFACE, interface_version: INTERFACE_VERSION, endpoint };
        MapResponse { towers: vec![tower], status: 0 }
    } else {
        MapResponse { towers: Vec::new(), status: NOT_REGISTERED }
    };
    reply::results(request, &results.encode(question.towers_max, question.referents, request.order), boot)
}

/// There is no minor version of it, so that a caller that wants one wants too much.
fn is_ours(tower: &Tower) -> bool {
    tower.interface == INTERFACE && tower.interface_version == INTERFACE_VERSION
}
