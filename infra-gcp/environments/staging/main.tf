provider "google" {
  project = var.project
  region  = var.region

  default_labels = {
    service     = "hello"
    environment = "staging"
  }
}

module "environment" {
  source = "../../modules/environment"

  environment        = "staging"
  protected          = false
  log_retention_days = 30

  project      = var.project
  region       = var.region
  image        = var.image
  instances    = var.instances
  public       = var.public
  domain_mode  = var.domain_mode
  domain_name  = var.domain_name
  waf          = var.waf
  notify_email = var.notify_email
  operators    = var.operators
  cloud_build  = var.cloud_build
  github       = var.github
}
