//! The probe inside the image: there is no shell or curl in it, so the program asks itself.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// Longest wait for connecting, for writing and for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz` on loopback. The error is one line. Blocking: it runs in a process of its own.
pub fn probe(port: u16) -> Result<(), String> {
    let line = status_line(port).map_err(|error| format!("127.0.0.1:{port} does not answer: {error}"))?;
    if line.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(format!("127.0.0.1:{port} answered {line:?}")) }
}

fn status_line(port: u16) -> io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    // The first line is enough, and a stranger on the port may send for ever.
    stream.take(64).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    fn against(answer: &'static str) -> Result<(), String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let result = probe(port);
        assert!(server.join().unwrap().starts_with("GET /healthz "));
        result
    }

    #[test]
    fn only_200_is_healthy() {
        assert_eq!(against("HTTP/1.1 200 OK\r\n\r\n"), Ok(()));
        assert!(against("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err().contains("503"));
        assert!(against("").unwrap_err().contains("answered \"\""));
    }

    #[test]
    fn nobody_there_is_one_line() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(probe(port).unwrap_err().contains("does not answer"));
    }
}
