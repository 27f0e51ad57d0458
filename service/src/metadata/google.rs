//! The metadata server of Google Cloud, as Cloud Run offers it: region, instance id, project.

use hyper::http::uri::Authority;

use super::{get, in_time};

/// Where it is, as an address: the image has no resolver.
pub const HOST: &str = "169.254.169.254";

/// What we take from it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// `europe-west1`.
    pub region: Option<String>,
    /// A long hexadecimal number.
    pub id: Option<String>,
    /// The project's name, not its number.
    pub project: Option<String>,
}

/// Asks `host` (a name or address, with a port where it is not 80) for all three at once.
pub async fn instance(host: &str) -> Result<Instance, String> {
    let host: Authority = host.parse().map_err(|error| format!("not an address: {error}"))?;
    in_time(async {
        let (region, id, project) = tokio::try_join!(
            get(&host, "/computeMetadata/v1/instance/region"),
            get(&host, "/computeMetadata/v1/instance/id"),
            get(&host, "/computeMetadata/v1/project/project-id"),
        )?;
        // `projects/123456789012/regions/europe-west1`
        let region = word(&region).and_then(|region| region.rsplit('/').next().map(ToOwned::to_owned));
        Ok(Instance { region, id: word(&id), project: word(&project) })
    })
    .await
}

/// A short answer without blanks or anything that could break a line or a quote.
fn word(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    (!text.is_empty() && text.len() <= 256 && text.bytes().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn all_three_are_asked_for() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            for _ in 0..3 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap();
                assert!(request.contains("metadata-flavor: Google"), "{request}");
                let body = if request.contains("/region ") {
                    "projects/123/regions/europe-west1"
                } else if request.contains("/id ") {
                    "00f46b"
                } else {
                    "acme"
                };
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let expected = Instance {
            region: Some("europe-west1".to_owned()),
            id: Some("00f46b".to_owned()),
            project: Some("acme".to_owned()),
        };
        assert_eq!(instance(&host).await, Ok(expected));
        server.await.unwrap();
    }

    #[test]
    fn an_answer_of_another_kind_is_not_taken() {
        assert_eq!(word(b"acme\n"), Some("acme".to_owned()));
        for answer in [&b""[..], b"<html>", b"a\"b", b"a b", b"\xff"] {
            assert_eq!(word(answer), None);
        }
    }
}
