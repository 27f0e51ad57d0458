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
  cluster_name   = "hello-staging"
  service_name   = "hello"
  region         = "eu-central-1"
  account_id     = "123456789012"
  repository_arn = "arn:aws:ecr:eu-central-1:123456789012:repository/hello"
  role_arns      = ["arn:aws:iam::123456789012:role/hello-staging-execution", "arn:aws:iam::123456789012:role/hello-staging-task"]
}

run "viewer_changes_nothing" {
  command = plan

  assert {
    condition = alltrue(flatten([for statement in jsondecode(output.documents["viewer"]).Statement :
      [for action in flatten([statement.Action]) : can(regex("^(ecs|ecr|elasticloadbalancing|logs):(Describe|List|FilterLog)[A-Za-z]+$", action))]
    ]))
    error_message = "looking is describing and listing"
  }

  assert {
    condition = [for statement in jsondecode(output.documents["viewer"]).Statement : statement.Resource if statement.Action == "logs:FilterLogEvents"] == [
      "arn:aws:logs:eu-central-1:123456789012:log-group:/ecs/hello-staging/hello:*"
    ]
    error_message = "the logs of this service and no other"
  }
}

run "roll_back_stays_with_the_family" {
  command = plan

  assert {
    condition = jsondecode(output.documents["roll-back"]).Statement == [{
      Sid      = "RollBack"
      Effect   = "Allow"
      Action   = "ecs:UpdateService"
      Resource = "arn:aws:ecs:eu-central-1:123456789012:service/hello-staging/hello"
      Condition = {
        ArnLikeIfExists      = { "ecs:task-definition" = "arn:aws:ecs:eu-central-1:123456789012:task-definition/hello-staging:*" }
        StringEqualsIfExists = { "ecs:enable-execute-command" = "false" }
      }
    }]
    error_message = "one service, one family, no shell"
  }
}

run "abort_only_aborts" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(output.documents["abort"]).Statement : statement.Action] == ["ecs:StopServiceDeployment"]
    error_message = "aborting is stopping a deployment"
  }
}

run "deploy_tags_only_what_it_registers" {
  command = plan

  assert {
    condition = [for statement in jsondecode(output.documents["deploy"]).Statement : statement if statement.Action == "ecs:TagResource"] == [{
      Sid       = "TagWhatItRegisters"
      Effect    = "Allow"
      Action    = "ecs:TagResource"
      Resource  = "arn:aws:ecs:eu-central-1:123456789012:task-definition/hello-staging:*"
      Condition = { StringEquals = { "ecs:CreateAction" = "RegisterTaskDefinition" } }
    }]
    error_message = "definitions of this family, while they are registered"
  }
}

run "deploy_passes_two_roles" {
  command = plan

  assert {
    condition = [for statement in jsondecode(output.documents["deploy"]).Statement : statement.Resource if statement.Action == "iam:PassRole"] == [
      ["arn:aws:iam::123456789012:role/hello-staging-execution", "arn:aws:iam::123456789012:role/hello-staging-task"]
    ]
    error_message = "the roles of the tasks and no other"
  }
}
