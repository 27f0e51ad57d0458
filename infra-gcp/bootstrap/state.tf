# Where the environments keep their state. The gcs backend locks by itself.
resource "google_storage_bucket" "state" {
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
