//! The calls of `CodeBuild`, as far as a reader of builds needs them, and starting and stopping one.

use serde_json::{Value, json};

use super::{
    aws::{Exception, texts},
    paging,
};
use crate::{
    clouds::{
        Clouds,
        builds::{
            Build, Outcome, Progress, System,
            change::Refusal,
            part::{Part, State},
        },
        ecs::{ACCOUNT, REGION},
        images::ECR,
        repository::{BRANCH, REPOSITORY},
    },
    moment::Moment,
    site::Site,
};

/// The only project.
const PROJECT: &str = "hello";
/// Builds of one page.
const PAGE: usize = 100;

type Output = Result<Value, Exception>;

/// Answers one call.
pub fn answer(site: &Site, name: &str, input: &Value) -> Output {
    let now = site.clock.now();
    let mut clouds = site.clouds();
    clouds.advance(now);
    match name {
        "ListProjects" => Ok(json!({"projects": [PROJECT]})),
        "BatchGetProjects" => batch_projects(&clouds, now, input),
        "ListBuilds" => list(&clouds, now, input),
        "ListBuildsForProject" => {
            project(input, "projectName")?;
            list(&clouds, now, input)
        }
        "BatchGetBuilds" => batch_builds(&clouds, now, input),
        "StartBuild" => {
            project(input, "projectName")?;
            start(&mut clouds, now, input)
        }
        "RetryBuild" => start(&mut clouds, now, input),
        "StopBuild" => {
            let id = id(required(input, "id")?);
            match clouds.builds.cancel(now, System::CodeBuild, |build| build.id == id) {
                // One that has ended is answered as it is.
                Ok(_) | Err(Refusal::Ended) => Ok(json!({"build": shown(&clouds, now, &id)})),
                Err(_) => Err(missing(&id)),
            }
        }
        _ => Err(Exception::unknown()),
    }
}

fn invalid(message: &str) -> Exception {
    Exception("InvalidInputException", message.to_owned())
}

fn missing(id: &str) -> Exception {
    Exception("ResourceNotFoundException", format!("Build {id} cannot be found"))
}

fn required<'a>(input: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = input[name].as_str().filter(|value| !value.is_empty());
    value.ok_or_else(|| invalid(&format!("Invalid {name}: must not be empty")))
}

fn project(input: &Value, member: &str) -> Result<(), Exception> {
    let name = required(input, member)?;
    if name == PROJECT || name == arn(&format!("project/{PROJECT}")) {
        return Ok(());
    }
    let message = format!("Project cannot be found: {}", arn(&format!("project/{name}")));
    Err(Exception("ResourceNotFoundException", message))
}

fn arn(rest: &str) -> String {
    format!("arn:aws:codebuild:{REGION}:{ACCOUNT}:{rest}")
}

/// The id in `project:id` or in an ARN.
fn id(reference: &str) -> String {
    reference.rsplit([':', '/']).next().unwrap_or(reference).to_owned()
}

fn list(clouds: &Clouds, now: Moment, input: &Value) -> Output {
    let mut ids: Vec<String> =
        clouds.builds.of(System::CodeBuild, now).iter().map(|build| format!("{PROJECT}:{}", build.id)).collect();
    match input["sortOrder"].as_str() {
        None | Some("DESCENDING") => {}
        Some("ASCENDING") => ids.reverse(),
        Some(_) => return Err(invalid("Invalid sort order: must be ASCENDING or DESCENDING")),
    }
    let page = paging::page("builds", &paging::input_asks(input), ids, PAGE, input["nextToken"].as_str());
    let page = page.ok_or_else(|| invalid("Invalid token: not one of this list"))?;
    Ok(json!({"ids": page.items, "nextToken": page.next}))
}

fn at_most<'a>(input: &'a Value, name: &str) -> Result<Vec<&'a str>, Exception> {
    let values = texts(input, name);
    if (1..=100).contains(&values.len()) {
        return Ok(values);
    }
    Err(invalid(&format!("Invalid {name}: must have between 1 and 100 entries")))
}

/// A list that is left out when it is empty.
fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

