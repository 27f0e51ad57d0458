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
  target = data.aws_availability_zones.available
  values = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
}

override_data {
  target = data.aws_vpc.default
  values = { id = "vpc-default" }
}

override_data {
  target = data.aws_subnets.default
  values = { ids = ["subnet-a", "subnet-b"] }
}

variables {
  name   = "hello-test"
  region = "eu-central-1"
}

run "private_by_endpoints" {
  command = plan

  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "logs"]) && length(aws_vpc_endpoint.s3) == 1
    error_message = "tasks without internet need ECR (both), logs, and S3 for the layers"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && output.assign_public_ip == false
    error_message = "endpoints need neither NAT nor public addresses"
  }

  assert {
    condition     = jsondecode(data.aws_iam_policy_document.layers.json).Statement[0].Resource == "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"
    error_message = "the S3 endpoint lets image layers through and nothing else"
  }

  assert {
    condition     = length(distinct(concat([for s in aws_subnet.public : s.cidr_block], [for s in aws_subnet.private : s.cidr_block]))) == 4
    error_message = "two public and two private subnets, none twice"
  }
}

run "nat_for_all_zones" {
  command = plan

  variables {
    egress     = "nat"
    zone_count = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3 && length(aws_vpc_endpoint.interface) == 0
    error_message = "one gateway, used by three zones"
  }
}

run "nat_per_zone" {
  command = plan

  variables {
    egress       = "nat"
    zone_count   = 3
    nat_per_zone = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3
    error_message = "one gateway in each zone"
  }
}

run "public" {
  command = plan

  variables {
    egress = "public"
  }

  assert {
    condition     = output.assign_public_ip && length(aws_nat_gateway.this) == 0 && length(aws_vpc_endpoint.s3) == 0
    error_message = "public tasks need addresses and nothing else"
  }
}

run "default_vpc" {
  command = plan

  variables {
    mode   = "default"
    egress = "public"
  }

  assert {
    condition     = output.vpc_id == "vpc-default" && toset(output.task_subnet_ids) == toset(["subnet-a", "subnet-b"]) && length(aws_vpc.this) == 0
    error_message = "takes what the account has, and makes no network"
  }
}

run "network_acls_open_no_port_of_the_tasks_to_the_internet" {
  command = plan

  assert {
    condition     = alltrue([for rule in aws_network_acl_rule.private : rule.egress || rule.cidr_block == "10.0.0.0/16" || rule.from_port >= 1024])
    error_message = "into private subnets only returns come from anywhere"
  }
}

run "default_vpc_without_public_egress" {
  command = plan

  variables {
    mode   = "default"
    egress = "nat"
  }

  expect_failures = [output.vpc_id]
}

run "unknown_mode" {
  command = plan

  variables {
    mode = "shared"
  }

  expect_failures = [var.mode]
}

run "unknown_egress" {
  command = plan

  variables {
    egress = "proxy"
  }

  expect_failures = [var.egress]
}

run "cidr_with_host_bits" {
  command = plan

  variables {
    cidr = "10.0.0.1/16"
  }

  expect_failures = [var.cidr]
}

run "cidr_that_is_none" {
  command = plan

  variables {
    cidr = "10.0.0/16"
  }

  expect_failures = [var.cidr]
}

run "cidr_too_small" {
  command = plan

  variables {
    cidr = "10.0.0.0/28"
  }

  expect_failures = [var.cidr]
}

run "one_zone" {
  command = plan

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}
