# What deploys an image is what hello-dash may do, all four tiers together.
module "dash_access" {
  source   = "../modules/dash-access"
  for_each = var.environments

  cluster_name   = "${var.name}-${each.key}"
  service_name   = var.name
  region         = var.region
  account_id     = local.account_id
  repository_arn = local.repository_arn
  role_arns      = [for role in ["execution", "task"] : "arn:aws:iam::${local.account_id}:role/${var.name}-${each.key}-${role}"]
}
