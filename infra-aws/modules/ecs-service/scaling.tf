resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.capacity.min
  max_capacity       = var.capacity.max
}

resource "aws_appautoscaling_policy" "requests" {
  name               = "requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.requests_per_target
    scale_in_cooldown  = 300
    scale_out_cooldown = 30

    # The ready-made metric names one target group, and AWS does not support it for services that alternate between two.
    dynamic "predefined_metric_specification" {
      for_each = local.rolling ? [1] : []

      content {
        predefined_metric_type = "ALBRequestCountPerTarget"
        resource_label         = "${var.load_balancer.arn_suffix}/${var.load_balancer.target_groups["blue"].arn_suffix}"
      }
    }

    dynamic "customized_metric_specification" {
      for_each = local.rolling ? [] : [1]

      content {
        dynamic "metrics" {
          for_each = local.groups

          content {
            id          = metrics.key
            return_data = false

            metric_stat {
              stat = "Sum"

              metric {
                namespace   = "AWS/ApplicationELB"
                metric_name = "RequestCountPerTarget"

                dimensions {
                  name  = "TargetGroup"
                  value = var.load_balancer.target_groups[metrics.key].arn_suffix
                }
              }
            }
          }
        }

        metrics {
          id          = "both"
          label       = "Requests per task, both groups"
          expression  = "FILL(blue, 0) + FILL(green, 0)"
          return_data = true
        }
      }
    }
  }
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 30

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
