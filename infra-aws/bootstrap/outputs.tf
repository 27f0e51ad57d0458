output "state_bucket" {
  description = "Bucket for terraform init -backend-config=bucket=..."
  value       = aws_s3_bucket.state.id
}

output "repository_url" {
  description = "Where images are pushed."
  value       = aws_ecr_repository.this.repository_url
}

output "role_arns" {
  description = "Roles for the pipelines: push, and ENVIRONMENT-plan, -apply, -deploy. Each works in one GitHub environment only."
  value       = { for name, role in module.role : name => role.role_arn }
}

output "dash_policy_arns" {
  description = "Policies for who uses hello-dash, by environment: viewer, abort, roll-back, deploy. They add up."
  value       = { for name, access in module.dash_access : name => access.policy_arns }
}

output "policies" {
  description = "Every policy that is made here, as JSON, for reviews and checks."
  value = merge(
    { runtime = data.aws_iam_policy_document.runtime.json },
    merge([for name, role in local.roles : { for policy, document in role.policies : "${name}-${policy}" => document }]...),
    merge([for name, access in module.dash_access : { for policy, document in access.documents : "${name}-dash-${policy}" => document }]...),
  )
}
