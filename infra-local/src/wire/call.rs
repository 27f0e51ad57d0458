//! Which call a request is: by what the vendors' clients put into path and headers.

use hyper::Method;

use super::{
    Asked, artifact_registry, aws, cloud_build, github, google, query, reply::Reply, request_id, run, signature,
};
use crate::{fault::Party, moment::Moment, site::Site};

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Ecs,
    Ecr,
    Logs,
    CodeBuild,
    Elb,
    Sts,
    Run,
    CloudBuild,
    ArtifactRegistry,
    Logging,
    Token,
    GoogleMetadata,
    Github,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whose it is.
    pub api: Api,
    /// Whose faults it meets.
    pub party: Party,
    /// Its name: `DescribeServices`, `run.services.get`.
    pub name: String,
    /// Whether it asks for a change.
    pub write: bool,
}

impl Call {
    /// `None` when no cloud of ours serves such a thing.
    pub fn of(asked: &Asked) -> Option<Self> {
        if let Some(target) = asked.header("x-amz-target") {
            let (service, name) = target.split_once('.')?;
            let api = match service {
                "AmazonEC2ContainerServiceV20141113" => Api::Ecs,
                "AmazonEC2ContainerRegistry_V20150921" => Api::Ecr,
                "Logs_20140328" => Api::Logs,
                "CodeBuild_20161006" => Api::CodeBuild,
                _ => return None,
            };
            return Some(Self::of_aws(api, name));
        }
        if let Some((name, version)) = query::operation(asked) {
            let by_version = if version == query::STS.version { "sts" } else { "elasticloadbalancing" };
            let api = match signature::service_of(asked).unwrap_or(by_version) {
                "elasticloadbalancing" => Api::Elb,
                "sts" => Api::Sts,
                _ => return None,
            };
            return Some(Self::of_aws(api, &name));
        }
        let segments: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
        let get = asked.method == Method::GET;
        let (api, name) = match segments.as_slice() {
            ["token"] => (Api::Token, "token".to_owned()),
            [""] if asked.header("metadata-flavor").is_some() => (Api::GoogleMetadata, "metadata.root".to_owned()),
            ["computeMetadata", "v1", rest @ ..] => {
                (Api::GoogleMetadata, format!("metadata.{}", rest.last().copied().unwrap_or_default()))
            }
            ["v2", "entries:list"] => (Api::Logging, "logging.entries.list".to_owned()),
            ["v2", "projects", _, "logs"] => (Api::Logging, "logging.logs.list".to_owned()),
            ["v2", "projects", _, "locations", _, rest @ ..] => (Api::Run, run::name(rest, &asked.method)),
            ["v1", "projects", _, "locations", _, kind @ ("builds" | "triggers"), rest @ ..]
            | ["v1", "projects", _, kind @ ("builds" | "triggers"), rest @ ..] => {
                (Api::CloudBuild, cloud_build::call_name(kind, rest, get))
            }
            ["v1", "operations", "build", ..] => (Api::CloudBuild, "cloudbuild.operations.get".to_owned()),
            ["v1", "projects", _, "locations", _, "repositories", rest @ ..] => {
                (Api::ArtifactRegistry, artifact_registry::call_name(rest, asked.method.as_str()))
            }
            ["repos", _, _, rest @ ..] => (Api::Github, github::call_name(rest, get)),
            ["rate_limit"] => (Api::Github, "rateLimit.get".to_owned()),
            ["actions-logs", _] => (Api::Github, "actions.jobs.log".to_owned()),
            _ => return None,
        };
        let party = match api {
            Api::Ecs | Api::Ecr | Api::Logs | Api::CodeBuild | Api::Elb | Api::Sts => Party::Aws,
            Api::Run | Api::CloudBuild | Api::ArtifactRegistry | Api::Logging | Api::Token | Api::GoogleMetadata => {
                Party::Gcp
            }
            Api::Github => Party::Github,
        };
        // Waiting and getting a token are POSTs that change nothing.
        let reads = ["run.operations.wait", "run.services.testIamPermissions", "logging.entries.list"];
        let write = !get && api != Api::Token && !reads.contains(&name.as_str());
        Some(Self { api, party, name, write })
    }

    fn of_aws(api: Api, name: &str) -> Self {
        let reads = ["List", "Describe", "Get", "BatchGet", "BatchCheck", "Filter"];
        let write = !reads.iter().any(|read| name.starts_with(read));
        Self { api, party: Party::Aws, name: name.to_owned(), write }
    }

