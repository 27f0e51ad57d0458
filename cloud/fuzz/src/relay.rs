//! Stands between an adapter and the stand-in, passes everything on, and keeps what was answered.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One answer, and what it answered.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `X-Amz-Target`, or the line of the request and its body's beginning.
    pub asked: String,
    pub status: u16,
    pub body: Vec<u8>,
}

/// The relay; ends with the runtime.
#[derive(Clone)]
pub struct Relay {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Relay {
    pub async fn start(to: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let relay = Self { address: listener.local_addr()?, heard: Arc::default() };
        let heard = Arc::clone(&relay.heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heard = Arc::clone(&heard);
                tokio::spawn(async move {
                    // A connection that ends in the middle is the business of the two at its ends.
                    let _ = pass(stream, to, &heard).await;
                });
            }
        });
        Ok(relay)
    }

    /// Everything that was answered so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn pass(mut from: TcpStream, to: SocketAddr, heard: &Mutex<Vec<Heard>>) -> io::Result<()> {
    let mut onward = TcpStream::connect(to).await?;
    loop {
        let Some((head, body)) = message(&mut from).await? else { return Ok(()) };
        onward.write_all(head.as_bytes()).await?;
        onward.write_all(&body).await?;
        let line = head.lines().next().unwrap_or_default();
        let target =
            head.lines().find_map(|line| line.to_ascii_lowercase().starts_with("x-amz-target:").then_some(line));
        let said = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let asked = target.map_or_else(|| format!("{line} {said}"), str::to_owned);
        let Some((head, body)) = message(&mut onward).await? else { return Ok(()) };
        from.write_all(head.as_bytes()).await?;
        from.write_all(&body).await?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(Heard { asked, status, body });
    }
}

/// One message: its head with the empty line, and a body as long as it says. `None` at the end of the connection.
async fn message(stream: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok(Some((head, body)))
}
