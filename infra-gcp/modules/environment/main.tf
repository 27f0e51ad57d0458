locals {
  prefix        = "${var.name}-${var.environment}"
  load_balancer = var.domain_mode == "load_balancer"
  own_domain    = var.domain_mode != "none"
  # When it is missing, the output's precondition says so; until then no expression may trip over it.
  domain = coalesce(var.domain_name, "missing.invalid")
  # Accounts and roles are bootstrap's: this configuration can make neither.
  account = merge(
    { for purpose in ["runtime", "deploy"] : purpose => "${local.prefix}-${purpose}@${var.project}.iam.gserviceaccount.com" },
    { build = "${var.name}-build@${var.project}.iam.gserviceaccount.com" },
  )
}

module "service" {
  source = "../cloud-run"

  name                 = local.prefix
  project              = var.project
  region               = var.region
  image                = var.image
  service_account      = local.account.runtime
  instances            = var.instances
  public               = var.public
  behind_load_balancer = local.load_balancer
  deletion_protection  = var.protected
  deployers            = concat(["serviceAccount:${local.account.deploy}"], try(var.cloud_build.deploy, false) ? ["serviceAccount:${local.account.build}"] : [])
  operators            = var.operators
  operator_role        = "projects/${var.project}/roles/${replace(var.name, "-", "_")}_dash_operator"
}

module "load_balancer" {
  source = "../https-lb"
  count  = local.load_balancer ? 1 : 0

  name         = local.prefix
  project      = var.project
  region       = var.region
  service_name = module.service.name
  domain_name  = local.domain
  waf          = var.waf
}

resource "google_cloud_run_domain_mapping" "this" {
  count    = var.domain_mode == "mapping" ? 1 : 0
  project  = var.project
  location = var.region
  name     = local.domain

  metadata {
    namespace = var.project
  }

  spec {
    route_name = module.service.name
  }
}

module "monitoring" {
  source = "../monitoring"

  name               = local.prefix
  project            = var.project
  region             = var.region
  uptime_check       = var.public
  host               = local.own_domain ? local.domain : trimprefix(module.service.uri, "https://")
  max_instances      = var.instances.max
  notify_email       = var.notify_email
  log_retention_days = var.log_retention_days
}

module "cloud_build" {
  source = "../cloud-build"
  count  = var.cloud_build == null ? 0 : 1

  name             = local.prefix
  project          = var.project
  region           = var.region
  repository       = var.cloud_build.repository
  service_account  = "projects/${var.project}/serviceAccounts/${local.account.build}"
  image_repository = "${var.region}-docker.pkg.dev/${var.project}/${var.name}"
  deploy_to        = var.cloud_build.deploy ? local.prefix : null
  approval         = var.protected
}
