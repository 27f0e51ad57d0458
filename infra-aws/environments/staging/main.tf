provider "aws" {
  region = var.region

  default_tags {
    tags = {
      service     = "hello"
      environment = "staging"
      managed-by  = "terraform"
    }
  }
}

module "environment" {
  source = "../../modules/environment"

  environment        = "staging"
  protected          = false
  spot               = true
  access_logs        = false
  log_retention_days = 30
  zone_count         = 2

  region           = var.region
  image            = var.image
  network_mode     = var.network_mode
  egress_mode      = var.egress_mode
  vpc_cidr         = var.vpc_cidr
  nat_per_zone     = var.nat_per_zone
  https            = var.https
  certificate_arn  = var.certificate_arn
  domain_name      = var.domain_name
  zone_id          = var.zone_id
  waf              = var.waf
  cpu_architecture = var.cpu_architecture
  capacity         = var.capacity
  strategy         = var.strategy
  notify_email     = var.notify_email
  kms_key_arn      = var.kms_key_arn
  builds           = var.builds
}
