resource "aws_security_group" "tasks" {
  name_prefix            = "${var.cluster_name}-tasks-"
  description            = "Tasks of ${var.name}: only the load balancer in, only what pulling and logging needs out"
  vpc_id                 = var.network.vpc_id
  revoke_rules_on_delete = true
  tags                   = { Name = "${var.cluster_name}-tasks" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "Requests from the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
  referenced_security_group_id = var.load_balancer.security_group_id
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = var.load_balancer.security_group_id
  description                  = "Requests to the tasks of ${var.name}"
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
  referenced_security_group_id = aws_security_group.tasks.id
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  count                        = var.network.egress == "endpoints" ? 1 : 0
  security_group_id            = aws_security_group.tasks.id
  description                  = "HTTPS to the VPC endpoints"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = var.network.endpoint_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count                        = var.network.egress == "endpoints" ? 1 : 0
  security_group_id            = var.network.endpoint_security_group_id
  description                  = "HTTPS from the tasks of ${var.name}"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.tasks.id
}

# Image layers come from S3, through the gateway endpoint.
resource "aws_vpc_security_group_egress_rule" "layers" {
  count             = var.network.egress == "endpoints" ? 1 : 0
  security_group_id = aws_security_group.tasks.id
  description       = "HTTPS to S3, for image layers"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.network.s3_prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  count             = var.network.egress == "endpoints" ? 0 : 1
  security_group_id = aws_security_group.tasks.id
  description       = "HTTPS out: registry, logs"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
