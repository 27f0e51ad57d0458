//! A panic in an adapter is a defect, but one cloud's defect must not take the other's rows down: it becomes an error of the
//! one call. A panic anywhere else ends the program.

use std::{any::Any, panic::AssertUnwindSafe};

use futures::FutureExt;

tokio::task_local! {
    static CONTAINED: ();
}

/// Does work whose panic becomes an error: the panic's message, not yet made safe to show.
pub async fn contain<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let work = AssertUnwindSafe(CONTAINED.scope((), work)).catch_unwind();
    work.await.map_err(|panic| message(panic.as_ref()))
}

/// Whether the code that runs now is contained, so that a panic hook can leave it alone.
pub fn is_contained() -> bool {
    CONTAINED.try_with(|()| ()).is_ok()
}

/// What a panic said.
pub fn message(panic: &dyn Any) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error_and_only_inside() {
        let inside = contain(async {
            tokio::task::yield_now().await;
            assert!(is_contained());
            panic!("planted {}", 1)
        });
        assert_eq!(inside.await, Err::<(), _>("planted 1".into()));
        assert!(!is_contained());
        assert_eq!(contain(async { 7 }).await, Ok(7));
    }
}
