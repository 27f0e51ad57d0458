# Deployment events and alarms, for people.
resource "aws_sns_topic" "this" {
  name              = "${var.cluster_name}-events"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "email" {
  count     = var.notify_email == null ? 0 : 1
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = var.notify_email
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "DeploymentEvents"
    actions   = ["sns:Publish"]
    resources = ["arn:aws:sns:${var.region}:${var.account_id}:${var.cluster_name}-events"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:events:${var.region}:${var.account_id}:rule/${var.cluster_name}-deployments"]
    }
  }

  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = ["arn:aws:sns:${var.region}:${var.account_id}:${var.cluster_name}-events"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_cloudwatch_event_rule" "deployments" {
  name        = "${var.cluster_name}-deployments"
  description = "Deployments of ${var.name} that started, ended or failed"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Deployment State Change"]
    resources   = [local.service]
  })
}

resource "aws_cloudwatch_event_target" "topic" {
  rule      = aws_cloudwatch_event_rule.deployments.name
  target_id = "topic"
  arn       = aws_sns_topic.this.arn

  input_transformer {
    input_paths    = { event = "$.detail.eventName", reason = "$.detail.reason", deployment = "$.detail.deploymentId", time = "$.time" }
    input_template = "\"${var.cluster_name}/${var.name}: <event> at <time>, deployment <deployment>: <reason>\""
  }
}
