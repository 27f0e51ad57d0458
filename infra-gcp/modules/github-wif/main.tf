resource "google_iam_workload_identity_pool" "this" {
  project                   = var.project
  workload_identity_pool_id = var.pool_id
  display_name              = "GitHub Actions"
  description               = "Pipelines of one repository"

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_iam_workload_identity_pool_provider" "this" {
  # checkov:skip=CKV_GCP_125:Held by repository_id and repository_owner_id, which cannot be taken over; the check knows assertion.sub only
  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub Actions"
  # The numbers decide: a name can be given up and taken by someone else.
  attribute_condition = "assertion.repository_id == '${var.repository.id}' && assertion.repository_owner_id == '${var.repository.owner_id}'"

  attribute_mapping = {
    "google.subject"                = "assertion.sub"
    "attribute.repository_id"       = "assertion.repository_id"
    "attribute.repository_owner_id" = "assertion.repository_owner_id"
    "attribute.environment"         = "assertion.environment"
    "attribute.ref"                 = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

# A token of a job without an environment has no such claim, and gets nothing.
resource "google_service_account_iam_member" "this" {
  for_each           = var.accounts
  service_account_id = each.value.account
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}/attribute.environment/${each.value.environment}"
}
