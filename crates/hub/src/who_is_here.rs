use std::sync::Arc;

use domain::{Account, Sender, may_message};
use tokio::sync::watch;

use crate::Hub;

impl Hub {
    /// Tells whenever somebody comes or goes, or says something else about themselves.
    pub fn who_is_here_changed(&self) -> watch::Receiver<()> {
        self.who_is_here.subscribe()
    }

    /// The NetBIOS names of people whom somebody unproven may write to now, who must not find out more than by writing:
    /// nobody who is hidden, away, or wants to hear from contacts only. At most `max` of them, in the order of the
    /// alphabet.
    pub fn netbios_names_here(&self, sender: &Sender, max: usize) -> Vec<String> {
        let here = self.reachable_here(sender);
        let mut names: Vec<String> = here.iter().map(|account| account.netbios.clone()).collect();
        names.sort_unstable();
        names.truncate(max);
        names
    }

    /// People who are signed in and whom the sender may write to now.
    pub(crate) fn reachable_here(&self, sender: &Sender) -> Vec<Arc<Account>> {
        let present = self.directory.present();
        let accounts = present.iter().filter_map(|address| self.people.account(address));
        accounts.filter(|account| may_message(sender, self.view(account, sender, false)).is_ok()).collect()
    }

    pub(crate) fn note_who_is_here(&self) {
        self.who_is_here.send_replace(());
    }
}
