output "role_arn" {
  description = "The role, for the repository's variables."
  value       = aws_iam_role.this.arn
}

output "trust" {
  description = "Who may take the role, as JSON."
  value       = data.aws_iam_policy_document.trust.json
}
