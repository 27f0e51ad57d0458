# GitHub's pipelines sign in with short-lived tokens; there are no keys. A job acts as an account by the GitHub environment
# that it runs in, and GitHub decides who may run there.
module "github" {
  source = "../modules/github-wif"

  project    = var.project
  pool_id    = "${var.name}-github"
  repository = var.repository

  accounts = merge(
    { push = { account = google_service_account.this["push"].name, environment = "build" } },
    merge([for name in var.environments : {
      "${name}-plan"   = { account = google_service_account.this["${name}-plan"].name, environment = "${name}-plan" }
      "${name}-apply"  = { account = google_service_account.this["${name}-apply"].name, environment = "${name}-infra" }
      "${name}-deploy" = { account = google_service_account.this["${name}-deploy"].name, environment = name }
    }]...),
  )

  depends_on = [google_project_service.this]
}

module "dash_access" {
  source = "../modules/dash-access"

  project          = var.project
  name             = var.name
  repository       = { location = var.region, id = google_artifact_registry_repository.this.repository_id }
  runtime_accounts = { for name in var.environments : name => google_service_account.this["${name}-runtime"].name }
  operators        = var.operators
  # Pipelines wait for, and judge, their deployments with hello-dash itself.
  viewers = setunion(
    var.viewers,
    [for name in var.environments : "serviceAccount:${var.name}-${name}-deploy@${var.project}.iam.gserviceaccount.com"],
    length(try(var.cloud_build.deploys_to, [])) > 0 ? ["serviceAccount:${var.name}-build@${var.project}.iam.gserviceaccount.com"] : [],
  )

  depends_on = [google_service_account.this]
}
