provider "google" {
  project = var.project
  region  = var.region

  default_labels = {
    service     = "hello"
    environment = "production"
  }
}

module "environment" {
  source = "../../modules/environment"

  environment        = "production"
  protected          = true
  log_retention_days = 365

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
