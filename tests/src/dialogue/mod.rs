//! Dialogues: who says what, and who must hear what, in text that can be read without knowing Rust.
//!
//! A dialogue is a file in `dialogues/`. Its first line names the clause and the rule; then each line is something
//! that happens. What is sent or received stands below it, indented:
//!
//! ```text
//! # RFC 6121 §3.1.3: a subscription request reaches the contact
//! alice signs in as phone
//! bob signs in as desk
//! alice sends
//!     <presence to='$bob' type='subscribe'/>
//! bob receives
//!     <presence from='$alice' type='subscribe'/>
//! nobody receives anything more
//! ```
//!
//! Everybody who is named has an account of their own in each dialogue; `$bob` is his address. What can happen:
//!
//! - `alice connects`, `opens a stream`, `authenticates`, `authenticates with SCRAM-SHA-256`, `binds phone`, `signs in
//!   as phone`, `signs in as phone with priority 5`: each does what comes before it too. With ` over TLS` the stream
//!   changes to TLS first, with ` over direct TLS` the connection begins with it. `alice/phone` is one of several
//!   connections of hers; what is not bound yet can be given any name.
//! - `alice's subscription with bob is To + Pending In`: the states of RFC 6121 appendix A.
//! - `sends`, `sends raw` (with `\xff` for a byte), `receives`, `receives in any order`, `receives nothing`, `nobody
//!   receives anything more`: what is expected is explained at `pattern::parse`, what is filled in at
//!   `Variables::fill`. The order of what comes to one connection matters; what does not belong to a step fails it.
//! - `catches up`, `everyone catches up`: everybody asks the service something, and what has come so far is of no interest.
//! - `acknowledges`: the service knows then that what it wrote has arrived. `answers no pings`: it will not.
//! - `starts TLS`, `signs out`, `drops`, `is disconnected` (by the service, which closes the stream first).
//! - `administrator runs: user disable $bob.name`, with parts of what is printed below it; `administrator is refused:`.
//! - `the service is killed and starts again`, `the service stops and starts again`, in groups that are played one
//!   dialogue at a time.
//!
//! That nothing comes is decided without waiting for a time: everybody asks the service something, and what is ordered
//! before the answers has come by then. So that this holds for messages too, who signs in writes one to themselves and
//! waits for it: from then on the session is given what comes as it comes.

mod client;
mod group;
mod pattern;
mod player;
mod script;
mod sign_in;
mod transport;
mod variables;

pub use group::Group;