fn batch_builds(clouds: &Clouds, now: Moment, input: &Value) -> Output {
    let (mut found, mut not_found) = (Vec::new(), Vec::new());
    for reference in at_most(input, "ids")? {
        match shown(clouds, now, &id(reference)) {
            Value::Null => not_found.push(reference),
            build => found.push(build),
        }
    }
    Ok(json!({"builds": found, "buildsNotFound": some(not_found)}))
}

/// The build with this id, or `null`.
fn shown(clouds: &Clouds, now: Moment, id: &str) -> Value {
    let build = clouds.builds.of(System::CodeBuild, now).into_iter().find(|build| build.id == id);
    build.map_or(Value::Null, |build| build_json(build, now))
}

fn start(clouds: &mut Clouds, now: Moment, input: &Value) -> Output {
    let of = match input["id"].as_str() {
        Some(reference) => Some(id(reference)),
        None => match input["sourceVersion"].as_str() {
            None => None,
            Some(version) if version == BRANCH || version == format!("refs/heads/{BRANCH}") => None,
            Some(sha) => {
                let builds = clouds.builds.of(System::CodeBuild, now);
                let build = builds.into_iter().find(|build| build.commit.sha == sha);
                let unknown = || invalid(&format!("Invalid source version: {sha} cannot be found"));
                Some(build.ok_or_else(unknown)?.id.clone())
            }
        },
    };
    let token = input["idempotencyToken"].as_str();
    let started = clouds.builds.start_once(now, System::CodeBuild, of.as_deref(), "local", token);
    let id = started.ok_or_else(|| missing(of.as_deref().unwrap_or(PROJECT)))?.id.clone();
    Ok(json!({"build": shown(clouds, now, &id)}))
}

fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "SUCCEEDED",
        Outcome::Failure => "FAILED",
        Outcome::Cancelled => "STOPPED",
        Outcome::TimedOut => "TIMED_OUT",
    }
}

fn phase(kind: &str, from: Moment, until: Option<Moment>, status: &str, message: Option<&str>) -> Value {
    json!({
        "phaseType": kind,
        "phaseStatus": until.map(|_| status),
        "startTime": from.epoch_seconds(),
        "endTime": until.map(Moment::epoch_seconds),
        "durationInSeconds": until.map(|until| until.since(from).as_secs()),
        "contexts": until.map(|_| json!([{"statusCode": "", "message": message.unwrap_or_default()}])),
    })
}

/// The phases so far, and the name of the one it is in.
fn phases(build: &Build, now: Moment) -> (Vec<Value>, &'static str) {
    let attempt = build.attempt();
    let line = attempt.line();
    let reached = |moment: Option<Moment>| moment.filter(|moment| *moment <= now);
    let mut phases = vec![phase("SUBMITTED", build.created_at, Some(build.created_at), "SUCCEEDED", None)];
    let ended = reached(line.ends_at);
    let begun = reached(line.starts_at);
    phases.push(phase(
        "QUEUED",
        build.created_at,
        begun.or(ended),
        status_of_queue(begun.is_some(), line.outcome),
        None,
    ));
    let mut current = "QUEUED";
    for (part, kind) in [(Part::Test, "BUILD"), (Part::Image, "POST_BUILD")] {
        let view = attempt.part(part, now);
        let Some(from) = reached(view.starts_at) else { break };
        current = kind;
        match view.state {
            State::Ended(outcome) => {
                let failed = (outcome == Outcome::Failure)
                    .then_some("Error while executing command: cargo test --workspace. Reason: exit status 101");
                phases.push(phase(kind, from, reached(view.ends_at), status(outcome), failed));
            }
            _ => phases.push(phase(kind, from, None, "", None)),
        }
    }
    if let Some(at) = ended {
        phases.push(phase("COMPLETED", at, Some(at), "SUCCEEDED", None));
        current = "COMPLETED";
    }
    // The last phase has no status and no end in the real answer.
    if let Some(last) = phases.last_mut().filter(|last| last["phaseType"] == "COMPLETED") {
        *last = json!({"phaseType": "COMPLETED", "startTime": last["startTime"]});
    }
    (phases, current)
}