    /// What a request is signed for.
    pub fn signing_name(&self) -> &'static str {
        match self.api {
            Api::Ecs => "ecs",
            Api::Ecr => "ecr",
            Api::Logs => "logs",
            Api::CodeBuild => "codebuild",
            Api::Elb => "elasticloadbalancing",
            Api::Sts => "sts",
            Api::Run
            | Api::CloudBuild
            | Api::ArtifactRegistry
            | Api::Logging
            | Api::Token
            | Api::GoogleMetadata
            | Api::Github => "",
        }
    }

    /// The refusal for a caller who shows no credentials, or none that are good at `now`.
    pub fn refuse_stranger(&self, asked: &Asked, number: u64, now: Moment) -> Option<Reply> {
        let authorization = asked.header("authorization").unwrap_or_default();
        let with = |scheme: &str| authorization.strip_prefix(scheme).is_some_and(|token| !token.trim().is_empty());
        let bearer = with("Bearer ");
        match self.api {
            Api::Ecs | Api::Ecr | Api::Logs | Api::CodeBuild | Api::Elb | Api::Sts => {
                let flaw = signature::check(asked, self.signing_name(), now).err()?;
                Some(aws::unsigned(self, number, flaw))
            }
            Api::Run | Api::CloudBuild | Api::ArtifactRegistry | Api::Logging => {
                (!bearer).then(google::unauthenticated)
            }
            Api::Token | Api::GoogleMetadata => None,
            // GitHub still takes the older scheme.
            Api::Github => github::refuse_stranger(asked, bearer || with("token ")),
        }
    }

    /// What the body of an answer claims to be.
    pub fn content_type(&self) -> &'static str {
        match self.party {
            Party::Aws if self.face().is_some() => "text/xml",
            Party::Aws => "application/x-amz-json-1.1",
            Party::Gcp => "application/json; charset=UTF-8",
            Party::Github => "application/json; charset=utf-8",
        }
    }

    /// How it speaks, when it is a Query service.
    pub fn face(&self) -> Option<query::Face> {
        match self.api {
            Api::Elb => Some(query::ELB),
            Api::Sts => Some(query::STS),
            _ => None,
        }
    }

    /// A body that is not what it claims to be.
    pub fn malformed(&self) -> &'static str {
        if self.face().is_some() {
            "<Response><Result><member><Arn>arn:aws"
        } else {
            "{\"services\": [{\"serviceArn\": \"arn:aws"
        }
    }

    /// Adds what every answer of the vendor carries.
    pub fn finish(&self, site: &Site, number: u64, reply: Reply) -> Reply {
        match self.party {
            Party::Aws => reply.header("x-amzn-requestid", request_id(number)),
            Party::Gcp => reply.header("x-cloud-trace-context", format!("{number:032x}")),
            Party::Github => {
                let clouds = site.clouds();
                let quota = &clouds.quota;
                let mut reply = reply
                    .header("x-ratelimit-limit", quota.limit.to_string())
                    .header("x-ratelimit-used", quota.used().to_string())
                    .header("x-ratelimit-reset", quota.resets_at().to_string())
                    .header("x-ratelimit-resource", "core")
                    .header("x-github-media-type", "github.v3; format=json")
                    .header("x-github-api-version-selected", "2022-11-28");
                if !reply.has("x-ratelimit-remaining") {
                    reply = reply.header("x-ratelimit-remaining", quota.remaining().to_string());
                }
                reply.header("x-github-request-id", format!("{number:04X}:LOCAL"))
            }
        }
    }
}

/// Splits a query string and undoes percent encoding.
pub fn parse_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

/// Percent-encodes what may not stand in a query as it is.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Undoes percent encoding; what is not encoded well is left as it is.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut index) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(index) {
        let encoded = text.get(index + 1..index + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, encoded) {
            (b'%', Some(value)) => {
                out.push(value);
                index += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
        index += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_split_and_decoded() {
        let query = parse_query("updateMask=template&filter=status%3D%22WORKING%22+x&pageToken=&%24alt=json%");
        assert_eq!(query[0], ("updateMask".to_owned(), "template".to_owned()));
        assert_eq!(query[1].1, "status=\"WORKING\" x");
        assert_eq!(query[2].1, "");
        assert_eq!(query[3], ("$alt".to_owned(), "json%".to_owned()));
    }
}
