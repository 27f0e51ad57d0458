//! Broken answers through every decoder of the adapters: a few thousand here; `cloud/fuzz` runs them by the million.
//! `MALFORMED=100000` runs that many, `DECODER=aws` through one of them only.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]
#![allow(
    dead_code,
    missing_docs,
    clippy::must_use_candidate,
    clippy::missing_panics_doc,
    reason = "shared with cloud/fuzz"
)]

#[path = "../fuzz/src/lib.rs"]
mod malformed;

#[test]
fn no_broken_answer_makes_a_decoder_panic() {
    let count = std::env::var("MALFORMED").map_or(2000, |count| count.parse().unwrap());
    let only = std::env::var("DECODER").ok();
    let reports = malformed::run::all(count, only.as_deref(), |report| println!("{report}"));
    for report in &reports {
        assert!(report.bodies >= count, "{report}");
        assert_eq!(report.panics, Vec::<u64>::new(), "{report}");
        // Bodies that are broken beyond any reading test nothing but the first byte.
        assert!(report.readable * 50 > report.bodies, "{report}");
        assert!(report.decoder == "aws" || report.readable < report.bodies, "{report}");
    }
    assert_eq!(reports.len(), if only.is_some() { 1 } else { 4 });
}
