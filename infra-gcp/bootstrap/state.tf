# Where the environments keep their state. The gcs backend locks by itself.
# Google's own keys; state here holds no secrets.
#trivy:ignore:GCP-0066
resource "google_storage_bucket" "state" {
  # checkov:skip=CKV_GCP_62:Who read or wrote state is in Cloud Audit Logs, where the project wants data access logs
  name                        = "${var.name}-terraform-${var.project}"
  project                     = var.project
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = 90
      num_newer_versions         = 20
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
