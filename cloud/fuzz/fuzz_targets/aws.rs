//! One observation of ECS: the first byte says which call the rest answers, all others are answered truthfully.
#![no_main]

use std::{cell::OnceCell, sync::Arc};

use libfuzzer_sys::fuzz_target;
use malformed::{aws::Aws, corpus};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static ADAPTER: OnceCell<(Runtime, Aws)> = const { OnceCell::new() };
}

fn adapter() -> (Runtime, Aws) {
    let recorded = Runtime::new().expect("a runtime").block_on(corpus::record());
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    let aws = runtime.block_on(Aws::new(Arc::new(recorded)));
    (runtime, aws)
}

fuzz_target!(|data: &[u8]| {
    let Some((call, body)) = data.split_first() else { return };
    ADAPTER.with(|kept| {
        let (runtime, aws) = kept.get_or_init(adapter);
        runtime.block_on(aws.with(usize::from(*call), body));
    });
});
