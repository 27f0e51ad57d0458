locals {
  private_endpoints = local.dedicated && var.egress == "endpoints"
}

resource "aws_security_group" "endpoints" {
  count                  = local.private_endpoints ? 1 : 0
  name_prefix            = "${var.name}-endpoints-"
  description            = "VPC endpoints of ${var.name}: HTTPS from the tasks only"
  vpc_id                 = aws_vpc.this[0].id
  revoke_rules_on_delete = true
  tags                   = { Name = "${var.name}-endpoints" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each            = local.private_endpoints ? toset(["ecr.api", "ecr.dkr", "logs"]) : []
  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints[0].id]
  tags                = { Name = "${var.name}-${each.key}" }
}

# ECR keeps image layers in S3: without this, pulling hangs. It costs nothing, so NAT has it too.
resource "aws_vpc_endpoint" "s3" {
  count             = local.dedicated && var.egress != "public" ? 1 : 0
  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  policy            = data.aws_iam_policy_document.layers.json
  tags              = { Name = "${var.name}-s3" }
}

data "aws_iam_policy_document" "layers" {
  statement {
    sid       = "ImageLayersOnly"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::prod-${var.region}-starport-layer-bucket/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
