use std::time::Duration;

use serde_json::json;

use super::{line::Writer, *};
use crate::{Scenario, clouds::Clouds, instance::Output};

const WRITER: Writer<'_> = Writer { service: "hello", revision: "hello-00001-abc", instance: "one" };

#[test]
fn a_line_of_json_has_its_special_members_taken_out() {
    let (mut entries, now) = (Entries::default(), Moment::from_millis(1_790_000_000_000));
    let line = json!({
        "severity": "WARNING", "time": "2026-09-21T14:13:20.250Z", "message": "slow", "ms": 7,
        "httpRequest": {"status": 200}, "logging.googleapis.com/trace": "projects/p/traces/t",
    });
    entries.write(now, WRITER, Output::Standard, &line.to_string());
    entries.write(now, WRITER, Output::Error, "plain");
    let [first, second] = [&entries.entries[0], &entries.entries[1]];
    assert_eq!((first.severity, first.at.as_millis()), (Severity::Warning, 1_790_000_000_250));
    assert_eq!(first.payload, Payload::Json(json!({"message": "slow", "ms": 7})));
    assert_eq!(first.request, Some(json!({"status": 200})));
    assert_eq!((second.severity, second.log), (Severity::Default, "run.googleapis.com/stderr"));
    assert_eq!(second.payload, Payload::Text("plain".to_owned()));
    for _ in 0..LINES {
        entries.write(now, WRITER, Output::Standard, "x");
    }
    assert_eq!((entries.entries.len(), entries.entries[0].number), (LINES, 3));
}

#[test]
fn lines_and_audit_logs_do_not_push_each_other_out() {
    let (mut entries, now) = (Entries::default(), Moment::from_millis(1_790_000_000_000));
    entries.write(now, WRITER, Output::Standard, "first");
    let line = entries.entries[0].clone();
    for _ in 0..AUDITS + LINES {
        entries.add(Entry { log: "cloudaudit.googleapis.com/activity", ..line.clone() });
    }
    assert_eq!((entries.entries.len(), &entries.entries[0].payload), (AUDITS + 1, &line.payload));
    entries.write(now, WRITER, Output::Standard, "second");
    assert_eq!(entries.entries.back().unwrap().payload, Payload::Text("second".to_owned()));
    for _ in 0..LINES {
        entries.write(now, WRITER, Output::Standard, "x");
    }
    let audits = entries.entries.iter().filter(|entry| entry.is_audit()).count();
    assert_eq!((entries.entries.len(), audits), (AUDITS + LINES, AUDITS));
}

#[test]
fn a_service_tells_its_history_and_then_every_change_once() {
    let start = Moment::from_millis(1_790_000_000_000);
    let mut clouds = Clouds::new(&Scenario::named("steady").unwrap().world, start);
    clouds.advance(start);
    let of =
        |clouds: &Clouds, log: &str| clouds.entries.entries.iter().filter(|entry| entry.log.ends_with(log)).count();
    assert_eq!((of(&clouds, "activity"), of(&clouds, "system_event")), (3, 6));
    clouds.advance(start.after(Duration::from_secs(1)));
    assert_eq!(clouds.entries.entries.len(), 9, "nothing has changed");
    let patch = crate::clouds::run::patch::Patch {
        mask: vec!["template".to_owned()],
        service: json!({"template": clouds.run.template}),
        force_new_revision: true,
        by: "amara@acme.example".to_owned(),
        ..Default::default()
    };
    let later = start.after(Duration::from_secs(2));
    clouds.run.patch(later, &clouds.images, &patch).unwrap();
    clouds.advance(later);
    let Payload::Proto(asked) = &clouds.entries.entries[9].payload else { panic!("an audit log") };
    assert_eq!(asked["authenticationInfo"]["principalEmail"], "amara@acme.example");
    assert_eq!(asked["request"]["updateMask"], "template");
    assert_eq!(clouds.entries.entries.len(), 10, "what becomes of it is not known yet");
}
