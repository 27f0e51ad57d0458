//! Runs the stand-in alone and prints the environment that points any client at it.
use std::io::Write as _;
use hello_local::{Launch, Options, Scenario, StandIn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    if first.as_deref() == Some("instance") {
        return Ok(hello_local::run_instance().await?);
    }
    let scenario = Scenario::named(first.as_deref().unwrap_or(Scenario::default_name()))?;
    let launch = Launch::Process { program: std::env::current_exe()?, args: vec!["instance".into()] };
    let began = std::time::Instant::now();
    let stand_in = StandIn::start(Options { scenario, launch, port: 18099 }).await?;
    let mut out = std::io::stdout().lock();
    for (name, value) in stand_in.environment() {
        writeln!(out, "export {name}={value}")?;
    }
    writeln!(out, "# {} ms aws {} gcp {}", began.elapsed().as_millis(), stand_in.aws_url(), stand_in.gcp_url())?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    Ok(stand_in.stop().await?)
}
