data "aws_iam_policy_document" "tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:ecs:${var.region}:${var.account_id}:*"]
    }
  }
}

# What ECS itself does for a task: pull the image, write the log.
resource "aws_iam_role" "execution" {
  name                 = "${var.cluster_name}-execution"
  description          = "Pulls the image and writes the log of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.tasks_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "execution" {
  name   = "pull-and-log"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "execution" {
  # Signing in to ECR has no resource to name.
  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "Pull"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.repository_arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:/ecs/${var.cluster_name}/${var.name}:*"]
  }
}

# What the program may do in the cloud: nothing.
resource "aws_iam_role" "task" {
  name                 = "${var.cluster_name}-task"
  description          = "The running ${var.name}: no permissions"
  assume_role_policy   = data.aws_iam_policy_document.tasks_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

# Moves traffic between the two target groups; rolling deployments need none.
resource "aws_iam_role" "traffic" {
  count                = local.rolling ? 0 : 1
  name                 = "${var.cluster_name}-traffic"
  description          = "Lets ECS move traffic between the target groups of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.traffic_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "traffic_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role_policy_attachment" "traffic" {
  count      = local.rolling ? 0 : 1
  role       = aws_iam_role.traffic[0].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
}
