# GitHub's pipelines sign in with short-lived tokens; there are no keys. A job gets a role by the GitHub environment that it
# runs in, and GitHub decides who may run there.
resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_oidc_provider ? 1 : 0
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  roles = merge(
    { push = { environment = "build", description = "Pushes images", policies = { push = data.aws_iam_policy_document.push.json } } },
    { for name in var.environments : "${name}-plan" => {
      environment = "${name}-plan"
      description = "Plans ${name}: reads, changes nothing"
      policies    = { state = data.aws_iam_policy_document.state["${name}-plan"].json, read = data.aws_iam_policy_document.read.json }
    } },
    { for name in var.environments : "${name}-apply" => {
      environment = "${name}-infra"
      description = "Applies ${name}"
      policies = {
        state   = data.aws_iam_policy_document.state["${name}-apply"].json
        read    = data.aws_iam_policy_document.read.json
        network = data.aws_iam_policy_document.apply_network.json
        service = data.aws_iam_policy_document.apply_service[name].json
        roles   = data.aws_iam_policy_document.apply_roles[name].json
      }
    } },
    { for name in var.environments : "${name}-deploy" => {
      environment = name
      description = "Deploys images to ${name}, and takes them back"
      policies    = {}
    } },
  )
}

locals {
  # What deploys an image may do what hello-dash may, all four tiers together.
  role_policies = { for name in var.environments : "${name}-deploy" => module.dash_access[name].policy_arns }
}

module "role" {
  source   = "../modules/github-oidc"
  for_each = local.roles

  name         = "${var.name}-${each.key}"
  description  = each.value.description
  environment  = each.value.environment
  policies     = each.value.policies
  policy_arns  = lookup(local.role_policies, each.key, {})
  repository   = var.repository
  provider_arn = local.oidc_provider_arn
}
