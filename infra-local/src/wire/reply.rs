//! Answers.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    Response, StatusCode,
    body::{Bytes, Frame},
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde_json::Value;

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// An answer, not yet sent.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Reply {
    /// Any body.
    pub fn raw(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    /// JSON.
    pub fn json(status: u16, content_type: &str, value: &Value) -> Self {
        Self::raw(status, content_type, value.to_string())
    }

    /// One plain line.
    pub fn text(status: u16, text: &str) -> Self {
        Self::raw(status, "text/plain; charset=utf-8", text.to_owned())
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether it carries the header already.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| *known == name)
    }

    /// Whether it is an answer, and no refusal.
    pub fn is_ok(&self) -> bool {
        self.status == 200
    }

    /// Its body as text.
    pub fn text_of(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Ready to send, but the second half of the body never comes although its length was announced.
    pub fn into_truncated(self) -> Response<Body> {
        let length = self.body.len();
        let half = self.body.slice(..length / 2);
        let mut response = self.header("content-length", length.to_string()).into_response();
        *response.body_mut() = Cut(Some(half)).boxed_unsync();
        response
    }

    /// Ready to send.
    pub fn into_response(self) -> Response<Body> {
        let body = Full::new(self.body).map_err(|never: Infallible| match never {}).boxed_unsync();
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// The first half of an answer, then nothing.
struct Cut(Option<Bytes>);

impl hyper::body::Body for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let frame = self.0.take().map(Frame::data);
        Poll::Ready(Some(frame.ok_or_else(|| io::ErrorKind::ConnectionReset.into())))
    }
}

/// An answer that begins well and never ends.
pub fn endless(content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Endless { begun: false }.boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

struct Endless {
    begun: bool,
}

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        const BLANK: &[u8] = &[b' '; 16 * 1024];
        let chunk = if self.begun { BLANK } else { b"{\"services\": [" };
        self.begun = true;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(chunk)))))
    }
}

/// Takes out every `null`: AWS and GitHub's lists of ours leave absent members out.
pub fn without_nulls(value: Value) -> Value {
    strip(value, &|value| value.is_null())
}

/// Takes out every default (`null`, `false`, `0`, `""`, `[]`), as Google's JSON does. Empty messages stay.
pub fn without_defaults(value: Value) -> Value {
    strip(value, &|value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Object(_) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
    })
}

fn strip(value: Value, gone: &dyn Fn(&Value) -> bool) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().map(|(key, value)| (key, strip(value, gone)));
            Value::Object(kept.filter(|(_, value)| !gone(value)).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| strip(item, gone)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn absent_means_left_out() {
        let value = json!({"a": null, "b": [{"c": 0, "d": null}], "e": {"f": false}, "g": ""});
        assert_eq!(without_nulls(value.clone()), json!({"b": [{"c": 0}], "e": {"f": false}, "g": ""}));
        assert_eq!(without_defaults(value), json!({"b": [{}], "e": {}}));
    }
}
