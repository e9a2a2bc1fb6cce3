//! The names under which messages are taken, managed by calls: as another codec writes them, and over a table.

use std::collections::BTreeMap;
use std::path::Path;

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::rpc::msgsvc::{
    AddError, DeleteError, Level, NameTable, Request, RequestError, Response, operation, result, serve,
};
use netbios::rpc::ndr::{ByteOrder, NdrError};
use netbios::rpc::pdu::status;
use proptest::prelude::*;

const LITTLE: ByteOrder = ByteOrder::Little;
const ALL: u32 = u32::MAX;

/// Arguments and results that impacket 0.13.1 wrote, by their titles. Its padding and its referents are arbitrary.
fn golden() -> BTreeMap<String, Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/msgsvc-ndr-golden.txt");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let read = |line: &str| {
        let (title, digits) = line.rsplit_once(char::is_whitespace).expect("a title and digits");
        let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16));
        (title.trim().to_owned(), bytes.collect::<Result<_, _>>().expect("digits"))
    };
    text.lines().map(read).collect()
}

fn name(text: &str) -> Name {
    Name::new(text, Suffix::MESSENGER, CodePage::DEFAULT).expect("a name")
}

#[test]
fn what_another_codec_wrote_is_read_and_means_the_same_when_it_is_written_again() {
    let golden = golden();
    let alice = || "ALICE".to_owned();
    for (title, operation, expected) in [
        ("Add req", operation::ADD, Request::Add { name: alice() }),
        ("Enum req", operation::ENUMERATE, Request::Enumerate { level: 0, bytes_max: ALL, resume: Some(0) }),
        ("GetInfo req", operation::GET_INFO, Request::GetInfo { name: alice(), level: 1 }),
    ] {
        let request = Request::decode(operation, &golden[title], LITTLE);
        assert_eq!(request, Ok(expected.clone()), "{title}");
        let written = expected.encode(Some(r"\\SRV2"), LITTLE);
        assert_eq!(Request::decode(operation, &written, LITTLE), Ok(expected), "{title}");
        // An array that is sent along has a count of its own, which we leave out together with it.
        let array = if title == "Enum req" { 4 } else { 0 };
        assert_eq!(written.len(), golden[title].len() - array, "{title}");
    }
    let names = vec!["SRV2".to_owned(), alice()];
    let level = Ok(Level::Zero);
    let expected = Response::Names { level, names, resume: Some(0), result: result::SUCCESS };
    let response = Response::decode(operation::ENUMERATE, &golden["Enum resp"], LITTLE);
    assert_eq!(response, Ok(expected.clone()));
    assert_eq!(expected.encode(LITTLE).len(), golden["Enum resp"].len());
    assert_eq!(golden.len(), 4);
}

#[test]
fn all_calls_survive_in_both_orders_and_cut_ones_are_refused() {
    for order in [ByteOrder::Big, LITTLE] {
        let text = || "grün".to_owned();
        for request in [
            Request::Add { name: text() },
            Request::Delete { name: text() },
            Request::GetInfo { name: text(), level: 7 },
            Request::Enumerate { level: 1, bytes_max: 99, resume: None },
            Request::Enumerate { level: 0, bytes_max: 99, resume: Some(3) },
        ] {
            for server in [None, Some("SRV2")] {
                let stub = request.encode(server, order);
                assert_eq!(Request::decode(request.operation(), &stub, order), Ok(request.clone()));
                for length in 0..stub.len() {
                    let cut = Request::decode(request.operation(), &stub[..length], order);
                    assert_eq!(cut, Err(RequestError::Arguments(NdrError::Truncated)), "{length}");
                }
            }
        }
        for level in [Ok(Level::Zero), Ok(Level::One)] {
            let names = vec![text(), "ALICE".to_owned(), String::new()];
            let response = Response::Names { level, names, resume: Some(2), result: 2123 };
            let stub = response.encode(order);
            assert_eq!(Response::decode(operation::ENUMERATE, &stub, order), Ok(response));
            for length in 0..stub.len() {
                assert!(Response::decode(operation::ENUMERATE, &stub[..length], order).is_err());
            }
            for name in [None, Some(text())] {
                let response = Response::Info { level, name, result: 0 };
                let stub = response.encode(order);
                assert_eq!(Response::decode(operation::GET_INFO, &stub, order), Ok(response));
            }
        }
        let done = Response::Done { result: 5 };
        assert_eq!(Response::decode(operation::ADD, &done.encode(order), order), Ok(done));
    }
    assert_eq!(Request::decode(4, &[], LITTLE), Err(RequestError::Operation(4)));
}

/// A table that does what it is told, with a computer and what else may be wrong.
struct Table {
    names: Vec<Name>,
    add: Result<(), AddError>,
    delete: Result<(), DeleteError>,
}

