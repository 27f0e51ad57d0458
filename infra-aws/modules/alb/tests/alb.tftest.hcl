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
  name       = "hello-test"
  region     = "eu-central-1"
  account_id = "123456789012"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b"]
}

run "http" {
  command = plan

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "fixed-response" && length(aws_lb_listener.https) == 0
    error_message = "without HTTPS, port 80 serves"
  }

  assert {
    condition     = keys(aws_lb_target_group.this) == ["blue"] && aws_lb_target_group.this["blue"].target_type == "ip"
    error_message = "one target group of addresses"
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.http) == ["0.0.0.0/0"] && length(aws_vpc_security_group_ingress_rule.https) == 0
    error_message = "only port 80 is open"
  }
}

run "https_with_a_certificate" {
  command = plan

  variables {
    https           = true
    domain_name     = "hello.example.com"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/abc"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && startswith(aws_lb_listener.https[0].ssl_policy, "ELBSecurityPolicy-TLS13")
    error_message = "port 80 redirects, 443 speaks TLS 1.3"
  }

  assert {
    condition     = output.url == "https://hello.example.com" && length(aws_acm_certificate.this) == 0
    error_message = "the given certificate is used"
  }
}

run "https_with_an_issued_certificate" {
  command = plan

  variables {
    https       = true
    domain_name = "hello.example.com"
    zone_id     = "Z0123456789ABC"
  }

  assert {
    condition     = aws_acm_certificate.this[0].domain_name == "hello.example.com" && length(aws_route53_record.proof) == 1 && length(aws_route53_record.this) == 1
    error_message = "certificate, its proof and the record are made"
  }
}

run "two_groups" {
  command = plan

  variables {
    alternate = true
  }

  assert {
    condition     = toset(keys(aws_lb_target_group.this)) == toset(["blue", "green"])
    error_message = "traffic can move between two groups"
  }
}

run "access_logs" {
  command = plan

  variables {
    access_logs = true
  }

  assert {
    condition     = length(aws_s3_bucket.logs) == 1 && aws_s3_bucket_public_access_block.logs[0].restrict_public_buckets
    error_message = "logs go to a closed bucket"
  }
}

run "https_without_certificate" {
  command = plan

  variables {
    https       = true
    domain_name = "hello.example.com"
  }

  expect_failures = [aws_lb.this]
}

run "https_without_domain" {
  command = plan

  variables {
    https           = true
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/abc"
  }

  expect_failures = [aws_lb.this]
}

run "certificate_that_is_none" {
  command = plan

  variables {
    certificate_arn = "hello.example.com"
  }

  expect_failures = [var.certificate_arn]
}

run "name_too_long" {
  command = plan

  variables {
    name = "a-name-of-twenty-seven-chars"
  }

  expect_failures = [var.name]
}

run "range_that_is_none" {
  command = plan

  variables {
    allowed_cidrs = ["everyone"]
  }

  expect_failures = [var.allowed_cidrs]
}
