//! The kinds of packets that there are (RFC 1002 §4.2.2 to §4.2.18). A node reads those of name servers and does not
//! write them; whatever plays the server for it, as tests do, needs them too.

use std::net::Ipv4Addr;

use super::{
    Flags, NameEntry, NameFlags, NodeStatus, Opcode, Packet, Question, Record, RecordData, RecordType,
    ResponseCode,
};
use crate::name::ScopedName;

/// Who claims, keeps or gives up a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The name.
    pub name: ScopedName,
    /// Whether others may have it too, and the kind of node.
    pub flags: NameFlags,
    /// Where it is.
    pub address: Ipv4Addr,
    /// For how many seconds, asked of a name server; 0 in broadcasts.
    pub ttl: u32,
}

impl Registration {
    fn record(&self) -> Record {
        let entry = NameEntry { flags: self.flags, address: self.address };
        Record { name: self.name.clone(), ttl: self.ttl, data: RecordData::Addresses(vec![entry]) }
    }

    fn request(&self, id: u16, flags: Flags) -> Packet {
        let question = Question { name: self.name.clone(), kind: RecordType::ADDRESSES };
        Packet { question: Some(question), additional: Some(self.record()), ..Packet::empty(id, flags) }
    }
}

impl Flags {
    /// A request of this kind, to one or to everybody.
    fn request(opcode: Opcode, broadcast: bool) -> Self {
        Self {
            response: false,
            opcode,
            authoritative: false,
            truncated: false,
            recursion_desired: false,
            recursion_available: false,
            broadcast,
            code: ResponseCode::SUCCESS,
        }
    }

    /// An answer of somebody who speaks for the name.
    fn answer(opcode: Opcode, code: ResponseCode) -> Self {
        Self { response: true, authoritative: true, code, ..Self::request(opcode, false) }
    }

    fn with_recursion_desired(self) -> Self {
        Self { recursion_desired: true, ..self }
    }

    fn with_recursion_available(self) -> Self {
        Self { recursion_available: true, ..self }
    }
}

impl Packet {
    fn empty(id: u16, flags: Flags) -> Self {
        Self { id, flags, question: None, answer: None, authority: None, additional: None }
    }

    fn answer(id: u16, flags: Flags, answer: Record) -> Self {
        Self { answer: Some(answer), ..Self::empty(id, flags) }
    }

    /// Claims a name: of everybody, or of a name server (§4.2.2).
    pub fn registration(id: u16, claim: &Registration, broadcast: bool) -> Self {
        claim.request(id, Flags::request(Opcode::REGISTRATION, broadcast).with_recursion_desired())
    }

    /// Claims a name of a name server, for a computer with several addresses; Windows added it.
    pub fn multi_homed_registration(id: u16, claim: &Registration) -> Self {
        claim.request(id, Flags::request(Opcode::MULTI_HOMED_REGISTRATION, false).with_recursion_desired())
    }

    /// Says that the name is taken now: nobody has objected (§4.2.3).
    pub fn overwrite(id: u16, claim: &Registration, broadcast: bool) -> Self {
        claim.request(id, Flags::request(Opcode::REGISTRATION, broadcast))
    }

    /// Tells a name server that the name is still in use (§4.2.4).
    pub fn refresh(id: u16, claim: &Registration) -> Self {
        claim.request(id, Flags::request(Opcode::REFRESH, false))
    }

    /// Gives a name up (§4.2.9).
    pub fn release(id: u16, claim: &Registration, broadcast: bool) -> Self {
        claim.request(id, Flags::request(Opcode::RELEASE, broadcast))
    }

    /// The answer to a claim: `code` says whether it is granted (§4.2.5, §4.2.6).
    pub fn registration_response(id: u16, claim: &Registration, code: ResponseCode) -> Self {
        let flags = Flags::answer(Opcode::REGISTRATION, code);
        Self::answer(id, flags.with_recursion_desired().with_recursion_available(), claim.record())
    }

