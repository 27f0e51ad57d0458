locals {
  issuer     = "token.actions.githubusercontent.com"
  repository = var.repository
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = var.description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    # The numbers decide: a name can be given up and taken by someone else.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:repository_id"
      values   = [tostring(local.repository.id)]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:environment"
      values   = [var.environment]
    }

    # Both forms of the subject that GitHub sends, by the repository's age.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values = [
        "repo:${local.repository.owner}/${local.repository.name}:environment:${var.environment}",
        "repo:${local.repository.owner}@${local.repository.owner_id}/${local.repository.name}@${local.repository.id}:environment:${var.environment}",
      ]
    }
  }
}

resource "aws_iam_policy" "this" {
  for_each    = var.policies
  name        = "${var.name}-${each.key}"
  description = "${var.description}: ${each.key}"
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = merge({ for name, policy in aws_iam_policy.this : name => policy.arn }, var.policy_arns)
  role       = aws_iam_role.this.name
  policy_arn = each.value
}
