//! Embeds the browser client, `web/` at the root of the repository: each file once, compressed where that makes it
//! smaller, with what browsers are told of it.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use brotli::enc::{BrotliEncoderParams, backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// What is embedded of `web/`, beside the files that stand in it directly.
const FOLDERS: [&str; 6] = ["css", "icons", "js", "sounds", "vendor", "words"];

/// What is embedded, by the ends of names.
const MEDIA_TYPES: [(&str, &str); 15] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wav", "audio/wav"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
];

fn main() -> io::Result<()> {
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../web");
    let out = PathBuf::from(variable("OUT_DIR"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut paths = Vec::new();
    collect(&root, "", &mut paths)?;
    paths.sort();
    let mut table = String::from("doors::web::BrowserClient {\n    files: &[\n");
    let mut hashes = Vec::new();
    for (number, (path, media_type)) in paths.iter().enumerate() {
        let bytes = fs::read(root.join(path))?;
        if path == "index.html" {
            hashes = inline_scripts(&String::from_utf8_lossy(&bytes));
        }
        let packed = compressed(&bytes)?;
        // What is compressed already gains nothing.
        let is_packed = packed.len() < bytes.len() - bytes.len() / 20;
        fs::write(out.join(number.to_string()), if is_packed { &packed } else { &bytes })?;
        let brotli = if is_packed { compressed_by_brotli(&bytes)? } else { Vec::new() };
        fs::write(out.join(format!("{number}.br")), brotli)?;
        let hash: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "        doors::web::BrowserFile {{ path: {path:?}, media_type: {media_type:?}, hash: {hash:?}, \
             is_packed: {is_packed}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{number}\")), \
             brotli: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{number}.br\")) }},"
        );
    }
    let _ = write!(table, "    ],\n    inline_scripts: &{hashes:?},\n}}\n");
    fs::write(out.join("browser_client.rs"), table)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The files to embed below a folder, by their paths from the root.
fn collect(root: &Path, folder: &str, found: &mut Vec<(String, &'static str)>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if entry.file_type()?.is_dir() {
            if !folder.is_empty() || FOLDERS.contains(&name.as_str()) {
                collect(root, &path, found)?;
            }
            continue;
        }
        let end = if name == "LICENSE" { "txt" } else { name.rsplit_once('.').map_or("", |(_, end)| end) };
        if let Some((_, media_type)) = MEDIA_TYPES.iter().find(|(known, _)| *known == end) {
            found.push((path, media_type));
        }
    }
    Ok(())
}

fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Smaller than the other by a seventh, for browsers that take it: by HTTPS and from their own machine.
fn compressed_by_brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 18,
        mode: BROTLI_MODE_TEXT,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}

/// What Content Security Policy allows the scripts by that stand in the page itself: an import map cannot be a file
/// of its own (HTML Standard §8.1.5.2, CSP Level 3 §2.3.1 `hash-source`).
fn inline_scripts(page: &str) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find("<script") {
        rest = &rest[start..];
        let Some((head, body)) = rest.split_once('>') else { break };
        let Some((script, after)) = body.split_once("</script") else { break };
        if !head.contains(" src=") {
            hashes.push(format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes()))));
        }
        rest = after;
    }
    hashes
}
