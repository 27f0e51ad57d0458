//! Requests at a steady rate on keep-alive connections. A request has failed when it was sent and no `200 OK` came back
//! whole; nothing is sent twice. A connection that said goodbye before is replaced, which is no failure.

use std::{
    error::Error,
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

type Problem = Box<dyn Error + Send + Sync>;

/// Prints how many succeeded and failed, and the latency in milliseconds. Fails when one failed.
pub async fn run(port: u16, connections: u32, rate: u32, seconds: u64) -> Result<(), Box<dyn Error>> {
    let latencies = Arc::new(Mutex::new(Vec::new()));
    let problems = Arc::new(Mutex::new(Vec::new()));
    let end = Instant::now() + Duration::from_secs(seconds);
    let pace = Duration::from_secs(1) * connections / rate;
    let mut hands = JoinSet::new();
    for number in 0..connections {
        let (latencies, problems) = (Arc::clone(&latencies), Arc::clone(&problems));
        hands.spawn(async move {
            tokio::time::sleep(pace * number / connections).await;
            let mut ticks = interval(pace);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut sender = None;
            while ticks.tick().await < end {
                let began = Instant::now();
                match timeout(Duration::from_secs(10), ask(port, &mut sender)).await {
                    Ok(Ok(())) => latencies.lock().expect("not poisoned").push(began.elapsed()),
                    Ok(Err(problem)) => {
                        sender = None;
                        problems.lock().expect("not poisoned").push(problem.to_string());
                    }
                    Err(_) => {
                        sender = None;
                        problems.lock().expect("not poisoned").push("no answer in 10 s".to_owned());
                    }
                }
            }
        });
    }
    hands.join_all().await;
    let mut latencies = std::mem::take(&mut *latencies.lock().expect("not poisoned"));
    let problems = std::mem::take(&mut *problems.lock().expect("not poisoned"));
    latencies.sort_unstable();
    let at = |share: usize| latencies.get(latencies.len() * share / 1000).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let worst = latencies.last().map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    println!(
        "{} ok, {} failed; p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, worst {worst:.2} ms",
        latencies.len(),
        problems.len(),
        at(500),
        at(990),
        at(999),
    );
    match problems.first() {
        Some(first) => Err(format!("first failure: {first}").into()),
        None => Ok(()),
    }
}

async fn ask(port: u16, sender: &mut Option<SendRequest<Empty<Bytes>>>) -> Result<(), Problem> {
    if let Some(open) = sender
        && open.ready().await.is_err()
    {
        *sender = None;
    }
    let open = match sender {
        Some(open) => open,
        None => {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            let (open, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender.insert(open)
        }
    };
    let request = Request::get("/hello").header("host", "h").body(Empty::new())?;
    let response = open.send_request(request).await?;
    let status = response.status();
    response.into_body().collect().await?;
    if status == StatusCode::OK { Ok(()) } else { Err(status.to_string().into()) }
}
