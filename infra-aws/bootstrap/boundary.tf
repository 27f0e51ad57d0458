# The most that a role made by an environment can ever do: pull images, write logs, move its traffic.
resource "aws_iam_policy" "runtime" {
  name        = "${var.name}-runtime"
  description = "Boundary of the roles that the environments of ${var.name} make"
  policy      = data.aws_iam_policy_document.runtime.json
}

data "aws_iam_policy_document" "runtime" {
  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "Pull"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [local.repository_arn]
  }

  statement {
    sid     = "Log"
    actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = flatten([for name in var.environments : [
      "${local.here["logs"]}:log-group:/ecs/${var.name}-${name}/*", "${local.here["logs"]}:log-group:/vpc/${var.name}-${name}:*",
    ]])
  }

  statement {
    sid     = "MoveTraffic"
    actions = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:RegisterTargets"]
    resources = flatten([for name in var.environments : [for kind in ["listener/app", "listener-rule/app", "targetgroup"] :
      "${local.here["elasticloadbalancing"]}:${kind}/${var.name}-${name}*"
    ]])
  }

  # These have no resource to name.
  statement {
    sid = "SeeTraffic"
    actions = [
      "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"]
  }
}
