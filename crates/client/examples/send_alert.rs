//! Sends an alert and waits until everybody has confirmed it:
//! `cargo run -p client --example send_alert -- https://office.internal:8443 ca.pem token everyone "Fire drill"`

use std::{env, error::Error, fs, time::Duration};

use api::alerts::NewAlert;
use client::{Client, Server, TrustedCertificates};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [server, ca, token, audience, headline] = arguments.as_slice() else {
        return Err("give SERVER, CA-FILE, TOKEN-FILE, AUDIENCE and HEADLINE".into());
    };
    let trusted = TrustedCertificates::from_pem(&fs::read(ca)?)?;
    let server = Server::parse(server, Some(trusted))?;
    let client = Client::to_server(server).with_token(fs::read_to_string(token)?.trim())?;

    let alert = client.send_alert(&NewAlert::new(headline, audience.parse()?)).await?;
    println!("sent: {}", alert.id);
    loop {
        let counts = client.report(alert.id).await?.counts;
        println!("{} of {} confirmed, {} not reached", counts.confirmed, counts.recipients, counts.pending);
        if counts.confirmed == counts.recipients {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
