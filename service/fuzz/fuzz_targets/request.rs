//! Any bytes on a connection: no panic, no request left running, and an end.
#![no_main]

use std::{sync::Arc, time::Duration};

use hello_service::{Info, Limits, Log, Metrics, Readiness, connection::{Connections, Stage}, routes};
use libfuzzer_sys::fuzz_target;
use tokio::{io::{AsyncReadExt, AsyncWriteExt}, sync::watch};

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let metrics = Arc::new(Metrics::default());
        let routes = routes(Info::default(), Readiness::new(true), Arc::clone(&metrics));
        let connections = Connections::new(routes, Limits::default(), Arc::clone(&metrics), Log::off());
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (_stage, stages) = watch::channel(Stage::Open);
        let served = tokio::spawn(async move { connections.serve(ours, stages).await });
        let (mut reader, mut writer) = tokio::io::split(theirs);
        let sink = tokio::spawn(async move {
            let mut answer = Vec::new();
            let _ = reader.read_to_end(&mut answer).await;
            answer
        });
        let _ = writer.write_all(bytes).await;
        // Time is simulated: whoever is slow from here on meets every deadline at once.
        let end = tokio::time::timeout(Duration::from_secs(3600), served).await.expect("every connection ends");
        end.expect("no panic");
        drop(writer);
        let answer = sink.await.expect("the reader ends");
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.") || bytes.starts_with(b"PRI"), "an answer of another kind");
        // HTTP/2 requests are tasks of their own and end a moment later.
        for _ in 0..100 {
            if metrics.in_flight() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("a request is still running");
    });
});