    /// The answer to a claim of a name that somebody has: whoever claims shall ask them (§4.2.7).
    pub fn challenge_registration_response(id: u16, owner: &Registration) -> Self {
        let flags = Flags::answer(Opcode::REGISTRATION, ResponseCode::SUCCESS);
        Self::answer(id, flags.with_recursion_desired(), owner.record())
    }

    /// Tells a node that a name it has belongs to somebody else (§4.2.8).
    pub fn conflict_demand(id: u16, claim: &Registration) -> Self {
        Self::registration_response(id, claim, ResponseCode::CONFLICT)
    }

    /// The answer to a release (§4.2.10, §4.2.11).
    pub fn release_response(id: u16, claim: &Registration, code: ResponseCode) -> Self {
        Self::answer(id, Flags::answer(Opcode::RELEASE, code), claim.record())
    }

    /// Asks who has a name (§4.2.12).
    pub fn query(id: u16, name: ScopedName, broadcast: bool) -> Self {
        let flags = Flags::request(Opcode::QUERY, broadcast).with_recursion_desired();
        let question = Some(Question { name, kind: RecordType::ADDRESSES });
        Self { question, ..Self::empty(id, flags) }
    }

    /// Says where a name is. Only name servers offer recursion (§4.2.13, §4.2.1.1).
    pub fn query_response(id: u16, name: ScopedName, ttl: u32, entries: Vec<NameEntry>) -> Self {
        let flags = Flags::answer(Opcode::QUERY, ResponseCode::SUCCESS).with_recursion_desired();
        Self::answer(id, flags, Record { name, ttl, data: RecordData::Addresses(entries) })
    }

    /// Says that nobody has a name, as a name server does (§4.2.14).
    pub fn negative_query_response(id: u16, name: ScopedName, code: ResponseCode) -> Self {
        let flags = Flags::answer(Opcode::QUERY, code);
        let data = RecordData::Other { kind: RecordType::NULL, bytes: Vec::new() };
        let record = Record { name, ttl: 0, data };
        Self::answer(id, flags.with_recursion_desired().with_recursion_available(), record)
    }

    /// Sends whoever asks to another name server (§4.2.15).
    pub fn redirect(id: u16, name: ScopedName, server_name: &ScopedName, server: Ipv4Addr, ttl: u32) -> Self {
        let flags = Flags { authoritative: false, ..Flags::answer(Opcode::QUERY, ResponseCode::SUCCESS) };
        let mut server_name_bytes = Vec::new();
        server_name.encode_to(&mut server_name_bytes);
        let record = |name, kind, bytes| Record { name, ttl, data: RecordData::Other { kind, bytes } };
        Self {
            authority: Some(record(name, RecordType::NAME_SERVER, server_name_bytes)),
            additional: Some(record(server_name.clone(), RecordType::ADDRESS, server.octets().to_vec())),
            ..Self::empty(id, flags.with_recursion_desired())
        }
    }

    /// Says that the answer to a request with these flags will take some seconds (§4.2.16).
    pub fn wait(id: u16, name: ScopedName, seconds: u32, request: Flags) -> Self {
        let bytes = request.bits().to_be_bytes().to_vec();
        // The RFC calls the type NULL and gives the number of addresses; servers go by the number.
        let data = RecordData::Other { kind: RecordType::ADDRESSES, bytes };
        let flags = Flags::answer(Opcode::WAIT, ResponseCode::SUCCESS);
        Self::answer(id, flags, Record { name, ttl: seconds, data })
    }

    /// Asks a node which names it has; any of them, or [`Name::ANY`](crate::name::Name::ANY), says who is meant (§4.2.17).
    pub fn node_status_request(id: u16, name: ScopedName) -> Self {
        let question = Some(Question { name, kind: RecordType::NODE_STATUS });
        Self { question, ..Self::empty(id, Flags::request(Opcode::QUERY, false)) }
    }

    /// Says which names a node has (§4.2.18).
    pub fn node_status_response(id: u16, name: ScopedName, status: NodeStatus, truncated: bool) -> Self {
        let flags = Flags { truncated, ..Flags::answer(Opcode::QUERY, ResponseCode::SUCCESS) };
        Self::answer(id, flags, Record { name, ttl: 0, data: RecordData::NodeStatus(status) })
    }
}
