#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "what fails here fails a test, and says which sentence is not true"
)]

mod clock;
mod guest;
mod house;

pub use clock::{SimulatedClock, simulated_environment};
pub use guest::Guest;
pub use house::{DOMAIN, House, HouseOptions};
