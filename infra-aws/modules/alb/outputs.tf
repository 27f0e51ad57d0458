output "arn" {
  description = "The load balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "The load balancer as CloudWatch names it."
  value       = aws_lb.this.arn_suffix
}

output "url" {
  description = "What people reach."
  value       = "${var.https ? "https" : "http"}://${coalesce(var.domain_name, aws_lb.this.dns_name)}"
}

output "security_group_id" {
  description = "Group of the load balancer."
  value       = aws_security_group.this.id
}

output "target_groups" {
  description = "Target groups by colour: ARN, and suffix as CloudWatch names them."
  value       = { for colour, group in aws_lb_target_group.this : colour => { arn = group.arn, arn_suffix = group.arn_suffix } }
}

output "production_rule_arn" {
  description = "Listener rule whose weights deployments move. It exists only after its listener."
  value       = aws_lb_listener_rule.production.arn
}
