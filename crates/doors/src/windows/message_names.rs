//! The interface `msgsvc` over this computer's message names (MS-MSRP 3.1): what `net name` does, asked for by a call. No
//! transport leads here: the named pipe that it needs is not served.

use domain::{Account, MessageName};
use hub::{Hub, HubError};
use netbios::{
    code_page::CodePage,
    name::{Name, Suffix},
    rpc::{
        msgsvc::{self, AddError, DeleteError, NameTable, Response, result},
        ndr::ByteOrder,
    },
};

/// Serves a call of a caller whose transport has proven who they are: what to respond, or the status of a fault. Only
/// who may administer may see and change names (MS-MSRP 3.1.4.6 to 3.1.4.12).
pub async fn serve_message_names(
    hub: &Hub,
    caller: &Account,
    operation: u16,
    stub: &[u8],
    order: ByteOrder,
    code_page: CodePage,
) -> Result<Vec<u8>, u32> {
    let is_allowed = domain::may_alert(Some(caller)).is_ok();
    let mut table = Table::of(hub, code_page);
    let response = msgsvc::serve(operation, stub, order, is_allowed, code_page, &mut table)?;
    let changed = match table.change {
        None => return Ok(response),
        Some(Change::Add(name)) => hub.add_message_name(&caller.address, name, None).await,
        Some(Change::Delete(name)) => hub.delete_message_name(&caller.address, name).await,
    };
    match changed {
        Ok(()) => Ok(response),
        Err(error) => Ok(Response::Done { result: number_of(&error) }.encode(order)),
    }
}

/// The names as they are now, and what is to become of them.
struct Table {
    names: Vec<Name>,
    code_page: CodePage,
    change: Option<Change>,
}

enum Change {
    Add(MessageName),
    Delete(MessageName),
}

impl Table {
    /// The computer's own name comes first.
    fn of(hub: &Hub, code_page: CodePage) -> Self {
        let own = hub.settings().machine_name.clone();
        let others = hub.message_names().into_keys().map(|name| name.as_str().to_owned());
        let name = |text: String| Name::new(&text, Suffix::MESSENGER, code_page).ok();
        let names = std::iter::once(own).chain(others).filter_map(name).collect();
        Self { names, code_page, change: None }
    }

    fn message_name(&self, name: &Name) -> Option<MessageName> {
        name.text(self.code_page).parse().ok()
    }
}

impl NameTable for Table {
    fn names(&self) -> Vec<Name> {
        self.names.clone()
    }

    fn add(&mut self, name: Name) -> Result<(), AddError> {
        // A name that the service cannot keep, with letters of one code page alone.
        let name = self.message_name(&name).ok_or(AddError::NotSupported)?;
        self.change = Some(Change::Add(name));
        Ok(())
    }

    fn delete(&mut self, name: Name) -> Result<(), DeleteError> {
        let name = self.message_name(&name).ok_or(DeleteError::NotSupported)?;
        self.change = Some(Change::Delete(name));
        Ok(())
    }
}

fn number_of(error: &HubError) -> u32 {
    match error {
        HubError::MessageName(error) => error.number(),
        HubError::Refused(_) => result::ACCESS_DENIED,
        _ => result::INTERNAL_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use netbios::rpc::msgsvc::{Level, Request, operation};
    use testkit::House;

    use super::*;

    const LITTLE: ByteOrder = ByteOrder::Little;

    struct Office {
        house: House,
        by: Arc<Account>,
    }

    impl Office {
        async fn open() -> Self {
            let house = House::open().await;
            house.add_administrator("boss").await;
            house.add("anna").await;
            let by = house.hub.account_named("boss").unwrap();
            Self { house, by }
        }

        async fn call(&self, operation: u16, request: &Request) -> Response {
            let stub = request.encode(None, LITTLE);
            let page = CodePage::DEFAULT;
            let response =
                serve_message_names(&self.house.hub, &self.by, operation, &stub, LITTLE, page).await;
            Response::decode(operation, &response.unwrap(), LITTLE).unwrap()
        }

        async fn add(&self, name: &str) -> Response {
            self.call(operation::ADD, &Request::Add { name: name.to_owned() }).await
        }

        async fn delete(&self, name: &str) -> Response {
            self.call(operation::DELETE, &Request::Delete { name: name.to_owned() }).await
        }

        async fn names(&self) -> Vec<String> {
            let request = Request::Enumerate { level: 0, bytes_max: u32::MAX, resume: None };
            match self.call(operation::ENUMERATE, &request).await {
                Response::Names { level: Ok(Level::Zero), names, .. } => names,
                other => panic!("{other:?}"),
            }
        }
    }

    fn done(result: u32) -> Response {
        Response::Done { result }
    }

    #[tokio::test]
    async fn calls_add_list_and_delete_the_names_that_net_name_shows() {
        let office = Office::open().await;
        let own = office.house.hub.settings().machine_name.clone();
        assert_eq!(office.add("HELPDESK").await, done(result::SUCCESS));
        assert_eq!(office.names().await, [own.as_str(), "HELPDESK"]);
        assert!(office.house.hub.message_names().contains_key(&"HELPDESK".parse::<MessageName>().unwrap()));
        for (name, code) in [
            ("HELPDESK", result::ALREADY_EXISTS),
            (own.as_str(), result::ALREADY_EXISTS),
            // A person has it.
            ("ANNA", result::NAME_IN_USE),
            ("*", result::INVALID_NAME),
        ] {
            assert_eq!(office.add(name).await, done(code), "{name}");
        }
        assert_eq!(office.delete(&own).await, done(result::COMPUTER_NAME));
        assert_eq!(office.delete("NOBODY").await, done(result::NOT_LOCAL_NAME));
        assert_eq!(office.delete("HELPDESK").await, done(result::SUCCESS));
        assert_eq!(office.names().await, [own]);
    }

    #[tokio::test]
    async fn only_administrators_see_and_change_names() {
        let mut office = Office::open().await;
        office.by = office.house.hub.account_named("anna").unwrap();
        assert_eq!(office.add("HELPDESK").await, done(result::ACCESS_DENIED));
        let request = Request::Enumerate { level: 0, bytes_max: u32::MAX, resume: None };
        let listed = office.call(operation::ENUMERATE, &request).await;
        assert!(matches!(listed, Response::Names { result: result::ACCESS_DENIED, .. }), "{listed:?}");
        assert!(office.house.hub.message_names().is_empty());
    }
}
