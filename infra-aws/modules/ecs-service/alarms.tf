locals {
  groups = local.rolling ? toset(["blue"]) : toset(["blue", "green"])

  # By name and not by reference: names are known on the first plan.
  deployment_alarms = flatten([for group in local.groups : [
    "${var.cluster_name}-errors-${group}", "${var.cluster_name}-latency-${group}", "${var.cluster_name}-unhealthy-${group}",
  ]])
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each            = local.groups
  alarm_name          = "${var.cluster_name}-errors-${each.key}"
  alarm_description   = "${var.name} answers 5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_limits.errors
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  dimensions = {
    LoadBalancer = var.load_balancer.arn_suffix
    TargetGroup  = var.load_balancer.target_groups[each.key].arn_suffix
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each            = local.groups
  alarm_name          = "${var.cluster_name}-latency-${each.key}"
  alarm_description   = "The slowest hundredth of the answers of ${var.name} is too slow"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  extended_statistic  = "p99"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_limits.p99_seconds
  treat_missing_data  = "notBreaching"
  # A few requests say nothing about a hundredth.
  evaluate_low_sample_count_percentiles = "ignore"
  alarm_actions                         = [aws_sns_topic.this.arn]
  ok_actions                            = [aws_sns_topic.this.arn]

  dimensions = {
    LoadBalancer = var.load_balancer.arn_suffix
    TargetGroup  = var.load_balancer.target_groups[each.key].arn_suffix
  }
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each            = local.groups
  alarm_name          = "${var.cluster_name}-unhealthy-${each.key}"
  alarm_description   = "Tasks of ${var.name} fail their health check"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  dimensions = {
    LoadBalancer = var.load_balancer.arn_suffix
    TargetGroup  = var.load_balancer.target_groups[each.key].arn_suffix
  }
}
