# With an account of its own, cloudbuild.yaml has to say options.logging: CLOUD_LOGGING_ONLY.
resource "google_cloudbuild_trigger" "this" {
  name            = var.name
  project         = var.project
  location        = var.region
  description     = var.deploy_to == null ? "Tests, builds and pushes" : "Tests, builds, pushes and deploys to ${var.deploy_to}"
  filename        = "cloudbuild.yaml"
  service_account = var.service_account
  included_files  = ["Cargo.lock", "Cargo.toml", "cloudbuild.yaml", "scripts/**", "service/**"]

  repository_event_config {
    repository = var.repository

    push {
      branch = var.branch
    }
  }

  substitutions = {
    _REGION  = var.region
    _IMAGE   = "${var.image_repository}/hello"
    _SERVICE = var.deploy_to == null ? "" : var.deploy_to
  }

  approval_config {
    approval_required = var.approval
  }
}
