provider "aws" {
  region = var.region

  default_tags {
    tags = {
      service    = var.name
      managed-by = "terraform"
    }
  }
}

data "aws_caller_identity" "current" {}

locals {
  account_id   = data.aws_caller_identity.current.account_id
  state_bucket = "${var.name}-terraform-${local.account_id}"

  # ARNs from names: policies can be read and tested before anything exists.
  state_arn         = "arn:aws:s3:::${local.state_bucket}"
  repository_arn    = "arn:aws:ecr:${var.region}:${local.account_id}:repository/${var.name}"
  boundary_arn      = "arn:aws:iam::${local.account_id}:policy/${var.name}-runtime"
  oidc_provider_arn = "arn:aws:iam::${local.account_id}:oidc-provider/token.actions.githubusercontent.com"
}
