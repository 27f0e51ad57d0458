# Network ACLs are stateless: what goes out on 443 comes back on a port between 1024 and 65535. Names (DNS) are answered
# by the VPC itself, which ACLs do not filter.
locals {
  anywhere = "0.0.0.0/0"

  public_rules = local.dedicated ? {
    http-in     = { number = 100, egress = false, from = 80, to = 80, cidr = local.anywhere }
    https-in    = { number = 110, egress = false, from = 443, to = 443, cidr = local.anywhere }
    returns-in  = { number = 120, egress = false, from = 1024, to = 65535, cidr = local.anywhere }
    https-out   = { number = 100, egress = true, from = 443, to = 443, cidr = local.anywhere }
    returns-out = { number = 110, egress = true, from = 1024, to = 65535, cidr = local.anywhere }
  } : {}

  private_rules = local.dedicated ? {
    https-in    = { number = 100, egress = false, from = 443, to = 443, cidr = var.cidr }
    returns-in  = { number = 110, egress = false, from = 1024, to = 65535, cidr = local.anywhere }
    https-out   = { number = 100, egress = true, from = 443, to = 443, cidr = local.anywhere }
    returns-out = { number = 110, egress = true, from = 1024, to = 65535, cidr = var.cidr }
  } : {}
}

resource "aws_network_acl" "public" {
  count      = local.dedicated ? 1 : 0
  vpc_id     = aws_vpc.this[0].id
  subnet_ids = [for subnet in aws_subnet.public : subnet.id]
  tags       = { Name = "${var.name}-public" }
}

# Returns come back on any high port, 3389 too. Nothing listens there, and security groups open only what is listed.
#trivy:ignore:AWS-0105
resource "aws_network_acl_rule" "public" {
  for_each       = local.public_rules
  network_acl_id = aws_network_acl.public[0].id
  rule_number    = each.value.number
  egress         = each.value.egress
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

resource "aws_network_acl" "private" {
  count      = local.dedicated ? 1 : 0
  vpc_id     = aws_vpc.this[0].id
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
  tags       = { Name = "${var.name}-private" }
}

# Returns come back on any high port, 3389 too; no route leads in from the internet.
#trivy:ignore:AWS-0105
resource "aws_network_acl_rule" "private" {
  for_each       = local.private_rules
  network_acl_id = aws_network_acl.private[0].id
  rule_number    = each.value.number
  egress         = each.value.egress
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}
