//! A call that manages names: the first byte is the operation and, with its uppermost bit, the order of bytes. The rest
//! are the arguments, and read as results as well.

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::rpc::msgsvc::{AddError, DeleteError, NameTable, Request, Response, serve};
use netbios::rpc::ndr::ByteOrder;

struct Table(Vec<Name>);

impl NameTable for Table {
    fn names(&self) -> Vec<Name> {
        self.0.clone()
    }

    fn add(&mut self, name: Name) -> Result<(), AddError> {
        self.0.push(name);
        Ok(())
    }

    fn delete(&mut self, name: Name) -> Result<(), DeleteError> {
        let before = self.0.len();
        self.0.retain(|other| *other != name);
        assert!(self.0.len() < before, "a name is deleted that is not there");
        Ok(())
    }
}

pub(crate) fn run(data: &[u8]) {
    let Some((first, stub)) = data.split_first() else { return };
    let operation = u16::from(first & 0x7f) % 5;
    let order = if first & 0x80 == 0 { ByteOrder::Little } else { ByteOrder::Big };
    if let Ok(request) = Request::decode(operation, stub, order) {
        let again = Request::decode(operation, &request.encode(None, order), order);
        assert_eq!(again, Ok(request), "a call does not survive");
    }
    if let Ok(response) = Response::decode(operation, stub, order) {
        let again = Response::decode(operation, &response.encode(order), order);
        assert_eq!(again, Ok(response), "results do not survive");
    }
    let names = ["SRV2", "ANNA", "BOB"].map(|name| Name::new(name, Suffix::MESSENGER, CodePage::DEFAULT));
    let mut table = Table(names.into_iter().flatten().collect());
    let _names_changed = serve(operation, stub, order, true, CodePage::DEFAULT, &mut table);
    for is_allowed in [false, true] {
        if let Ok(results) = serve(operation, stub, order, is_allowed, CodePage::DEFAULT, &mut table) {
            let results = Response::decode(operation, &results, order);
            assert!(results.is_ok(), "our own results cannot be read");
        }
    }
}
