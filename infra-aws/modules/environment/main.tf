locals {
  prefix         = "${var.name}-${var.environment}"
  account_id     = data.aws_caller_identity.current.account_id
  repository_arn = "arn:aws:ecr:${var.region}:${local.account_id}:repository/${var.repository_name}"
  boundary_arn   = var.permissions_boundary ? "arn:aws:iam::${local.account_id}:policy/${var.name}-runtime" : null
}

data "aws_caller_identity" "current" {}

module "network" {
  source = "../network"

  name                     = local.prefix
  region                   = var.region
  mode                     = var.network_mode
  egress                   = var.egress_mode
  cidr                     = var.vpc_cidr
  zone_count               = var.zone_count
  nat_per_zone             = var.nat_per_zone
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = local.boundary_arn
}

module "alb" {
  source = "../alb"

  name                = local.prefix
  region              = var.region
  account_id          = local.account_id
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  allowed_cidrs       = var.allowed_cidrs
  https               = var.https
  certificate_arn     = var.certificate_arn
  domain_name         = var.domain_name
  zone_id             = var.zone_id
  alternate           = var.strategy != "ROLLING"
  access_logs         = var.access_logs
  deletion_protection = var.protected
}

module "waf" {
  source = "../waf"
  count  = var.waf ? 1 : 0

  name               = local.prefix
  load_balancer_arn  = module.alb.arn
  log_retention_days = var.log_retention_days
  kms_key_arn        = var.kms_key_arn
}

module "service" {
  source = "../ecs-service"

  name                     = var.name
  cluster_name             = local.prefix
  region                   = var.region
  account_id               = local.account_id
  image                    = var.image
  repository_arn           = local.repository_arn
  cpu_architecture         = var.cpu_architecture
  cpu                      = var.cpu
  memory                   = var.memory
  spot                     = var.spot
  capacity                 = var.capacity
  strategy                 = var.strategy
  notify_email             = var.notify_email
  log_retention_days       = var.log_retention_days
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = local.boundary_arn

  network = {
    vpc_id                     = module.network.vpc_id
    subnet_ids                 = module.network.task_subnet_ids
    assign_public_ip           = module.network.assign_public_ip
    egress                     = var.egress_mode
    endpoint_security_group_id = module.network.endpoint_security_group_id
    s3_prefix_list_id          = module.network.s3_prefix_list_id
  }

  load_balancer = {
    arn_suffix          = module.alb.arn_suffix
    security_group_id   = module.alb.security_group_id
    production_rule_arn = module.alb.production_rule_arn
    target_groups       = module.alb.target_groups
  }
}
