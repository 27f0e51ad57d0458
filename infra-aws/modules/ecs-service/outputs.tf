output "cluster_name" {
  description = "The cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "The service."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "The newest shape made by Terraform: the template for the next deployment."
  value       = aws_ecs_task_definition.this.arn
}

output "log_group_name" {
  description = "The service's log."
  value       = aws_cloudwatch_log_group.this.name
}

output "topic_arn" {
  description = "Topic with deployment events and alarms."
  value       = aws_sns_topic.this.arn
}

output "role_arns" {
  description = "Roles that a task definition names: whoever deploys has to be allowed to pass them."
  value       = { execution = aws_iam_role.execution.arn, task = aws_iam_role.task.arn }
}
