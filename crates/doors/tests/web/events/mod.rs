//! The event stream, with a WebSocket client that others wrote.

mod browser;
mod commands;
mod old_machines;
mod opening;
mod resuming;
mod rich;
mod rooms;
