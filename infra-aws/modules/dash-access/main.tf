# Four policies that add up: viewer, then abort, roll_back, deploy. Each holds what its commands call, on this service only.
locals {
  ecs        = "arn:aws:ecs:${var.region}:${var.account_id}"
  path       = "${var.cluster_name}/${var.service_name}"
  service    = "${local.ecs}:service/${local.path}"
  deployment = "${local.ecs}:service-deployment/${local.path}/*"

  documents = {
    viewer    = data.aws_iam_policy_document.viewer.json
    abort     = data.aws_iam_policy_document.abort.json
    roll-back = data.aws_iam_policy_document.roll_back.json
    deploy    = data.aws_iam_policy_document.deploy.json
  }

  purposes = {
    viewer    = "See the service: hello-dash status, builds, revisions, services, events, logs, watch, check"
    abort     = "Stop a running deployment and return to what ran before"
    roll-back = "Redeploy, and return to an earlier revision"
    deploy    = "Deploy another image"
  }
}

resource "aws_iam_policy" "this" {
  for_each    = local.documents
  name        = "${var.cluster_name}-dash-${each.key}"
  description = local.purposes[each.key]
  policy      = each.value
}

data "aws_iam_policy_document" "viewer" {
  statement {
    sid = "Service"
    actions = [
      "ecs:DescribeServices", "ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions",
      "ecs:DescribeTasks",
    ]
    resources = [
      local.service, local.deployment, "${local.ecs}:service-revision/${local.path}/*", "${local.ecs}:task/${var.cluster_name}/*",
    ]
  }

  # Lists name no resource, but a cluster.
  statement {
    sid       = "ListsOfTheCluster"
    actions   = ["ecs:ListServices", "ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["${local.ecs}:cluster/${var.cluster_name}"]
    }
  }

  # AWS lets these two be granted for everything or not at all.
  statement {
    sid       = "Definitions"
    actions   = ["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]
    resources = ["*"]
  }

  # Whether the image of a rollback still exists.
  statement {
    sid       = "Images"
    actions   = ["ecr:DescribeImages"]
    resources = [var.repository_arn]
  }

  # AWS lets this be granted for everything or not at all.
  statement {
    sid       = "LoadBalancing"
    actions   = ["elasticloadbalancing:DescribeTargetHealth"]
    resources = ["*"]
  }

  # What the tasks of this service write, and nothing beside it.
  statement {
    sid       = "Logs"
    actions   = ["logs:FilterLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:/ecs/${local.path}:*"]
  }
}

data "aws_iam_policy_document" "abort" {
  statement {
    sid       = "Abort"
    actions   = ["ecs:StopServiceDeployment"]
    resources = [local.service, local.deployment]
  }
}

data "aws_iam_policy_document" "roll_back" {
  statement {
    sid       = "RollBack"
    actions   = ["ecs:UpdateService"]
    resources = [local.service]

    # A redeploy names no definition, hence IfExists; a rollback may name this family's only.
    condition {
      test     = "ArnLikeIfExists"
      variable = "ecs:task-definition"
      values   = ["${local.ecs}:task-definition/${var.cluster_name}:*"]
    }

    # Who rolls back must not open a shell on the way.
    condition {
      test     = "StringEqualsIfExists"
      variable = "ecs:enable-execute-command"
      values   = ["false"]
    }
  }
}

# Passing exactly the two roles of the tasks, to ECS only, is what deploying needs.
#trivy:ignore:AWS-0342
data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "Register"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["${local.ecs}:task-definition/${var.cluster_name}:*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "ecs:privileged"
      values   = ["false"]
    }
  }

  # A revision is registered with the commit as a tag; tags at no other time.
  statement {
    sid       = "TagWhatItRegisters"
    actions   = ["ecs:TagResource"]
    resources = ["${local.ecs}:task-definition/${var.cluster_name}:*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition"]
    }
  }

  statement {
    sid       = "PassItsRoles"
    actions   = ["iam:PassRole"]
    resources = var.role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}
