//! Time from starting a program to its first `200 OK`.

use std::{
    error::Error,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Prints the median and the worst, in milliseconds.
pub fn run(port: u16, times: usize, program: &str) -> Result<(), Box<dyn Error>> {
    let mut all = Vec::new();
    for _ in 0..times {
        // Starts come one at a time where services run, not on the heels of a killed one.
        std::thread::sleep(Duration::from_millis(100));
        let began = Instant::now();
        let mut child = Command::new(program)
            .env("PORT", port.to_string())
            .env("HELLO_DRAIN_NOTICE", "0s")
            .stdout(Stdio::null())
            .spawn()?;
        let result = first(port, began);
        child.kill()?;
        child.wait()?;
        all.push(result?);
    }
    all.sort_unstable();
    let millis = |duration: Duration| duration.as_secs_f64() * 1000.0;
    println!("first 200 after exec: median {:.2} ms, worst {:.2} ms of {times}", millis(all[times / 2]), millis(all[times - 1]));
    Ok(())
}

fn first(port: u16, began: Instant) -> Result<Duration, Box<dyn Error>> {
    while began.elapsed() < Duration::from_secs(10) {
        if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            stream.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")?;
            let mut answer = [0; 12];
            stream.read_exact(&mut answer)?;
            return if &answer == b"HTTP/1.1 200" { Ok(began.elapsed()) } else { Err("not 200".into()) };
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    Err("never".into())
}
