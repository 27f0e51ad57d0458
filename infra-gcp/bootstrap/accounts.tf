# Every account that the project's pipelines and services use. Environments make none and give none away: whoever can change
# their code still cannot make an account that can do more.
locals {
  pushers = toset(concat(["push"], var.cloud_build == null ? [] : ["build"]))

  purposes = merge(
    { push = "Pushes images" },
    var.cloud_build == null ? {} : { build = "Cloud Build: tests, builds, pushes" },
    { for name in var.environments : "${name}-runtime" => "The running service in ${name}: no roles" },
    { for name in var.environments : "${name}-plan" => "Plans ${name}: reads, changes nothing" },
    { for name in var.environments : "${name}-apply" => "Applies ${name}" },
    { for name in var.environments : "${name}-deploy" => "Deploys images to ${name}, and takes them back" },
  )

  # Who may put a revision of an environment's service in its runtime account's place.
  act_as = merge([for name in var.environments : merge(
    { "${name}-apply" = { environment = name, account = "${name}-apply" }, "${name}-deploy" = { environment = name, account = "${name}-deploy" } },
    try(contains(var.cloud_build.deploys_to, name), false) ? { "${name}-build" = { environment = name, account = "build" } } : {},
  )]...)

  roles = {
    plan = ["roles/cloudbuild.builds.viewer", "roles/compute.viewer", "roles/logging.viewer", "roles/monitoring.viewer", "roles/run.viewer"]
    apply = concat(
      ["roles/cloudbuild.builds.editor", "roles/logging.configWriter", "roles/monitoring.editor", "roles/run.admin"],
      var.load_balancer ? ["roles/compute.loadBalancerAdmin", "roles/compute.securityAdmin"] : [],
    )
  }

  project_roles = merge(
    merge([for purpose, roles in local.roles : merge([for name in var.environments :
      { for role in roles : "${name}-${purpose} ${role}" => { account = "${name}-${purpose}", role = role } }
    ]...)]...),
    var.cloud_build == null ? {} : { "build roles/logging.logWriter" = { account = "build", role = "roles/logging.logWriter" } },
  )
}

resource "google_service_account" "this" {
  for_each     = local.purposes
  project      = var.project
  account_id   = "${var.name}-${each.key}"
  display_name = each.value

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "this" {
  for_each = local.project_roles
  project  = var.project
  role     = each.value.role
  member   = google_service_account.this[each.value.account].member
}

resource "google_service_account_iam_member" "act_as" {
  for_each           = local.act_as
  service_account_id = google_service_account.this["${each.value.environment}-runtime"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this[each.value.account].member
}

# A trigger runs as the build account, so whoever makes the trigger acts as it.
resource "google_service_account_iam_member" "trigger" {
  for_each           = var.cloud_build == null ? [] : var.environments
  service_account_id = google_service_account.this["build"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this["${each.key}-apply"].member
}

# The state of its own environment, and nothing beside it.
resource "google_storage_bucket_iam_member" "state" {
  for_each = merge(
    { for name in var.environments : "${name}-plan" => { environment = name, role = "roles/storage.objectViewer" } },
    { for name in var.environments : "${name}-apply" => { environment = name, role = "roles/storage.objectUser" } },
  )
  bucket = google_storage_bucket.state.name
  role   = each.value.role
  member = google_service_account.this[each.key].member

  condition {
    title       = "own-state"
    description = "Only objects of ${each.value.environment}; listing them is asked of the bucket"
    expression  = "resource.type == \"storage.googleapis.com/Bucket\" || resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.state.name}/objects/${each.value.environment}/\")"
  }
}
