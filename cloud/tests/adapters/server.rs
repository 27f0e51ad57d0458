//! A tiny HTTP/1.1 server on loopback. Every connection carries one request, and what is answered is up to the test.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use hello_cloud::{
    aws::{self, Ecs},
    gcp::{self, CloudRun},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A request, as far as tests look at it.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET /path?query`.
    pub line: String,
    /// Header lines, lower case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The operation of an AWS call: `DescribeServices`.
    pub fn operation(&self) -> &str {
        self.header("x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default()
    }
}

/// What is answered.
pub enum Answer {
    /// A status, extra header lines, a body.
    With(u16, Vec<(&'static str, String)>, String),
    /// JSON and 200.
    Json(serde_json::Value),
    /// 200 and a body that never ends.
    Endless,
    /// The connection closes without a word.
    Nothing,
    /// The connection stays open without a word.
    Silence,
}

/// The server; ends with the test's runtime.
pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub async fn start(script: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(script), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                tokio::spawn(async move {
                    let _ = converse(stream, script.as_ref(), &log).await;
                });
            }
        });
        Self { address, seen }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests satisfy a condition.
    pub fn count(&self, is: impl Fn(&Request) -> bool) -> usize {
        self.seen().iter().filter(|request| is(request)).count()
    }

    pub async fn ecs(&self) -> Ecs {
        let credentials = Some(aws::Keys { id: "AKIDEXAMPLE".into(), secret: "very-secret".into() });
        let (region, cluster) = ("eu-central-1".into(), "hello".into());
        Ecs::new(aws::Settings {
            region,
            cluster,
            endpoint: Some(self.url()),
            credentials,
            profile: None,
            ..Default::default()
        })
        .await
    }

    pub fn adc(&self) -> serde_json::Value {
        serde_json::json!({"type": "authorized_user", "client_id": "c", "client_secret": "very-secret",
            "refresh_token": "very-secret", "token_uri": format!("{}token", self.url())})
    }

    pub fn run(&self) -> CloudRun {
        CloudRun::new(gcp::Settings {
            project: "acme".into(),
            region: "europe-west1".into(),
            run: Some(self.url()),
            artifacts: Some(self.url()),
            logging: Some(self.url()),
            credentials: gcp::Credentials::Json(self.adc()),
            ..gcp::Settings::default()
        })
        .unwrap()
    }
}

/// The answer of the token server.
pub fn token() -> Answer {
    Answer::Json(serde_json::json!({"access_token": "very-secret", "expires_in": 3600, "token_type": "Bearer"}))
}

async fn converse(
    mut stream: TcpStream,
    script: &(dyn Fn(&Request) -> Answer + Send + Sync),
    log: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut received = Vec::new();
    let head = loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&received[..head]).into_owned();
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
    while received.len() < head + 4 + length {
        if stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    }
    let body = String::from_utf8_lossy(&received[head + 4..]).into_owned();
    let request = Request { line, headers, body };
    log.lock().unwrap().push(request.clone());
    let (status, headers, body) = match script(&request) {
        Answer::With(status, headers, body) => (status, headers, body),
        Answer::Json(json) => (200, Vec::new(), json.to_string()),
        Answer::Nothing => return Ok(()),
        Answer::Silence => std::future::pending().await,
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[").await?;
            let more = vec![b' '; 1 << 16];
            loop {
                stream.write_all(&more).await?;
            }
        }
    };
    let mut answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        answer.extend([name, ": ", &value, "\r\n"]);
    }
    stream.write_all(format!("{answer}\r\n{body}").as_bytes()).await
}
