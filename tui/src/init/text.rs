//! The parts as TOML.

use std::{collections::BTreeMap, fmt::Write};

use toml::Value;

use super::part::{Part, Target};

const HEAD: &str = "\
# hello-dash: written by `hello-dash init` from what Terraform made.
# Environments are read-only. To redeploy and roll back from here, write `writable = true` where you mean it.
# Where an account needs a profile of its own, write `profile = \"NAME\"` into its targets.
";

/// The configuration of all parts. Environments and services of one name are put together, targets in the order of the
/// parts; an environment that one part protects is protected.
pub(super) fn of(parts: &[Part]) -> String {
    let mut environments = BTreeMap::<&str, bool>::new();
    let mut services = BTreeMap::<&str, Vec<&Target>>::new();
    for part in parts {
        for (name, environment) in &part.environment {
            *environments.entry(name).or_default() |= environment.protected;
        }
        for (name, service) in &part.service {
            services.entry(name).or_default().extend(&service.target);
        }
    }
    let mut text = HEAD.to_owned();
    for (name, protected) in environments {
        let _ = writeln!(text, "\n[environment.{}]", key(name));
        // Said also when it is not, so that the empty table is not taken for a mistake.
        let _ = writeln!(text, "protected = {protected}\n# writable = true");
    }
    for (name, targets) in services {
        let _ = writeln!(text, "\n[service.{}]", key(name));
        for target in targets {
            let _ = writeln!(text, "\n[[service.{}.target]]", key(name));
            write_target(&mut text, target);
        }
    }
    text
}

fn write_target(text: &mut String, target: &Target) {
    let Target { environment, provider, region, cluster, project, service, url, builds } = target;
    let required = [("environment", environment), ("provider", provider), ("region", region)];
    let optional = [("cluster", cluster), ("project", project), ("service", service), ("url", url)];
    let optional = optional.into_iter().filter_map(|(key, value)| value.as_ref().map(|value| (key, value)));
    for (key, value) in required.into_iter().chain(optional) {
        let _ = writeln!(text, "{key} = {}", quoted(value));
    }
    if let Some(builds) = builds {
        let keys = builds.iter().filter_map(|(key, value)| Some((key.key(), value.as_ref()?)));
        let keys: Vec<_> = keys.map(|(key, value)| format!("{key} = {}", quoted(value))).collect();
        let _ = writeln!(text, "builds = {{ {} }}", keys.join(", "));
    }
}

/// A TOML key: bare where it can be.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A TOML string, whatever is in it.
fn quoted(value: &str) -> String {
    Value::String(value.to_owned()).to_string()
}
