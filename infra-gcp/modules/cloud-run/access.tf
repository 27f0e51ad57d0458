resource "google_cloud_run_v2_service_iam_member" "public" {
  count    = var.public ? 1 : 0
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "deployer" {
  for_each = var.deployers
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this.name
  role     = "roles/run.developer"
  member   = each.key
}

resource "google_cloud_run_v2_service_iam_member" "operator" {
  for_each = var.operators
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this.name
  role     = var.operator_role
  member   = each.key
}
