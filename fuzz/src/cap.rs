//! Alerts of the Common Alerting Protocol.

use ::cap::Alert;

pub(crate) fn run(data: &[u8]) {
    if let Ok(alert) = Alert::read(data) {
        let written = alert.write().expect("what was read keeps the rules");
        assert_eq!(Alert::read(written.as_bytes()), Ok(alert), "an alert is not written as it was read");
    }
}
