locals {
  flow_logs = local.dedicated && var.flow_logs
}

resource "aws_cloudwatch_log_group" "flows" {
  # checkov:skip=CKV_AWS_338:The environment chooses: a year in production, a month in staging
  count             = local.flow_logs ? 1 : 0
  name              = "/vpc/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_flow_log" "this" {
  count                    = local.flow_logs ? 1 : 0
  vpc_id                   = aws_vpc.this[0].id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flows[0].arn
  iam_role_arn             = aws_iam_role.flows[0].arn
  max_aggregation_interval = 600
}

resource "aws_iam_role" "flows" {
  count                = local.flow_logs ? 1 : 0
  name                 = "${var.name}-flow-logs"
  description          = "Writes the VPC flow logs of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.flows_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "flows_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "flows" {
  count  = local.flow_logs ? 1 : 0
  name   = "write"
  role   = aws_iam_role.flows[0].id
  policy = data.aws_iam_policy_document.flows[0].json
}

data "aws_iam_policy_document" "flows" {
  count = local.flow_logs ? 1 : 0

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.flows[0].arn}:*"]
  }
}
