//! Whether what somebody has proven once still holds.

use std::collections::HashMap;

use domain::Address;
use parking_lot::Mutex;

use crate::Hub;

/// A moment before somebody proved who they are: what has been changed since counts, also
/// what was changed meanwhile. The default is the start of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProofMark(u64);

/// How many passwords were changed and accounts disabled since the start, and which change was whose last one.
#[derive(Debug, Default)]
pub(crate) struct Proofs(Mutex<(u64, HashMap<Address, u64>)>);

impl Proofs {
    /// What an account has proven so far counts no more.
    pub(crate) fn end(&self, address: &Address) {
        let mut proofs = self.0.lock();
        proofs.0 += 1;
        let count = proofs.0;
        proofs.1.insert(address.clone(), count);
    }
}

impl Hub {
    /// To be asked for before somebody proves who they are.
    pub fn proof_mark(&self) -> ProofMark {
        ProofMark(self.proofs.0.lock().0)
    }

    /// Whether what an account has proven after this mark still counts: it is there, may sign in, and has the same
    /// password.
    pub fn proof_stands(&self, address: &Address, mark: ProofMark) -> bool {
        let unchanged = self.proofs.0.lock().1.get(address).is_none_or(|last| *last <= mark.0);
        unchanged && self.people.account(address).is_some_and(|account| !account.disabled)
    }
}
