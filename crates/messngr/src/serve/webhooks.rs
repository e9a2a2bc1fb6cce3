use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, ensure};
use doors::webhooks::Webhook;

use crate::configuration::{Configuration, WebhookSection};

/// The fewest bytes of a secret.
const SECRET_BYTES_MIN: usize = 16;
/// The most bytes of a file that a webhook needs.
const FILE_BYTES_MAX: u64 = 1_048_576;

/// The webhooks as they are configured. `own_authority_pem` certifies receivers where nothing else is said.
///
/// # Errors
/// A file cannot be read, or a secret is too short.
pub(super) fn configured(
    configuration: &Configuration,
    own_authority_pem: &str,
) -> anyhow::Result<Vec<Webhook>> {
    let webhook = |(name, section): (&String, &WebhookSection)| {
        let secret = read(&section.secret_file).with_context(|| format!("[webhooks.{name}] secret_file"))?;
        let secret = secret.trim_ascii_end().to_vec();
        ensure!(
            secret.len() >= SECRET_BYTES_MIN,
            "[webhooks.{name}] secret_file has {} bytes: a secret has at least {SECRET_BYTES_MIN}; \
             `openssl rand -hex 32 > {}` makes one",
            secret.len(),
            section.secret_file
        );
        let authorities_pem = match section.ca.as_str() {
            "" => own_authority_pem.as_bytes().to_vec(),
            file => read(file).with_context(|| format!("[webhooks.{name}] ca"))?,
        };
        Ok(Webhook {
            name: name.clone(),
            target: section.url.parse().with_context(|| format!("[webhooks.{name}] url"))?,
            events: section.events.iter().map(|event| event.parse()).collect::<Result<_, _>>()?,
            secret: secret.into(),
            authorities_pem,
        })
    };
    configuration.webhooks.iter().map(webhook).collect()
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened =
        File::open(Path::new(file)).with_context(|| format!("{file} cannot be read by the service"))?;
    opened
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{file} cannot be read"))?;
    ensure!(bytes.len() as u64 <= FILE_BYTES_MAX, "{file} has more than {FILE_BYTES_MAX} bytes");
    Ok(bytes)
}
