resource "aws_security_group" "this" {
  name_prefix            = "${var.name}-alb-"
  description            = "Load balancer of ${var.name}: 80 and 443 in, the tasks' port out"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
  tags                   = { Name = "${var.name}-alb" }

  lifecycle {
    create_before_destroy = true
  }
}

# The rule out is made with the tasks' group, by the service.
resource "aws_vpc_security_group_ingress_rule" "http" {
  # checkov:skip=CKV_AWS_260:A public service: port 80 redirects to 443; allowed_cidrs narrows it
  for_each          = var.allowed_cidrs
  security_group_id = aws_security_group.this.id
  description       = var.https ? "HTTP, redirected to HTTPS" : "HTTP"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = each.key
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each          = var.https ? var.allowed_cidrs : []
  security_group_id = aws_security_group.this.id
  description       = "HTTPS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.key
}
