//! A listing of GitHub's runs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = hello_cloud::fuzz::github(data);
});
