//! Sends a message, once however often it is tried:
//! `cargo run -p client --example say -- https://office.internal:8443 ca.pem token anna "The backup is done" backup-7`

use std::{env, error::Error, fs};

use api::messages::NewMessage;
use client::{Client, ClientError, Server, TrustedCertificates};

const TRIES_MAX: u32 = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [server, ca, token, to, text, id] = arguments.as_slice() else {
        return Err("give SERVER, CA-FILE, TOKEN-FILE, TO, TEXT and ID".into());
    };
    let trusted = TrustedCertificates::from_pem(&fs::read(ca)?)?;
    let server = Server::parse(server, Some(trusted))?;
    let client = Client::to_server(server).with_token(fs::read_to_string(token)?.trim())?.once(id)?;

    let message = NewMessage { to: to.parse()?, text: text.clone(), id: None };
    for _ in 0..TRIES_MAX {
        match client.send(&message).await {
            Ok(taken) => {
                println!("taken for {} people", taken.recipients);
                return Ok(());
            }
            // Nobody knows whether it was taken: with the same id it can be sent again.
            Err(ClientError::Broken { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err("the connection broke off each time".into())
}
