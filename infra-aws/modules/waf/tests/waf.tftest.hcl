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
  name              = "hello-test"
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/hello-test/0123456789abcdef"
}

run "rules" {
  command = plan

  assert {
    condition     = length(distinct([for rule in aws_wafv2_web_acl.this.rule : rule.priority])) == 4
    error_message = "three managed groups and the rate, each in its place"
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.this.name, "aws-waf-logs-")
    error_message = "WAF logs only to groups of this prefix"
  }
}

run "rate_too_low" {
  command = plan

  variables {
    requests_per_5_minutes = 1
  }

  expect_failures = [var.requests_per_5_minutes]
}
