//! The decoders of the AWS SDK and the map behind them: the adapter as it is shipped, on an HTTP client that answers from
//! memory. One observation is some ten calls; any of them may be answered with something broken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use hello_cloud::{Change, Order, Provider, aws::Ecs};

use super::{
    corpus::{Corpus, call_of, settings},
    mutate::{Chance, broken},
};

/// What is answered, and how many broken answers were given.
#[derive(Debug)]
struct Script {
    corpus: Arc<Corpus>,
    chance: u64,
    /// Answers this call with this, and all others truthfully.
    only: Option<(usize, Vec<u8>)>,
    given: u64,
}

/// Answers every call from memory.
#[derive(Clone, Debug)]
struct Memory(Arc<Mutex<Script>>);

impl Memory {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &HttpRequest) -> (u16, Vec<u8>) {
        let form = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let asked = request.headers().get("x-amz-target").map_or(form, str::to_owned);
        let mut script = self.script();
        let Some(call) = call_of(&asked) else { return (500, Vec::new()) };
        let mut chance = Chance::new(script.chance);
        script.chance = chance.next();
        let corpus = Arc::clone(&script.corpus);
        let known = corpus.get(call).map(Vec::as_slice).unwrap_or_default();
        let well: Vec<_> = known.iter().filter(|real| real.status == 200).collect();
        if let Some((index, body)) = &script.only {
            let is_it = corpus.keys().nth(index % corpus.len().max(1)) == Some(&call);
            let real = well.first().map(|real| real.body.clone()).unwrap_or_default();
            return (200, if is_it { body.clone() } else { real });
        }
        // Mostly what was answered well: refusals hide the parts behind them.
        let among = if well.is_empty() || chance.below(8) == 0 { known.iter().collect() } else { well };
        let Some(real) = among.get(chance.below(among.len())) else { return (500, Vec::new()) };
        // Without the service nothing else is asked: it is broken more seldom.
        let rest = if call == "DescribeServices" { 5 } else { 1 };
        if chance.below(rest + 1) != 0 {
            return (real.status, real.body.clone());
        }
        script.given += 1;
        (real.status, broken(&real.body, &mut chance))
    }
}

impl HttpConnector for Memory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.answer(&request);
        let status = StatusCode::try_from(status).unwrap_or_else(|_| StatusCode::try_from(500).expect("a status"));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

impl HttpClient for Memory {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// The adapter over answers from memory.
pub struct Aws {
    memory: Memory,
    ecs: Ecs,
}

impl Aws {
    pub async fn new(corpus: Arc<Corpus>) -> Self {
        let memory = Memory(Arc::new(Mutex::new(Script { corpus, chance: 0, only: None, given: 0 })));
        let ecs = Ecs::new(settings(None, Some(SharedHttpClient::new(memory.clone())))).await;
        Self { memory, ecs }
    }

    /// Looks at everything once; how many broken answers were read, and whether the whole could be.
    pub async fn look(&self, seed: u64) -> (u64, bool) {
        let before = {
            let mut script = self.memory.script();
            (script.chance, script.only) = (seed, None);
            script.given
        };
        let whole = self.all(seed).await;
        (self.memory.script().given - before, whole)
    }

    /// Looks at everything once, where one call is answered with these bytes.
    pub async fn with(&self, call: usize, body: &[u8]) {
        {
            let mut script = self.memory.script();
            (script.chance, script.only) = (0, Some((call, body.to_vec())));
        }
        self.all(0).await;
    }

    async fn all(&self, seed: u64) -> bool {
        let seen = self.ecs.observe("hello", None).await;
        match seed % 8 {
            0 => {
                let _ = tokio::join!(self.ecs.services(), self.ecs.summaries(), self.ecs.identity());
            }
            1 => {
                let _ = self.ecs.logs("hello", None, 50).await;
            }
            2 => {
                if let Ok(seen) = &seen {
                    let order = Order { change: Change::Redeploy, seen: seen.fingerprint.clone() };
                    let _ = self.ecs.start("hello", &order).await;
                }
            }
            _ => {}
        }
        seen.is_ok_and(|seen| !serde_json::to_string(&seen).unwrap_or_default().is_empty())
    }
}
