output "state_bucket" {
  description = "Bucket for terraform init -backend-config=bucket=..."
  value       = google_storage_bucket.state.name
}

output "repository_url" {
  description = "Where images are pushed."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.this.repository_id}"
}

output "workload_identity_provider" {
  description = "For the pipelines: google-github-actions/auth."
  value       = module.github.provider_name
}

output "accounts" {
  description = "Accounts by purpose: push, and ENVIRONMENT-runtime, -plan, -apply, -deploy."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "dash_roles" {
  description = "Custom roles for who uses hello-dash: viewer and operator."
  value       = module.dash_access.roles
}
