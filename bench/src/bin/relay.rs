//! A bare relay: the least that a server of messages can do. A connection's first line is its name; every later line
//! starts with the name of the connection that it is forwarded to, or with `*` for all.
#![forbid(unsafe_code)]

use std::{collections::HashMap, sync::Arc};

use anyhow::Context;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Mutex, RwLock},
};

type Names = Arc<RwLock<HashMap<Vec<u8>, Arc<Mutex<OwnedWriteHalf>>>>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).context("usage: relay ADDRESS:PORT")?;
    let listener = TcpListener::bind(&address).await?;
    println!("{}", listener.local_addr()?);
    let names = Names::default();
    loop {
        let (stream, _) = listener.accept().await?;
        let names = names.clone();
        tokio::spawn(async move { drop(serve(stream, names).await) });
    }
}

async fn serve(stream: TcpStream, names: Names) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    let mut reader: BufReader<OwnedReadHalf> = BufReader::with_capacity(4_096, reader);
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await?;
    names.write().await.insert(line.trim_ascii_end().to_vec(), Arc::new(Mutex::new(writer)));
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        if &line[..end] == b"*" {
            let everybody: Vec<_> = names.read().await.values().cloned().collect();
            for target in everybody {
                // Somebody who has left keeps nobody else from getting it.
                let _left = target.lock().await.write_all(&line).await;
            }
            continue;
        }
        let target = names.read().await.get(&line[..end]).cloned();
        if let Some(target) = target {
            target.lock().await.write_all(&line).await?;
        }
    }
}