impl Table {
    fn new() -> Self {
        let names = ["SRV2", "ALICE", "BOB"].map(name).to_vec();
        Self { names, add: Ok(()), delete: Ok(()) }
    }

    fn call(&mut self, request: &Request) -> Response {
        self.call_as(true, request)
    }

    fn call_as(&mut self, is_allowed: bool, request: &Request) -> Response {
        let operation = request.operation();
        let stub = request.encode(Some("anything"), LITTLE);
        let stub = serve(operation, &stub, LITTLE, is_allowed, CodePage::DEFAULT, self).expect("a response");
        Response::decode(operation, &stub, LITTLE).expect("results")
    }

    fn add(&mut self, name: &str) -> u32 {
        done(&self.call(&Request::Add { name: name.to_owned() }))
    }

    fn delete(&mut self, name: &str) -> u32 {
        done(&self.call(&Request::Delete { name: name.to_owned() }))
    }

    fn list(&mut self, level: u32, bytes_max: u32, resume: Option<u32>) -> (Vec<String>, Option<u32>, u32) {
        match self.call(&Request::Enumerate { level, bytes_max, resume }) {
            Response::Names { names, resume, result, .. } => (names, resume, result),
            other => panic!("expected names, got {other:?}"),
        }
    }

    fn info(&mut self, name: &str, level: u32) -> (Option<String>, u32) {
        match self.call(&Request::GetInfo { name: name.to_owned(), level }) {
            Response::Info { name, result, .. } => (name, result),
            other => panic!("expected a name, got {other:?}"),
        }
    }
}

fn done(response: &Response) -> u32 {
    let Response::Done { result } = response else { panic!("expected a result, got {response:?}") };
    *result
}

impl NameTable for Table {
    fn names(&self) -> Vec<Name> {
        self.names.clone()
    }

    fn add(&mut self, name: Name) -> Result<(), AddError> {
        self.add.map(|()| self.names.push(name))
    }

    fn delete(&mut self, name: Name) -> Result<(), DeleteError> {
        if name == self.names[0] {
            return Err(DeleteError::ComputerName);
        }
        self.delete.map(|()| self.names.retain(|other| *other != name))
    }
}

#[test]
fn names_are_added_and_deleted_with_the_numbers_of_windows() {
    let mut table = Table::new();
    assert_eq!(table.add("carol"), 0);
    assert_eq!(table.names[3], name("CAROL"));
    assert_eq!(table.add("Carol"), 2276);
    assert_eq!(table.add("a name that is long"), 87);
    assert_eq!((table.add(""), table.add("日本"), table.add("*carol")), (123, 123, 123));
    for (error, result) in [
        (AddError::NotSupported, 50),
        (AddError::TooManyNames, 2277),
        (AddError::Duplicate, 2297),
        (AddError::Network, 2136),
        (AddError::Internal, 2140),
    ] {
        table.add = Err(error);
        assert_eq!(table.add("dave"), result);
    }
    table.add = Ok(());
    (table.names.len()..256).for_each(|number| assert_eq!(table.add(&format!("N{number}")), 0));
    assert_eq!((table.add("dave"), table.names.len()), (2277, 256));
    assert_eq!((table.delete("carol"), table.delete("carol")), (0, 2285));
    assert_eq!((table.delete("SRV2"), table.delete("日本")), (2278, 123));
    // A name that is looked up is cut where a name that is added is not.
    assert_eq!(table.add("fifteen letters"), 0);
    assert_eq!(table.delete("fifteen letters and more"), 0);
    for (error, result) in
        [(DeleteError::NotSupported, 50), (DeleteError::InUse, 2283), (DeleteError::Incomplete, 2299)]
    {
        table.delete = Err(error);
        assert_eq!(table.delete("bob"), result);
    }
}

#[test]
fn names_are_listed_as_far_as_the_caller_has_room_and_from_where_it_says() {
    let mut table = Table::new();
    let all = ["SRV2", "ALICE", "BOB"].map(str::to_owned).to_vec();
    for level in [0, 1] {
        assert_eq!(table.list(level, ALL, Some(0)), (all.clone(), Some(0), 0));
        assert_eq!(table.list(level, ALL, None), (all.clone(), None, 0));
    }
    // 14 and 16 bytes, and 22 and 24 with the fields of forwarding.
    assert_eq!(table.list(0, 30, Some(0)), (all[..2].to_vec(), Some(2), 2123));
    assert_eq!(table.list(0, 29, Some(0)), (all[..1].to_vec(), Some(1), 2123));
    assert_eq!(table.list(1, 45, Some(0)), (all[..1].to_vec(), Some(1), 2123));
    assert_eq!(table.list(0, 100, Some(2)), (all[2..].to_vec(), Some(0), 0));
    assert_eq!(table.list(0, 0, Some(1)), (vec![], Some(1), 2123));
    assert_eq!(table.list(0, 100, Some(3)), (vec![], Some(0), 0));
    assert_eq!(table.list(0, 100, Some(4)), (vec![], Some(0), 0));
    assert_eq!(table.list(0, 11_777, None), (vec![], None, 87));
    assert_eq!(table.list(1, 11_777, None), (all, None, 0));
    assert_eq!(table.list(2, ALL, None), (vec![], None, 124));
}

