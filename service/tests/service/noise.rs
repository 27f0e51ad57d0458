//! Generated bad requests against the real program: no panic, and memory stays where it is. `HELLO_NOISE=100000` sends as
//! many; otherwise a few thousand, from the same generator with the same seed.

use std::{
    env,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use super::house::{Program, connect, one, raw, status};

/// Small, fast, repeatable (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from[self.below(from.len())]
    }
}

/// A request with something wrong: bad parts put together, or a good one broken at random places.
fn bad(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = match dice.below(8) {
        0 => (0..dice.below(400)).map(|_| dice.next().to_le_bytes()[0]).collect(),
        1 => {
            let mut frames = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
            for _ in 0..dice.below(12) {
                let length = dice.below(40);
                let shown = if dice.below(4) == 0 { dice.below(1 << 24) } else { length };
                frames.extend(&u32::try_from(shown).unwrap().to_be_bytes()[1..]);
                frames.extend([u8::try_from(dice.below(12)).unwrap(), dice.next().to_le_bytes()[0]]);
                frames.extend(u32::try_from(dice.below(7)).unwrap().to_be_bytes());
                frames.extend((0..length).map(|_| dice.next().to_le_bytes()[0]));
            }
            frames
        }
        2 | 3 => dice
            .pick(&[
                b"GET /hello HTTP/1.1\r\nhost: h\r\naccept: application/json\r\n\r\n",
                b"POST /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello",
                b"HEAD /version HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                b"GET /metrics HTTP/1.0\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
            ])
            .to_vec(),
        _ => {
            let mut text = Vec::new();
            text.extend(dice.pick(&[b"GET", b"POST", b"HEAD", b"get", b"", b"G\0T", b"CONNECT", b"OPTIONS", b"\xff", b"PRI"]));
            text.extend(dice.pick(&[b" ", b"  ", b"\t", b"", b"\x0b"]));
            text.extend(dice.pick(&[b"/hello", b"/", b"*", b"//", b"/%00", b"/%zz", b"/\xc3\x28", b"h:1", b"http://h/hello", b"/?\x00", b"/\x7f", b"/../..", b""]));
            text.extend(dice.pick(&[b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2.0", b" HTTP/9.9", b" http/1.1", b"", b" HTTP/1.1 "]));
            text.extend(dice.pick(&[b"\r\n", b"\n", b"\r", b"\r\r\n"]));
            for _ in 0..dice.below(8) {
                text.extend(dice.pick(&[b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade", b"accept", b"x\0", b"", b" x", b"traceparent", b"te", b"x-amzn-trace-id"]));
                text.extend(dice.pick(&[b": ", b":", b" : ", b"", b":\t"]));
                text.extend(dice.pick(&[b"h", b"5", b"-1", b"99999999999999999999", b"chunked", b"chunked, chunked", b"close", b"h2c", b"100-continue", b"\xff\xfe", b"\x00", b"application/json;q=1e9", b"+5", b"gzip, chunked", b"keep-alive, upgrade"]));
                text.extend(dice.pick(&[b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n "]));
            }
            if dice.below(20) == 0 {
                let letters = dice.below(40_000);
                text.extend(std::iter::repeat_n(b'x', letters));
            }
            text.extend(dice.pick(&[b"\r\n", b"\r\n", b"\n", b""]));
            text.extend(dice.pick(&[b"", b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffff\r\n", b"0x5\r\n", b"-1\r\n", b"0;ext=\xff\r\n\r\n", b"hello", b"GET / HTTP/1.1\r\n\r\n"]));
            text
        }
    };
    for _ in 0..dice.below(4) {
        if !bytes.is_empty() {
            let at = dice.below(bytes.len());
            match dice.below(3) {
                0 => bytes[at] = dice.next().to_le_bytes()[0],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, dice.next().to_le_bytes()[0]),
            }
        }
    }
    bytes
}

/// Sends one and reads what comes back until the end. The first number of the answer's status, or 0.
fn send(address: SocketAddr, bytes: &[u8]) -> u8 {
    let mut stream = TcpStream::connect(address).unwrap();
    let _ = stream.write_all(bytes);
    // The end of our side would end a request that is being answered; so it waits for the answer a little.
    let mut answer = vec![0; 16];
    stream.set_read_timeout(Some(Duration::from_millis(4))).unwrap();
    let length = stream.read(&mut answer).unwrap_or(0);
    answer.truncate(length);
    let _ = stream.shutdown(Shutdown::Write);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    match stream.read_to_end(&mut answer) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
            panic!("never closed after {:?}", String::from_utf8_lossy(bytes))
        }
        Ok(_) | Err(_) => {}
    }
    answer.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2).copied()).unwrap_or(b'0')
}

/// Kilobytes, from the kernel.
fn memory(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn nothing_breaks_it() {
    const HANDS: usize = 8;
    let total: usize = env::var("HELLO_NOISE").map_or(4000, |total| total.parse().unwrap());
    let program = Program::start(&[("HELLO_LOG", "off")]);
    let (address, pid) = (program.address, program.child.id());
    let volley = |seed: u64, count: usize| {
        std::thread::scope(|scope| {
            let hands: Vec<_> = (0..HANDS)
                .map(|hand| {
                    scope.spawn(move || {
                        let mut dice = Dice(seed + hand as u64);
                        let mut kinds = [0u64; 6];
                        for _ in 0..count / HANDS {
                            let kind = send(address, &bad(&mut dice));
                            kinds[usize::from(kind.saturating_sub(b'0')).min(5)] += 1;
                        }
                        kinds
                    })
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).fold([0; 6], |mut sum, kinds| {
                sum.iter_mut().zip(kinds).for_each(|(sum, kind)| *sum += kind);
                sum
            })
        })
    };
    volley(1, 1000);
    let before = memory(pid, "VmRSS");
    let kinds = volley(1_000_000, total);
    let (after, peak) = (memory(pid, "VmRSS"), memory(pid, "VmHWM"));
    println!(
        "{total} bad requests: closed without an answer, 1xx..5xx: {kinds:?}; {before} kB before, {after} after, {peak} at most"
    );
    assert_eq!(kinds[5], 0, "a bad request is not our failure");
    assert!(kinds[4] > 0 && kinds[2] > 0, "the generator is one-sided: {kinds:?}");
    assert!(peak < 48 * 1024, "{peak} kB");
    let mut stream = connect(address);
    stream.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    assert_eq!(status(&one(&mut stream)), 200);
    let metrics = raw(address, b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    assert!(metrics.contains("hello_panics_total 0\n"), "{metrics}");
    assert!(metrics.contains("http_requests_in_flight 1\n"), "{metrics}");
}
