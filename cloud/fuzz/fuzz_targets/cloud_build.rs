//! A listing of Cloud Build's builds.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = hello_cloud::fuzz::cloud_build(data);
});
