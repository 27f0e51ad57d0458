# Keys that open nothing: plans ask AWS nothing, what they would ask is given below.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name         = "hello-staging-deploy"
  description  = "Deploys"
  provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  repository   = { owner = "acme", owner_id = 11, name = "hello", id = 22 }
  environment  = "staging"
}

run "trust" {
  command = plan

  assert {
    condition = jsondecode(output.trust).Statement[0].Condition.StringEquals == {
      "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:repository_id" = "22"
      "token.actions.githubusercontent.com:environment"   = "staging"
      "token.actions.githubusercontent.com:sub"           = ["repo:acme/hello:environment:staging", "repo:acme@11/hello@22:environment:staging"]
    }
    error_message = "this repository by number, this environment, and both forms of the subject"
  }

  assert {
    condition     = aws_iam_role.this.max_session_duration == 3600
    error_message = "an hour at most"
  }
}

run "id_missing" {
  command = plan

  variables {
    repository = { owner = "acme", owner_id = 11, name = "hello", id = 0 }
  }

  expect_failures = [var.repository]
}

run "environment_with_a_wildcard" {
  command = plan

  variables {
    environment = "*"
  }

  expect_failures = [var.environment]
}
