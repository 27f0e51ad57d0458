# Keys that open nothing: plans ask AWS nothing, what they would ask is given below.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  repository = { owner = "acme", owner_id = 11, name = "hello", id = 22 }
}

run "images_stay_what_they_are" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "tags never move, images are scanned"
  }
}

run "roles_by_environment" {
  command = plan

  assert {
    condition = toset(keys(module.role)) == toset([
      "push", "staging-plan", "staging-apply", "staging-deploy", "production-plan", "production-apply", "production-deploy",
    ])
    error_message = "push, and plan, apply, deploy for each environment"
  }

  assert {
    condition     = strcontains(module.role["staging-deploy"].trust, "\"staging\"") && !strcontains(module.role["staging-deploy"].trust, "production")
    error_message = "a staging job gets no production role"
  }
}

run "plan_reads_its_own_state_and_writes_none" {
  command = plan

  assert {
    condition     = !strcontains(output.policies["staging-plan-state"], "Put") && !strcontains(output.policies["staging-plan-state"], "production")
    error_message = "a plan of staging only reads staging"
  }
}

run "roles_of_environments_carry_the_boundary" {
  command = plan

  assert {
    condition = alltrue([for statement in jsondecode(output.policies["staging-apply-roles"]).Statement :
      try(statement.Condition.StringEquals["iam:PermissionsBoundary"], "") == "arn:aws:iam::123456789012:policy/hello-runtime"
      if length(setintersection(flatten([statement.Action]), ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"])) > 0
    ])
    error_message = "no role without the boundary"
  }
}

run "managed_policies_fit" {
  command = plan

  assert {
    condition     = alltrue([for document in output.policies : length(replace(document, "/\\s/", "")) <= 6144])
    error_message = "a managed policy holds 6,144 characters"
  }
}

run "existing_oidc_provider" {
  command = plan

  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "an account holds one"
  }
}

run "no_environment" {
  command = plan

  variables {
    environments = []
  }

  expect_failures = [var.environments]
}

run "too_few_images" {
  command = plan

  variables {
    keep_images = 1
  }

  expect_failures = [var.keep_images]
}
