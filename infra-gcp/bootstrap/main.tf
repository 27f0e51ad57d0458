provider "google" {
  project = var.project
  region  = var.region

  default_labels = {
    service = var.name
  }
}

locals {
  apis = toset(concat([
    "artifactregistry", "cloudbuild", "cloudresourcemanager", "iam", "iamcredentials", "logging", "monitoring", "run", "sts",
  ], var.load_balancer ? ["compute"] : []))
}

resource "google_project_service" "this" {
  for_each           = local.apis
  project            = var.project
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}
