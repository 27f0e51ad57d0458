//! Load balancers and listeners.

use std::collections::BTreeMap;

use crate::moment::Moment;

/// An application load balancer.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Whether only its own network reaches it.
    pub internal: bool,
    /// When it was made.
    pub created_at: Moment,
    /// Its settings, as texts.
    pub attributes: BTreeMap<String, String>,
}

impl Balancer {
    /// One that faces the internet, with the settings that new ones have.
    pub fn new(arn: String, name: String, created_at: Moment) -> Self {
        let attributes = [
            ("access_logs.s3.bucket", ""),
            ("access_logs.s3.enabled", "false"),
            ("access_logs.s3.prefix", ""),
            ("client_keep_alive.seconds", "3600"),
            ("deletion_protection.enabled", "false"),
            ("idle_timeout.timeout_seconds", "60"),
            ("load_balancing.cross_zone.enabled", "true"),
            ("routing.http.desync_mitigation_mode", "defensive"),
            ("routing.http.drop_invalid_header_fields.enabled", "false"),
            ("routing.http2.enabled", "true"),
        ];
        let attributes = attributes.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self { arn, name, internal: false, created_at, attributes }
    }

    /// Last part of its ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// One port of a load balancer.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// ARN of its load balancer.
    pub balancer: String,
    /// Where it listens.
    pub port: u16,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// ARN and weight of the groups it sends requests to.
    pub forward: Vec<(String, u32)>,
}

impl Listener {
    /// Whether a group gets requests from it.
    pub fn forwards_to(&self, group: &str) -> bool {
        self.forward.iter().any(|(arn, _)| arn == group)
    }
}