#[test]
fn the_total_of_a_part_is_how_many_names_are_in_it() {
    let mut table = Table::new();
    let request = Request::Enumerate { level: 0, bytes_max: 30, resume: Some(0) };
    let stub = request.encode(None, LITTLE);
    let stub = serve(operation::ENUMERATE, &stub, LITTLE, true, CodePage::DEFAULT, &mut table).unwrap();
    // At the end: the total, a pointer, with which name to go on, and how it went.
    let numbers: Vec<u32> = stub[stub.len() - 16..]
        .chunks_exact(4)
        .map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
        .collect();
    assert_eq!((numbers[0], numbers[2], numbers[3]), (2, 2, result::BUFFER_TOO_SMALL));
}

#[test]
fn a_name_of_double_bytes_that_is_looked_up_is_cut_between_characters() {
    let page = CodePage::new(932).expect("a known page");
    let mut table = Table::new();
    table.names = vec![Name::new("日本日本日本日", Suffix::MESSENGER, page).expect("14 bytes")];
    let request = Request::GetInfo { name: "日本日本日本日本日".into(), level: 0 };
    let stub = request.encode(None, LITTLE);
    let stub = serve(operation::GET_INFO, &stub, LITTLE, true, page, &mut table).expect("a response");
    let expected = Response::Info {
        level: Ok(Level::Zero),
        name: Some("日本日本日本日".into()),
        result: result::SUCCESS,
    };
    assert_eq!(Response::decode(operation::GET_INFO, &stub, LITTLE), Ok(expected));
}

#[test]
fn a_name_is_looked_up() {
    let mut table = Table::new();
    assert_eq!(table.info("alice", 0), (Some("ALICE".to_owned()), 0));
    assert_eq!(table.info("alice", 1), (Some("ALICE".to_owned()), 0));
    assert_eq!(table.info("alice", 2), (None, 124));
    assert_eq!(table.info("nobody", 2), (None, 2285));
    assert_eq!(table.info("", 0), (None, 123));
}

#[test]
fn who_may_not_manage_names_learns_and_changes_nothing() {
    let mut table = Table::new();
    let text = || "BOB".to_owned();
    let mut call = |request| table.call_as(false, &request);
    assert_eq!(done(&call(Request::Add { name: "CAROL".into() })), 5);
    assert_eq!(done(&call(Request::Delete { name: text() })), 5);
    let info = call(Request::GetInfo { name: text(), level: 0 });
    assert_eq!(info, Response::Info { level: Ok(Level::Zero), name: None, result: 5 });
    let listed = call(Request::Enumerate { level: 0, bytes_max: ALL, resume: None });
    assert_eq!(listed, Response::Names { level: Ok(Level::Zero), names: vec![], resume: None, result: 5 });
    assert_eq!(table.names.len(), 3);
}

#[test]
fn what_is_no_call_is_a_fault() {
    let mut table = Table::new();
    let mut fault =
        |operation, stub: &[u8]| serve(operation, stub, LITTLE, true, CodePage::DEFAULT, &mut table);
    assert_eq!(fault(4, &[]), Err(status::OPERATION_RANGE));
    assert_eq!(fault(operation::ADD, &[0; 3]), Err(status::BAD_STUB));
    // No server, and names of level 1 where level 0 was said.
    let mut lie = Request::Enumerate { level: 0, bytes_max: ALL, resume: None }.encode(None, LITTLE);
    lie[8] = 1;
    let expected = NdrError::Union { expected: 0, got: 1 };
    assert_eq!(Request::decode(operation::ENUMERATE, &lie, LITTLE), Err(expected.into()));
    assert_eq!(fault(operation::ENUMERATE, &lie), Err(status::BAD_STUB));
}

proptest! {
    #[test]
    fn no_arguments_make_the_service_panic_or_respond_without_limit(
        operation in 0u16..4,
        changes in prop::collection::vec((0usize..80, any::<u8>()), 0..6),
    ) {
        let titles = ["Add req", "Enum req", "GetInfo req", "Add req"];
        let mut stub = golden().remove(titles[usize::from(operation)]).expect("arguments");
        for (place, byte) in changes {
            if let Some(changed) = stub.get_mut(place) {
                *changed = byte;
            }
        }
        let mut table = Table::new();
        let response = serve(operation, &stub, LITTLE, true, CodePage::DEFAULT, &mut table);
        prop_assert!(response.is_err() || response.is_ok_and(|stub| stub.len() < 200));
    }
}
