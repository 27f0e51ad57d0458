output "vpc_id" {
  description = "The VPC: our own or the account's default."
  value       = local.dedicated ? aws_vpc.this[0].id : data.aws_vpc.default[0].id

  precondition {
    condition     = local.dedicated || var.egress == "public"
    error_message = "the default VPC has public subnets only: network mode default needs egress public."
  }
}

output "public_subnet_ids" {
  description = "Where the load balancer stands."
  value       = local.dedicated ? [for subnet in aws_subnet.public : subnet.id] : data.aws_subnets.default[0].ids
}

output "task_subnet_ids" {
  description = "Where tasks run: private, unless egress is public."
  value = (
    !local.dedicated ? data.aws_subnets.default[0].ids :
    var.egress == "public" ? [for subnet in aws_subnet.public : subnet.id] :
    [for subnet in aws_subnet.private : subnet.id]
  )
}

output "assign_public_ip" {
  description = "Whether tasks need public addresses of their own."
  value       = var.egress == "public"
}

output "endpoint_security_group_id" {
  description = "Group of the interface endpoints; null when there are none."
  value       = one(aws_security_group.endpoints[*].id)
}

output "s3_prefix_list_id" {
  description = "Addresses of S3 behind the gateway endpoint; null when there is none."
  value       = one(aws_vpc_endpoint.s3[*].prefix_list_id)
}
