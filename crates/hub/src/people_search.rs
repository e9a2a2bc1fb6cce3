use std::sync::Arc;

use domain::{Account, Address, Sender};

use crate::Hub;

impl Hub {
    /// People whose name has these letters in it, by address, at most `limit`: only those who let the asker write to
    /// them and do not hide. Who cannot be found looks like somebody who does not exist.
    pub fn find_people(&self, asker: &Address, letters: &str, limit: usize) -> Vec<Arc<Account>> {
        let letters = letters.trim().to_lowercase();
        if letters.is_empty() {
            return Vec::new();
        }
        let sender = Sender::Account { address: asker.clone() };
        let may_be_found = |account: &Arc<Account>| {
            let address = &account.address;
            !account.disabled
                && address != asker
                && address.as_str().contains(&letters)
                && !self.is_invisible(address)
                && !self.is_blocked_by(address, &sender, None)
                && self.admits(address, &sender)
        };
        let mut found: Vec<Arc<Account>> = self.people.all().into_iter().filter(may_be_found).collect();
        // What begins so is meant more often than what has it somewhere.
        found.sort_by_key(|account| !account.address.as_str().starts_with(&letters));
        found.truncate(limit);
        found
    }
}
