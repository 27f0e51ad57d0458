variable "name" {
  description = "Prefix of every name in the network, such as hello-staging."
  type        = string
}

variable "region" {
  description = "Region, for the names of the endpoint services."
  type        = string
}

variable "mode" {
  description = "dedicated: a VPC of its own. default: the account's default VPC, where tasks have public addresses."
  type        = string
  default     = "dedicated"

  validation {
    condition     = contains(["dedicated", "default"], var.mode)
    error_message = "network mode is dedicated or default."
  }
}

variable "egress" {
  description = "How tasks reach ECR, S3 and CloudWatch Logs: endpoints (private, no internet), nat (private, internet out) or public (own public addresses)."
  type        = string
  default     = "endpoints"

  validation {
    condition     = contains(["endpoints", "nat", "public"], var.egress)
    error_message = "egress is endpoints, nat or public."
  }
}

variable "cidr" {
  description = "IPv4 range of the VPC, /16 to /24; it is cut into sixteen equal parts."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr is an IPv4 range whose host bits are zero, such as 10.0.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr is between /16 and /24."
  }
}

variable "zone_count" {
  description = "Over how many availability zones the subnets are spread: 2 or 3 (a load balancer needs two)."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count is 2 or 3."
  }
}

variable "nat_per_zone" {
  description = "One NAT gateway per zone (survives the loss of a zone) instead of one for all."
  type        = bool
  default     = false
}

variable "flow_logs" {
  description = "Write accepted and rejected flows of the dedicated VPC to CloudWatch Logs."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "How long flow logs are kept."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "Customer managed key for the flow logs; null leaves them to the key that AWS owns."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role that writes flow logs; null for none."
  type        = string
  default     = null
}
