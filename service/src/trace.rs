//! The trace a request belongs to, from the header of whoever came before us.

use hyper::{HeaderMap, header::HeaderName};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const GOOGLE: HeaderName = HeaderName::from_static("x-cloud-trace-context");
const AMAZON: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Whether a header of this name may name a trace.
pub fn named_by(header: &HeaderName) -> bool {
    [TRACEPARENT, GOOGLE, AMAZON].contains(header)
}

/// The trace id named by `traceparent`, else `X-Cloud-Trace-Context` (Google), else `X-Amzn-Trace-Id` (AWS, `1-...-...`).
/// A value of another shape names none: it goes into the log, and clients write it.
pub fn id(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    text(&TRACEPARENT)
        .and_then(w3c)
        .or_else(|| text(&GOOGLE).and_then(google))
        .or_else(|| text(&AMAZON).and_then(amazon))
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; all zeros means none.
fn w3c(value: &str) -> Option<&str> {
    let mut parts = value.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    (hex(version, 2) && version != "ff" && hex(trace, 32) && trace.bytes().any(|byte| byte != b'0')).then_some(trace)
}

/// `<32 hex>/<span>;o=1`.
fn google(value: &str) -> Option<&str> {
    let trace = value.split(['/', ';']).next()?;
    hex(trace, 32).then_some(trace)
}

/// `Root=1-<8 hex>-<24 hex>;Parent=...`, in any order.
fn amazon(value: &str) -> Option<&str> {
    let root = value.split(';').find_map(|part| part.trim().strip_prefix("Root="))?;
    let mut parts = root.split('-');
    let shape = parts.next() == Some("1")
        && parts.next().is_some_and(|part| hex(part, 8))
        && parts.next().is_some_and(|part| hex(part, 24));
    (shape && parts.next().is_none()).then_some(root)
}

fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn of(headers: &[(&'static str, &str)]) -> Option<String> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        id(&headers).map(ToOwned::to_owned)
    }

    #[test]
    fn each_header_is_understood() {
        assert_eq!(of(&[("traceparent", &format!("00-{TRACE}-b7ad6b7169203331-01"))]).as_deref(), Some(TRACE));
        assert_eq!(of(&[("x-cloud-trace-context", &format!("{TRACE}/123;o=1"))]).as_deref(), Some(TRACE));
        let root = "1-67891233-abcdef012345678912345678";
        assert_eq!(of(&[("x-amzn-trace-id", &format!("Self=1-2-3;Root={root};Sampled=1"))]).as_deref(), Some(root));
    }

    #[test]
    fn the_open_standard_comes_first() {
        let other = format!("{}/1", "b".repeat(32));
        let both =
            [("x-cloud-trace-context", other.as_str()), ("traceparent", &format!("00-{TRACE}-b7ad6b7169203331-01"))];
        assert_eq!(of(&both).as_deref(), Some(TRACE));
    }

    #[test]
    fn another_shape_names_none() {
        for value in [
            "",
            "00",
            "00-xyz-1-01",
            "00-00000000000000000000000000000000-1-01",
            "ff-0af7651916cd43dd8448eb211c80319c-1-1",
        ] {
            assert_eq!(of(&[("traceparent", value)]), None, "{value}");
        }
        assert_eq!(of(&[("x-cloud-trace-context", "\"},{\"severity\":\"CRITICAL\"")]), None);
        assert_eq!(of(&[("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678-9")]), None);
    }
}
