//! `local`: the stand-in alone, until a signal. What it prints points any client at it.

use hello_local::StandIn;
use serde::Serialize;

use super::{Failure, Output};
use crate::{exit::Exit, runtime::Signals};

/// `hello-dash/local/1`: printed once, when the stand-in answers.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    address: String,
    aws_url: String,
    gcp_url: String,
    environment: serde_json::Map<String, serde_json::Value>,
}

/// Prints the environment and stays. Children are gone when this returns.
pub async fn local(stand_in: StandIn, signals: &mut Signals, out: &mut Output<'_>) -> Result<Exit, Failure> {
    let told = tell(&stand_in, out);
    let number = match &told {
        Ok(()) => Some(signals.next().await),
        Err(_) => None,
    };
    if let Err(error) = stand_in.stop().await {
        out.error(&error.to_string(), None);
    }
    told?;
    Ok(number.map_or(Exit::Well, Exit::Signal))
}

fn tell(stand_in: &StandIn, out: &mut Output<'_>) -> Result<(), Failure> {
    let address = format!("http://{}", stand_in.address());
    let environment = stand_in.environment();
    if out.json {
        out.json(&Document {
            schema: "hello-dash/local/1",
            address,
            aws_url: stand_in.aws_url(),
            gcp_url: stand_in.gcp_url(),
            environment: environment.into_iter().map(|(name, value)| (name, value.into())).collect(),
        })?;
        return Ok(());
    }
    for (name, value) in &environment {
        out.line(&format!("export {name}='{}'", value.replace('\'', r"'\''")))?;
    }
    out.say(&format!("stand-in clouds on {address}; nothing here is a real cloud; Ctrl-C ends them"));
    out.say(&format!("the service: {} on ECS, {} on Cloud Run", stand_in.aws_url(), stand_in.gcp_url()));
    out.say("hint: evaluate the lines above in another shell, then: hello-dash status");
    out.say(&format!("hint: to switch a cloud off: curl -X PUT {address}/_local/clouds/aws -d '{{\"on\":false}}'"));
    out.say(&format!("hint: to make it sick: curl -X PUT {address}/_local/clouds/aws/answer -d '{{\"status\":500}}'"));
    out.say(&format!("hint: to see everything: curl {address}/_local/state"));
    Ok(())
}
