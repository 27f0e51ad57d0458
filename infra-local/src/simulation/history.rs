//! What happened, as text: every change of everything that a cloud shows, found by comparing it with what it showed
//! before, and what the driver did.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use crate::{
    clouds::{
        Clouds,
        builds::Builds,
        ecs::{Ecs, service::Service},
        images::Images,
        run::{Run, traffic::Target},
    },
    instance::Provider,
    moment::Moment,
};

/// What is shown, by the name of the thing.
type Shown = BTreeMap<String, String>;

/// Everything so far.
#[derive(Clone, Debug)]
pub struct History {
    start: Moment,
    text: String,
    shown: Shown,
    sick: BTreeMap<Provider, u16>,
}

impl History {
    /// An empty one; times are counted from `start`.
    pub fn new(start: Moment) -> Self {
        Self { start, text: String::new(), shown: Shown::new(), sick: BTreeMap::new() }
    }

    /// All lines.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a line.
    pub fn write(&mut self, now: Moment, line: fmt::Arguments<'_>) {
        let millis = now.since(self.start).as_millis();
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hours, minutes, seconds) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let days = now.since(self.start).as_secs() / 86400;
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{days}d {hours:02}:{minutes:02}:{seconds:02}.{millis:03} {line}");
    }

    /// Tells when instances of a provider turn sick or well.
    pub fn sickness(&mut self, now: Moment, provider: Provider, status: Option<u16>) {
        let before = match status {
            Some(status) => self.sick.insert(provider, status),
            None => self.sick.remove(&provider),
        };
        match status {
            _ if before == status => {}
            Some(status) => self.write(now, format_args!("{} instances answer {status}", provider.word())),
            None => self.write(now, format_args!("{} instances are well", provider.word())),
        }
    }

    /// Tells everything that is shown differently from the last look.
    pub fn look(&mut self, now: Moment, clouds: &Clouds) {
        let mut shown = Shown::new();
        builds(&clouds.builds, now, &mut shown);
        images(&clouds.images, &mut shown);
        ecs(&clouds.ecs, &mut shown);
        for service in clouds.run_services(now, true) {
            run(service, &mut shown);
        }
        let before = std::mem::take(&mut self.shown);
        for (name, value) in &shown {
            if before.get(name) != Some(value) {
                self.write(now, format_args!("{name}: {value}"));
            }
        }
        for name in before.keys().filter(|name| !shown.contains_key(*name)) {
            self.write(now, format_args!("{name}: gone"));
        }
        self.shown = shown;
    }
}

fn builds(builds: &Builds, now: Moment, shown: &mut Shown) {
    for build in builds.newest_first(now) {
        shown.insert(
            format!("build {} {}", build.number, build.id),
            format!("{} {:?}", build.commit.sha, build.progress(now)),
        );
    }
}

fn images(images: &Images, shown: &mut Shown) {
    for image in images.all() {
        shown.insert(format!("image {}", image.digest), images.tags_of(&image.digest).join(" "));
    }
}

fn ecs(ecs: &Ecs, shown: &mut Shown) {
    for definition in ecs.definitions.all() {
        shown.insert(
            format!("aws definition {}", definition.name()),
            format!("{} {:?}", definition.standing.word(), definition.containers()),
        );
    }
    for service in ecs.services.values() {
        one_service(service, shown);
    }
}

fn one_service(service: &Service, shown: &mut Shown) {
    let (primary, name) = (&service.primary().id, &service.key);
    shown.insert(
        format!("aws service {name}"),
        format!("{} desired {} stable {:?} primary {primary}", service.life.word(), service.desired, service.stable),
    );
    for revision in &service.revisions {
        let digest = revision.digest().unwrap_or("no image");
        shown.insert(
            format!("aws revision {}", revision.number),
            format!("definition {} {} {digest}", revision.definition, revision.image()),
        );
    }
    for deployment in &service.deployments {
        let back = deployment.rollback.as_ref().map(|back| (back.to, &back.reason));
        shown.insert(
            format!("aws deployment {}", deployment.id),
            format!(
                "{} to {} {} failures {} back {back:?} because {:?}",
                deployment.status.word(),
                deployment.target,
                deployment.breaker.word(),
                deployment.failures,
                deployment.reason
            ),
        );
    }
    for rolling in &service.rollings {
        shown.insert(
            format!("aws rolling {}", rolling.id),
            format!("revision {} {} failed {}", rolling.revision, rolling.rollout.word(), rolling.failed),
        );
    }
    for task in &service.tasks {
        shown.insert(
            format!("aws task {}", task.id),
            format!("{} of {} ready {} {:?}", task.last_status(), task.started_by, task.ready, task.stop),
        );
    }
    for event in &service.events {
        shown.insert(format!("aws event {}", event.id), event.message.clone());
    }
}

fn run(run: &Run, shown: &mut Shown) {
    let targets = |targets: &[Target]| {
        let words =
            targets.iter().map(|t| format!("{:?}={}{}", t.allocation, t.percent, t.tag.as_deref().unwrap_or("")));
        words.collect::<Vec<_>>().join(",")
    };
    shown.insert(
        format!("gcp service {}", run.name),
        format!(
            "generation {} observed {} etag {} by {} traffic {} serving {} ready {} {:?}",
            run.generation,
            run.observed,
            run.etag(),
            run.last_modifier,
            targets(&run.traffic),
            targets(&run.statuses),
            run.latest_ready,
            run.verdict
        ),
    );
    for revision in &run.revisions {
        let digest = revision.digest.as_deref().unwrap_or("no image");
        let instance = revision.instance.as_ref().map(|instance| (&instance.id, instance.ready, instance.exited));
        shown.insert(format!("gcp revision {}", revision.name), format!("{:?} {digest} {instance:?}", revision.state));
    }
    for operation in &run.operations {
        shown.insert(
            format!("gcp operation {}", operation.id),
            format!("generation {} {:?}", operation.generation, operation.end),
        );
    }
}
