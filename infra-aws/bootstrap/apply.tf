# What an apply changes: named actions, in this account and region, and where names are ours to choose, on ours only.
# What AWS grants for everything or not at all (asking for a certificate, logging and attaching the firewall, ending a
# subscription) is not among them: an administrator's first apply does those. See "What the pipeline cannot apply" in ../README.md.
locals {
  here = { for service in ["acm", "cloudwatch", "ec2", "ecs", "elasticloadbalancing", "events", "logs", "sns", "wafv2", "application-autoscaling"] :
    service => "arn:aws:${service}:${var.region}:${local.account_id}"
  }
}

# Networks have no names in ARNs, so environments of one account share this.
data "aws_iam_policy_document" "apply_network" {
  statement {
    sid = "Network"
    actions = [
      "ec2:AllocateAddress", "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress",
      "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateNatGateway",
      "ec2:CreateNetworkAcl", "ec2:CreateNetworkAclEntry", "ec2:CreateRoute", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup",
      "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc", "ec2:CreateVpcEndpoint", "ec2:DeleteFlowLogs",
      "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteNetworkAcl", "ec2:DeleteNetworkAclEntry",
      "ec2:DeleteRoute", "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags",
      "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway", "ec2:DisassociateAddress",
      "ec2:DisassociateRouteTable", "ec2:ModifySecurityGroupRules", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute",
      "ec2:ModifyVpcEndpoint", "ec2:ReleaseAddress", "ec2:ReplaceNetworkAclAssociation", "ec2:ReplaceNetworkAclEntry",
      "ec2:ReplaceRoute", "ec2:ReplaceRouteTableAssociation", "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress", "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
      "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    ]
    resources = ["${local.here["ec2"]}:*/*"]
  }
}

data "aws_iam_policy_document" "apply_service" {
  for_each = var.environments

  statement {
    sid = "Balancer"
    actions = [
      "elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
      "elasticloadbalancing:CreateRule", "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteRule", "elasticloadbalancing:DeleteTargetGroup",
      "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes",
      "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyRule",
      "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
      "elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
    ]
    resources = [for kind in ["loadbalancer/app", "listener/app", "listener-rule/app", "targetgroup"] :
      "${local.here["elasticloadbalancing"]}:${kind}/${var.name}-${each.key}*"
    ]
  }

  statement {
    sid = "Service"
    actions = [
      "ecs:CreateCluster", "ecs:CreateService", "ecs:DeleteCluster", "ecs:DeleteService", "ecs:PutClusterCapacityProviders",
      "ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateCluster", "ecs:UpdateService",
      "ecs:UpdateClusterSettings",
    ]
    resources = [
      "${local.here["ecs"]}:cluster/${var.name}-${each.key}", "${local.here["ecs"]}:service/${var.name}-${each.key}/*",
      "${local.here["ecs"]}:task-definition/${var.name}-${each.key}:*",
    ]
  }

  statement {
    sid = "Scaling"
    actions = [
      "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
      "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
      "application-autoscaling:TagResource", "application-autoscaling:UntagResource",
    ]
    resources = ["${local.here["application-autoscaling"]}:scalable-target/*"]
  }

  statement {
    sid     = "Logs"
    actions = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
    resources = [for group in ["/ecs/${var.name}-${each.key}/*", "/vpc/${var.name}-${each.key}", "aws-waf-logs-${var.name}-${each.key}"] :
      "${local.here["logs"]}:log-group:${group}*"
    ]
  }

  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    resources = ["${local.here["cloudwatch"]}:alarm:${var.name}-${each.key}-*"]
  }

  statement {
    sid = "Events"
    actions = [
      "events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
      "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
    ]
    resources = ["${local.here["events"]}:rule/${var.name}-${each.key}-*", "${local.here["sns"]}:${var.name}-${each.key}-*"]
  }

  statement {
    sid = "AccessLogs"
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
    ]
    resources = ["arn:aws:s3:::${var.name}-${each.key}-access-logs-${local.account_id}"]
  }

  statement {
    sid     = "Firewall"
    actions = ["wafv2:CreateWebACL", "wafv2:DeleteWebACL", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL"]
    resources = [
      "${local.here["wafv2"]}:regional/webacl/${var.name}-${each.key}/*", "${local.here["wafv2"]}:regional/managedruleset/*/*",
    ]
  }

  statement {
    sid       = "Certificates"
    actions   = ["acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate"]
    resources = ["${local.here["acm"]}:certificate/*"]
  }

  dynamic "statement" {
    for_each = var.zone_id[*]

    content {
      sid       = "Names"
      actions   = ["route53:ChangeResourceRecordSets"]
      resources = ["arn:aws:route53:::hostedzone/${statement.value}"]
    }
  }
}

# Roles and policies of one environment. Every role must carry the boundary, so that whoever can change this code still
# cannot make a role that can do more than the services need.
data "aws_iam_policy_document" "apply_roles" {
  for_each = var.environments

  statement {
    sid       = "RolesWithinTheBoundary"
    actions   = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = [for role in ["execution", "task", "traffic", "flow-logs"] : "arn:aws:iam::${local.account_id}:role/${var.name}-${each.key}-${role}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.boundary_arn]
    }
  }

  statement {
    sid       = "RolesOtherwise"
    actions   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription"]
    resources = [for role in ["execution", "task", "traffic", "flow-logs"] : "arn:aws:iam::${local.account_id}:role/${var.name}-${each.key}-${role}"]
  }

  statement {
    sid       = "HandRolesToServices"
    actions   = ["iam:PassRole"]
    resources = [for role in ["execution", "task", "traffic", "flow-logs"] : "arn:aws:iam::${local.account_id}:role/${var.name}-${each.key}-${role}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com", "vpc-flow-logs.amazonaws.com"]
    }
  }

  # The first load balancer, service and scaling target of an account bring these with them.
  statement {
    sid     = "ServiceLinkedRoles"
    actions = ["iam:CreateServiceLinkedRole"]
    resources = [for service in ["ecs", "ecs.application-autoscaling", "elasticloadbalancing", "wafv2"] :
      "arn:aws:iam::${local.account_id}:role/aws-service-role/${service}.amazonaws.com/*"
    ]
  }
}
