//! The ECS task metadata endpoint, version 4: the task definition and the task id.

use hyper::Uri;
use serde::Deserialize;

use super::{get, in_time};

/// What we take from the answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Task {
    /// Task definition family and number: `hello:3`.
    pub revision: Option<String>,
    /// Last part of the task's ARN.
    pub instance: Option<String>,
}

/// `GET {uri}/task`. The error is one line for the log.
pub async fn task(uri: &str) -> Result<Task, String> {
    let uri: Uri = format!("{uri}/task").parse().map_err(|error| format!("not an address: {error}"))?;
    let authority = uri.authority().ok_or("not an address: no host")?;
    parse(&in_time(get(authority, uri.path())).await?)
}

fn parse(answer: &[u8]) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(rename = "TaskARN")]
        task_arn: Option<String>,
        family: Option<String>,
        revision: Option<String>,
    }
    let answer: Answer = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    Ok(Task {
        revision: answer.family.zip(answer.revision).map(|(family, number)| format!("{family}:{number}")),
        instance: answer.task_arn.as_deref().and_then(|arn| arn.rsplit('/').next()).map(ToOwned::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::{super::DEADLINE, *};

    #[test]
    fn takes_revision_and_task_id() {
        let answer = br#"{"Cluster":"hello","TaskARN":"arn:aws:ecs:eu-central-1:123456789012:task/hello/0a1b","Family":"hello","Revision":"3"}"#;
        let expected = Task { revision: Some("hello:3".into()), instance: Some("0a1b".into()) };
        assert_eq!(parse(answer), Ok(expected));
    }

    #[test]
    fn an_answer_that_is_not_json_is_an_error() {
        assert!(parse(b"<html>").is_err());
    }

    #[tokio::test]
    async fn a_closed_port_is_an_error_and_not_a_hang() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(task(&format!("http://{address}/v4/x")).await.is_err());
    }

    #[tokio::test]
    async fn silence_ends_at_the_deadline() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = timeout(DEADLINE * 3, task(&format!("http://{address}/v4/x"))).await;
        assert!(answer.expect("the deadline holds").unwrap_err().contains("no answer"));
    }
}
