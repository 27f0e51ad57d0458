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
  name           = "hello"
  cluster_name   = "hello-test"
  region         = "eu-central-1"
  account_id     = "123456789012"
  image          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello:0a1b2c3"
  repository_arn = "arn:aws:ecr:eu-central-1:123456789012:repository/hello"

  network = {
    vpc_id                     = "vpc-1"
    subnet_ids                 = ["subnet-a", "subnet-b"]
    assign_public_ip           = false
    egress                     = "endpoints"
    endpoint_security_group_id = "sg-endpoints"
    s3_prefix_list_id          = "pl-1"
  }

  load_balancer = {
    arn_suffix          = "app/hello-test/1"
    security_group_id   = "sg-alb"
    production_rule_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/hello-test/1/2/3"
    target_groups = {
      blue  = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hello-test-blue/1", arn_suffix = "targetgroup/hello-test-blue/1" }
      green = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hello-test-green/1", arn_suffix = "targetgroup/hello-test-green/1" }
    }
  }
}

run "rolling" {
  command = plan

  assert {
    condition     = aws_ecs_service.this.deployment_configuration[0].strategy == "ROLLING" && aws_ecs_service.this.deployment_circuit_breaker[0].rollback && aws_ecs_service.this.alarms[0].rollback
    error_message = "rolling, taken back by breaker and alarms"
  }

  assert {
    condition     = aws_ecs_service.this.alarms[0].alarm_names == toset(["hello-test-errors-blue", "hello-test-latency-blue", "hello-test-unhealthy-blue"])
    error_message = "the alarms that it names are those of the one group"
  }

  assert {
    condition     = aws_appautoscaling_policy.requests.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/hello-test/1/targetgroup/hello-test-blue/1"
    error_message = "scales on requests per target"
  }

  assert {
    condition     = length(aws_iam_role.traffic) == 0
    error_message = "a rolling service moves no traffic, so nothing may"
  }
}

run "old_revisions_stay" {
  command = plan

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy && aws_ecs_task_definition.this.track_latest == false
    error_message = "rollbacks need the old definitions"
  }

  assert {
    condition     = aws_ecs_service.this.enable_execute_command == false
    error_message = "no shell"
  }
}

run "container" {
  command = plan

  assert {
    condition = alltrue([for container in jsondecode(aws_ecs_task_definition.this.container_definitions) :
      container.readonlyRootFilesystem && container.user == "65532:65532" && container.linuxParameters.capabilities.drop == ["ALL"]
    ])
    error_message = "read-only, not root, no capabilities"
  }
}

run "tasks_reach_endpoints_and_layers_only" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.internet) == 0 && length(aws_vpc_security_group_egress_rule.endpoints) == 1 && aws_vpc_security_group_egress_rule.layers[0].prefix_list_id == "pl-1"
    error_message = "out to endpoints and S3, not to the internet"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer.referenced_security_group_id == "sg-alb"
    error_message = "in from the load balancer only"
  }
}

run "canary" {
  command = plan

  variables {
    strategy     = "CANARY"
    step_percent = 10
  }

  assert {
    condition     = aws_ecs_service.this.deployment_configuration[0].canary_configuration[0].canary_percent == 10 && length(aws_iam_role.traffic) == 1
    error_message = "a tenth first, by a role that may move traffic"
  }

  assert {
    condition     = length(aws_appautoscaling_policy.requests.target_tracking_scaling_policy_configuration[0].predefined_metric_specification) == 0
    error_message = "the ready-made metric is not supported between two groups"
  }

  assert {
    condition     = [for m in aws_appautoscaling_policy.requests.target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metrics : m.expression if m.return_data] == ["FILL(blue, 0) + FILL(green, 0)"]
    error_message = "scales on the requests of both groups"
  }

  assert {
    condition     = length(aws_ecs_service.this.alarms[0].alarm_names) == 6
    error_message = "watches both groups"
  }
}

run "linear" {
  command = plan

  variables {
    strategy = "LINEAR"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_configuration[0].linear_configuration[0].step_percent == 20
    error_message = "in steps of a fifth"
  }
}

run "blue_green" {
  command = plan

  variables {
    strategy = "BLUE_GREEN"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_configuration[0].bake_time_in_minutes == "5" && length(aws_ecs_service.this.deployment_configuration[0].canary_configuration) == 0
    error_message = "all at once, old tasks kept for a while"
  }
}

run "spot_beyond_the_first" {
  command = plan

  variables {
    spot = true
  }

  assert {
    condition     = { for s in aws_ecs_service.this.capacity_provider_strategy : s.capacity_provider => "${s.base} ${s.weight}" } == { FARGATE = "1 0", FARGATE_SPOT = "0 1" }
    error_message = "one task on demand, the others on Spot"
  }
}

run "arm64" {
  command = plan

  variables {
    cpu_architecture = "ARM64"
  }

  assert {
    condition     = aws_ecs_task_definition.this.runtime_platform[0].cpu_architecture == "ARM64"
    error_message = "as the image was built"
  }
}

run "unknown_strategy" {
  command = plan

  variables {
    strategy = "rolling"
  }

  expect_failures = [var.strategy]
}

run "unknown_architecture" {
  command = plan

  variables {
    cpu_architecture = "amd64"
  }

  expect_failures = [var.cpu_architecture]
}

run "no_image" {
  command = plan

  variables {
    image = ""
  }

  expect_failures = [var.image]
}

run "image_without_tag" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello"
  }

  expect_failures = [var.image]
}

run "image_latest" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello:latest"
  }

  expect_failures = [var.image]
}

run "memory_that_fargate_does_not_sell" {
  command = plan

  variables {
    memory = 4096
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "root_port" {
  command = plan

  variables {
    port = 80
  }

  expect_failures = [var.port]
}

run "capacity_upside_down" {
  command = plan

  variables {
    capacity = { min = 3, max = 2 }
  }

  expect_failures = [var.capacity]
}
