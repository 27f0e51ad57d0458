output "address" {
  description = "Address for the domain's A record. The certificate is issued only after that record is there."
  value       = google_compute_global_address.this.address
}

output "url" {
  description = "What people reach."
  value       = "https://${var.domain_name}"
}
