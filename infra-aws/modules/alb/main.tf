locals {
  # Known before anything exists, so that counts may depend on it.
  issue_certificate = var.https && var.certificate_arn == null
  certificate_arn   = local.issue_certificate ? one(aws_acm_certificate_validation.this[*].certificate_arn) : var.certificate_arn
  target_groups     = var.alternate ? toset(["blue", "green"]) : toset(["blue"])
}

# It serves the public: that is what it is for.
#trivy:ignore:AWS-0053
resource "aws_lb" "this" {
  # checkov:skip=CKV_AWS_150:deletion_protection is set by the environment: production is protected
  # checkov:skip=CKV2_AWS_28:WAF is the environment's choice: on in production
  # checkov:skip=CKV2_AWS_20:With https the listener redirects; the check cannot follow the variable
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection
  # The service keeps idle connections longer than this, so that it is never the one who closes first.
  idle_timeout = 60

  dynamic "access_logs" {
    for_each = aws_s3_bucket.logs

    content {
      bucket  = access_logs.value.id
      enabled = true
    }
  }

  lifecycle {
    precondition {
      condition     = !var.https || (var.domain_name != null && (var.certificate_arn != null || var.zone_id != null))
      error_message = "https needs domain_name and a certificate for it: give certificate_arn, or zone_id to have one issued."
    }
  }

  # The balancer writes a first log object when it is made.
  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378:TLS ends at the load balancer; the way to the tasks is inside the VPC, opened by security groups
  for_each             = local.target_groups
  name                 = "${var.name}-${each.key}"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = var.port
  deregistration_delay = 30

  health_check {
    path                = var.health_path
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

# See CKV_AWS_2 below.
#trivy:ignore:AWS-0054
resource "aws_lb_listener" "http" {
  # checkov:skip=CKV_AWS_2:Redirects when https is set; plain HTTP is for trying out, without a domain
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = var.https ? "redirect" : "fixed-response"

    dynamic "redirect" {
      for_each = var.https ? [1] : []

      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }

    dynamic "fixed_response" {
      for_each = var.https ? [] : [1]

      content {
        content_type = "text/plain"
        message_body = "not found"
        status_code  = "404"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count             = var.https ? 1 : 0
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not found"
      status_code  = "404"
    }
  }
}

# Canary, linear and blue/green deployments move the weights: they are theirs, Terraform only sets the first ones.
resource "aws_lb_listener_rule" "production" {
  listener_arn = var.https ? aws_lb_listener.https[0].arn : aws_lb_listener.http.arn
  priority     = 100

  action {
    type = "forward"

    forward {
      dynamic "target_group" {
        for_each = aws_lb_target_group.this

        content {
          arn    = target_group.value.arn
          weight = target_group.key == "blue" ? 100 : 0
        }
      }
    }
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }

  lifecycle {
    ignore_changes = [action]
  }
}
