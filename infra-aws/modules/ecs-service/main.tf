locals {
  rolling = var.strategy == "ROLLING"
  service = "arn:aws:ecs:${var.region}:${var.account_id}:service/${var.cluster_name}/${var.name}"
}

resource "aws_ecs_cluster" "this" {
  name = var.cluster_name

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.cluster_name}/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# The shape of a task. A new revision made here (memory, variables) is not rolled out by Terraform: the next deployment
# takes it as its template. Old revisions stay ACTIVE, because they are what a rollback returns to.
resource "aws_ecs_task_definition" "this" {
  family                   = var.cluster_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  skip_destroy             = true
  track_latest             = false

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([{
    name                   = var.name
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    privileged             = false
    user                   = "65532:65532"
    stopTimeout            = 30
    portMappings           = [{ containerPort = var.port, protocol = "tcp" }]
    environment            = [for key, value in merge({ PORT = tostring(var.port) }, var.variables) : { name = key, value = value }]

    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { drop = ["ALL"] }
    }

    healthCheck = {
      command     = var.health_command
      interval    = 10
      timeout     = 3
      retries     = 3
      startPeriod = 10
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = var.name
        mode                  = "non-blocking"
        max-buffer-size       = "4m"
      }
    }
  }])

  lifecycle {
    precondition {
      condition     = (var.memory >= 2 * var.cpu && var.memory <= 8 * var.cpu)
      error_message = "memory is 2 to 8 times cpu on Fargate."
    }
  }
}

resource "aws_ecs_service" "this" {
  name                              = var.name
  cluster                           = aws_ecs_cluster.this.arn
  task_definition                   = aws_ecs_task_definition.this.arn
  desired_count                     = var.capacity.min
  platform_version                  = "LATEST"
  availability_zone_rebalancing     = "ENABLED"
  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"
  enable_execute_command            = false
  health_check_grace_period_seconds = 30

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  # A service that was rolled back is stable too: waiting for that would prove nothing.
  wait_for_steady_state = false

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = var.spot ? 0 : 1
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.spot ? [1] : []

    content {
      capacity_provider = "FARGATE_SPOT"
      base              = 0
      weight            = 1
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    enable      = true
    rollback    = true
    alarm_names = local.deployment_alarms
  }

  deployment_configuration {
    strategy             = var.strategy
    bake_time_in_minutes = local.rolling ? null : tostring(var.bake_minutes)

    dynamic "canary_configuration" {
      for_each = var.strategy == "CANARY" ? [1] : []

      content {
        canary_percent              = var.step_percent
        canary_bake_time_in_minutes = tostring(var.bake_minutes)
      }
    }

    dynamic "linear_configuration" {
      for_each = var.strategy == "LINEAR" ? [1] : []

      content {
        step_percent              = var.step_percent
        step_bake_time_in_minutes = tostring(var.bake_minutes)
      }
    }
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = var.network.assign_public_ip
  }

  load_balancer {
    target_group_arn = var.load_balancer.target_groups["blue"].arn
    container_name   = var.name
    container_port   = var.port

    dynamic "advanced_configuration" {
      for_each = local.rolling ? [] : [1]

      content {
        alternate_target_group_arn = var.load_balancer.target_groups["green"].arn
        production_listener_rule   = var.load_balancer.production_rule_arn
        role_arn                   = aws_iam_role.traffic[0].arn
      }
    }
  }

  lifecycle {
    # Deployments own what runs, scaling owns how many, and two-group deployments own which group is first. A plan never
    # undoes a redeploy or a rollback.
    ignore_changes = [task_definition, desired_count, load_balancer]
  }

  # Tasks must be able to pull and log before the first one starts, and the alarms must exist to be named.
  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy_attachment.traffic,
    aws_cloudwatch_metric_alarm.errors,
    aws_cloudwatch_metric_alarm.latency,
    aws_cloudwatch_metric_alarm.unhealthy,
    aws_vpc_security_group_egress_rule.layers,
    aws_vpc_security_group_egress_rule.endpoints,
    aws_vpc_security_group_egress_rule.internet,
  ]
}
