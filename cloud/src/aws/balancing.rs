//! What the load balancers of a service say of its addresses: one call for each target group.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::Service;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription;
use futures::future::try_join_all;

use super::client::Client;
use crate::model::Section;

/// The call, as IAM names it.
const CALL: &str = "elasticloadbalancing:DescribeTargetHealth";
/// Groups asked about: a service has one or two, with blue/green twice as many.
const GROUPS: usize = 8;

/// What one group said.
pub(super) type Group = (String, Vec<TargetHealthDescription>);

/// The target groups of a service, both of a blue/green pair among them.
pub(super) fn groups(service: &Service) -> BTreeSet<&str> {
    let balancers = service.load_balancers().iter();
    let alternate = balancers.clone().filter_map(|balancer| balancer.advanced_configuration());
    let alternate = alternate.filter_map(|advanced| advanced.alternate_target_group_arn());
    balancers.filter_map(|balancer| balancer.target_group_arn()).chain(alternate).collect()
}

/// Asks every group; `None` where the service has none.
pub(super) async fn targets(client: &Client, service: &Service) -> Section<Option<Vec<Group>>> {
    let groups = groups(service);
    if groups.is_empty() {
        return Ok(None);
    }
    let asked = groups.into_iter().take(GROUPS).map(|arn| async move {
        let call = || client.balancing.describe_target_health().target_group_arn(arn);
        let answer = client.read(CALL, || call().send()).await?;
        Ok((arn.to_owned(), answer.target_health_descriptions.unwrap_or_default()))
    });
    try_join_all(asked).await.map(Some)
}
