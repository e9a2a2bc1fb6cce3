//! Both ways of reading a message. The first byte says whether limits are small.

use xmpp::stream::Limits;

use crate::agreement;

const SMALL: Limits = Limits { stanza_bytes_max: 120, depth_max: 3, attributes_max: 3, elements_max: 4 };

pub(crate) fn run(data: &[u8]) {
    let [limits, message @ ..] = data else { return };
    let limits = if limits % 2 == 0 { Limits::AFTER_SIGN_IN } else { SMALL };
    agreement::check(message, &limits);
}
