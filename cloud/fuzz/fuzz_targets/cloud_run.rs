//! One observation of Cloud Run: seven answers, one to a line of zero bytes.
#![no_main]

use hello_cloud::fuzz::{Answers, cloud_run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.split(|byte| *byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let answers = Answers {
        service: next(),
        services: next(),
        revisions: next(),
        operation: next(),
        images: next(),
        entries: next(),
        refusal: next(),
    };
    let _ = cloud_run(&answers);
});