fn status_of_queue(begun: bool, outcome: Outcome) -> &'static str {
    if begun { "SUCCEEDED" } else { status(outcome) }
}

/// A build.
fn build_json(build: &Build, now: Moment) -> Value {
    let progress = build.progress(now);
    let (phases, current) = phases(build, now);
    let word = match progress {
        Progress::Ended(outcome) => status(outcome),
        Progress::Queued | Progress::Running | Progress::Waiting => "IN_PROGRESS",
    };
    let ended = build.ends_at().filter(|at| *at <= now).map(Moment::epoch_seconds);
    json!({
        "id": format!("{PROJECT}:{}", build.id),
        "arn": arn(&format!("build/{PROJECT}:{}", build.id)),
        "buildNumber": build.number,
        "startTime": build.created_at.epoch_seconds(),
        "endTime": ended,
        "currentPhase": current,
        "buildStatus": word,
        "sourceVersion": build.commit.sha,
        "resolvedSourceVersion": build.commit.sha,
        "projectName": PROJECT,
        "phases": phases,
        "source": source(),
        "secondarySources": [],
        "secondarySourceVersions": [],
        "artifacts": {"location": ""},
        "cache": {"type": "NO_CACHE"},
        "environment": environment(),
        "serviceRole": format!("arn:aws:iam::{ACCOUNT}:role/hello-build"),
        "logs": {
            "groupName": format!("/aws/codebuild/{PROJECT}"),
            "streamName": build.id,
            "cloudWatchLogsArn": format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codebuild/{PROJECT}:log-stream:{}", build.id),
            "deepLink": format!("https://console.aws.amazon.com/cloudwatch/home?region={REGION}#logsV2:log-groups"),
        },
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "buildComplete": ended.is_some(),
        "initiator": build.attempt().by,
        "encryptionKey": format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3"),
        "exportedEnvironmentVariables": exported(build, progress),
    })
}

/// What the buildspec exports once the image is pushed.
fn exported(build: &Build, progress: Progress) -> Value {
    if progress == Progress::Ended(Outcome::Success) {
        json!([{"name": "IMAGE", "value": format!("{ECR}:{}", build.commit.sha)}, {"name": "IMAGE_DIGEST", "value": build.digest()}])
    } else {
        json!([])
    }
}

fn source() -> Value {
    json!({
        "type": "GITHUB",
        "location": format!("https://github.com/{REPOSITORY}.git"),
        "gitCloneDepth": 1,
        "buildspec": "buildspec.yml",
        "reportBuildStatus": true,
        "insecureSsl": false,
    })
}

fn environment() -> Value {
    json!({
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [],
        "privilegedMode": true,
        "imagePullCredentialsType": "CODEBUILD",
    })
}

fn batch_projects(clouds: &Clouds, now: Moment, input: &Value) -> Output {
    let (mut found, mut not_found) = (Vec::new(), Vec::new());
    let created = clouds.builds.of(System::CodeBuild, now).last().map_or(now, |build| build.created_at);
    for name in at_most(input, "names")? {
        if id(name) == PROJECT {
            found.push(json!({
                "name": PROJECT,
                "arn": arn(&format!("project/{PROJECT}")),
                "description": "Builds every push to main",
                "source": source(),
                "sourceVersion": BRANCH,
                "artifacts": {"type": "NO_ARTIFACTS"},
                "cache": {"type": "NO_CACHE"},
                "environment": environment(),
                "serviceRole": format!("arn:aws:iam::{ACCOUNT}:role/hello-build"),
                "timeoutInMinutes": 60,
                "queuedTimeoutInMinutes": 480,
                "encryptionKey": format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3"),
                "tags": [{"key": "team", "value": "hello"}],
                "created": created.epoch_seconds(),
                "lastModified": created.epoch_seconds(),
                "badge": {"badgeEnabled": false},
                "projectVisibility": "PRIVATE",
            }));
        } else {
            not_found.push(name);
        }
    }
    Ok(json!({"projects": found, "projectsNotFound": some(not_found)}))
}
