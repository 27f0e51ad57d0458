output "trigger_id" {
  description = "The trigger."
  value       = google_cloudbuild_trigger.this.trigger_id
}
