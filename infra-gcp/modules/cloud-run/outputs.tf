output "name" {
  description = "The service."
  value       = google_cloud_run_v2_service.this.name
}

output "uri" {
  description = "Cloud Run's own address of the service."
  value       = google_cloud_run_v2_service.this.uri
}
