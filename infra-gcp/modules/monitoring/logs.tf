resource "google_logging_metric" "errors" {
  name        = "${var.name}-errors"
  project     = var.project
  description = "Lines of severity ERROR and above from ${var.name}"
  filter      = "${local.of_service} AND severity >= ERROR"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}

# The service's own bucket: its retention is nobody else's.
resource "google_logging_project_bucket_config" "this" {
  project        = var.project
  location       = var.region
  bucket_id      = var.name
  description    = "Log of ${var.name}"
  retention_days = var.log_retention_days
}

# Within one project a sink needs no account to write with.
resource "google_logging_project_sink" "this" {
  name                   = var.name
  project                = var.project
  description            = "Log of ${var.name} into its own bucket"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.this.id}"
  filter                 = local.of_service
  unique_writer_identity = true
}
