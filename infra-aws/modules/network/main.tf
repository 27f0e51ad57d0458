locals {
  dedicated = var.mode == "dedicated"
  zones     = local.dedicated ? slice(sort(data.aws_availability_zones.available[0].names), 0, var.zone_count) : []
  # Zones that have a NAT gateway.
  nat_zones = local.dedicated && var.egress == "nat" ? slice(local.zones, 0, var.nat_per_zone ? var.zone_count : 1) : []
}

data "aws_availability_zones" "available" {
  # checkov:skip=CKV_AWS_394:Sorted and cut to zone_count; zones are added behind the last letter
  count = local.dedicated ? 1 : 0
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_vpc" "default" {
  count   = local.dedicated ? 0 : 1
  default = true
}

data "aws_subnets" "default" {
  count = local.dedicated ? 0 : 1

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

resource "aws_vpc" "this" {
  count                = local.dedicated ? 1 : 0
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = var.name }
}

# Without rules: nothing may use it by accident.
resource "aws_default_security_group" "closed" {
  count  = local.dedicated ? 1 : 0
  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-default-closed" }
}

resource "aws_subnet" "public" {
  for_each          = toset(local.zones)
  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, index(local.zones, each.key))
  # A task asks for its public address itself; nothing else gets one.
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each                = toset(local.zones)
  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 4, 8 + index(local.zones, each.key))
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-private-${each.key}" }
}
