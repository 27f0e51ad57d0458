# Two roles that hold what hello-dash calls and nothing else. Cloud Run has one permission for every change of a service, so
# that stopping, rolling back, redeploying and deploying cannot be told apart as they are on AWS.
locals {
  role_prefix = replace(var.name, "-", "_")

  looks = [
    "artifactregistry.dockerimages.list",
    "cloudbuild.builds.list",
    "logging.logEntries.list",
    "run.operations.get",
    "run.operations.list",
    "run.revisions.get",
    "run.revisions.list",
    "run.services.get",
    "run.services.list",
  ]

  members = setunion(var.viewers, toset(flatten([for members in var.operators : tolist(members)])))

  operators = merge([for environment, members in var.operators :
    { for member in members : "${environment} ${member}" => { environment = environment, member = member } }
  ]...)
}

resource "google_project_iam_custom_role" "viewer" {
  project     = var.project
  role_id     = "${local.role_prefix}_dash_viewer"
  title       = "hello-dash viewer"
  description = "See services: hello-dash status, builds, revisions, services, events, logs, watch, check"
  permissions = local.looks
}

# Bound to single services, by the environments.
resource "google_project_iam_custom_role" "operator" {
  project     = var.project
  role_id     = "${local.role_prefix}_dash_operator"
  title       = "hello-dash operator"
  description = "Redeploy, roll back, move traffic"
  permissions = ["run.services.get", "run.services.update"]
}

resource "google_project_iam_member" "viewer" {
  for_each = local.members
  project  = var.project
  role     = google_project_iam_custom_role.viewer.id
  member   = each.key
}

# Whoever changes a service has to be allowed to act as the account that it runs as.
resource "google_service_account_iam_member" "operator" {
  for_each           = local.operators
  service_account_id = var.runtime_accounts[each.value.environment]
  role               = "roles/iam.serviceAccountUser"
  member             = each.value.member
}

# And to read the image that it names.
resource "google_artifact_registry_repository_iam_member" "operator" {
  for_each   = toset([for operator in local.operators : operator.member])
  project    = var.project
  location   = var.repository.location
  repository = var.repository.id
  role       = "roles/artifactregistry.reader"
  member     = each.key
}
