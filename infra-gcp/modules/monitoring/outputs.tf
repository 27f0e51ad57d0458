output "log_bucket" {
  description = "Bucket with the service's log."
  value       = google_logging_project_bucket_config.this.id
}
