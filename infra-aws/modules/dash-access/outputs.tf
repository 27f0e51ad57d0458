output "policy_arns" {
  description = "Policies by what they allow: viewer, abort, roll-back, deploy. They add up: attach viewer to all, and as many of the others as wanted."
  value       = { for name, policy in aws_iam_policy.this : name => policy.arn }
}

output "documents" {
  description = "The same policies as JSON, for permission sets and reviews."
  value       = local.documents
}
