# One repository for the environments of the project: what production runs is the very image that staging ran.
resource "google_artifact_registry_repository" "this" {
  # checkov:skip=CKV_GCP_84:Google's own keys; images hold no secrets
  project                = var.project
  location               = var.region
  repository_id          = var.name
  description            = "Images of ${var.name}"
  format                 = "DOCKER"
  cleanup_policy_dry_run = false

  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"

    most_recent_versions {
      keep_count = var.keep_images
    }
  }

  cleanup_policies {
    id     = "drop-untagged"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "604800s"
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository_iam_member" "writer" {
  for_each   = local.pushers
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.this.repository_id
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this[each.key].member
}

resource "google_artifact_registry_repository_iam_member" "reader" {
  for_each   = toset([for name in var.environments : "${name}-deploy"])
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.this.repository_id
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.this[each.key].member
}
