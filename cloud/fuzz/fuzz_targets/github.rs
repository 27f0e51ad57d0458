//! Listings of GitHub's runs and jobs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = hello_cloud::fuzz::github_runs(data);
    let _ = hello_cloud::fuzz::github_jobs(data);
});
