//! Which targets of a configuration are meant: all, unless narrowed by service, environment and provider. What is named and
//! does not exist is told with the names that do, because an empty selection is always a mistake.

use hello_cloud::text::sanitize;
use thiserror::Error;

use crate::{
    cli::{ProviderName, Selection},
    config::Config,
};

/// Nothing is meant by what was asked for. One line, safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SelectionError {
    /// No environment, service or provider has this name.
    #[error("no {what} '{}'; there is {}", sanitize(.name), .known.join(", "))]
    Unknown {
        /// `environment`, `service`, `target on provider`.
        what: &'static str,
        /// As asked for.
        name: String,
        /// What could be asked for.
        known: Vec<String>,
    },
    /// Each name exists, but no target has them all.
    #[error("no target is all of that; there is {}", .0.join(", "))]
    Empty(Vec<String>),
}

/// Leaves only the targets that are meant. The configuration that comes back has at least one.
pub fn narrow(mut config: Config, environment: Option<&str>, selection: &Selection) -> Result<Config, SelectionError> {
    if let Some(name) = environment {
        known("environment", name, config.environments.iter().map(|environment| environment.name.as_str()))?;
    }
    if let Some(name) = &selection.service {
        known("service", name, config.services.iter().map(|service| service.name.as_str()))?;
    }
    let provider = selection.target.map(ProviderName::word);
    if let Some(name) = provider {
        known("target on provider", name, config.targets().map(|(_, target)| target.cloud.word()))?;
    }
    let all: Vec<String> = config
        .targets()
        .map(|(service, target)| format!("{}/{}/{}", service.name, target.environment.name, target.cloud.word()))
        .collect();
    config.services.retain(|service| selection.service.as_ref().is_none_or(|name| *name == service.name));
    for service in &mut config.services {
        service.targets.retain(|target| {
            environment.is_none_or(|name| name == target.environment.name)
                && provider.is_none_or(|name| name == target.cloud.word())
        });
    }
    config.services.retain(|service| !service.targets.is_empty());
    if config.services.is_empty() { Err(SelectionError::Empty(all)) } else { Ok(config) }
}

fn known<'a>(what: &'static str, name: &str, names: impl Iterator<Item = &'a str>) -> Result<(), SelectionError> {
    let mut known: Vec<String> = Vec::new();
    for one in names {
        if one == name {
            return Ok(());
        }
        if !known.iter().any(|listed| listed == one) {
            known.push(one.to_owned());
        }
    }
    Err(SelectionError::Unknown { what, name: name.to_owned(), known })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, example::EXAMPLE};

    fn narrowed(
        environment: Option<&str>,
        service: Option<&str>,
        target: Option<ProviderName>,
    ) -> Result<usize, String> {
        let config = Config::read(EXAMPLE, Source::User("c.toml".into())).unwrap();
        let selection = Selection { service: service.map(Into::into), target };
        let narrowed = narrow(config, environment, &selection).map_err(|error| error.to_string())?;
        Ok(narrowed.targets().count())
    }

    #[test]
    fn each_name_narrows() {
        assert_eq!(narrowed(None, None, None), Ok(4));
        assert_eq!(narrowed(Some("staging"), None, None), Ok(2));
        assert_eq!(narrowed(Some("staging"), Some("hello"), Some(ProviderName::Gcp)), Ok(1));
    }

    #[test]
    fn an_unknown_name_is_told_with_those_that_exist() {
        assert_eq!(narrowed(None, Some("helo"), None), Err("no service 'helo'; there is hello".into()));
        assert_eq!(narrowed(Some("x"), None, None), Err("no environment 'x'; there is staging, production".into()));
    }

    #[test]
    fn an_empty_selection_is_an_error() {
        let text = "[environment.a]\n[environment.b]\n[service.s]\n[[service.s.target]]\nenvironment = \"a\"\n\
                    provider = \"gcp\"\nregion = \"europe-west1\"\nproject = \"acme-staging\"\n";
        let config = Config::read(text, Source::User("c.toml".into())).unwrap();
        let error = narrow(config, Some("b"), &Selection::default()).unwrap_err();
        assert_eq!(error.to_string(), "no target is all of that; there is s/a/gcp");
    }
}
