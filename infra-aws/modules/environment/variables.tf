# What an environment can choose. Everything else follows from the name, or is a default of a module below.
variable "name" {
  description = "The service, such as hello."
  type        = string
  default     = "hello"
}

variable "environment" {
  description = "The environment, such as staging; with the name it makes the prefix of everything, such as hello-staging."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,14}$", var.environment))
    error_message = "environment is 1 to 15 lower-case letters, digits or hyphens."
  }
}

variable "region" {
  description = "Region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is an AWS region, such as eu-central-1."
  }
}

variable "image" {
  description = "The first image, by digest or tag, in the repository that bootstrap made."
  type        = string
}

variable "repository_name" {
  description = "ECR repository that bootstrap made."
  type        = string
  default     = "hello"
}

variable "network_mode" {
  description = "dedicated or default VPC."
  type        = string
  default     = "dedicated"
}

variable "egress_mode" {
  description = "endpoints, nat or public."
  type        = string
  default     = "endpoints"
}

variable "vpc_cidr" {
  description = "IPv4 range of the dedicated VPC."
  type        = string
  default     = "10.0.0.0/16"
}

variable "zone_count" {
  description = "Over how many zones: 2 or 3."
  type        = number
  default     = 2
}

variable "nat_per_zone" {
  description = "One NAT gateway per zone."
  type        = bool
  default     = false
}

variable "allowed_cidrs" {
  description = "Who may reach the service."
  type        = set(string)
  default     = ["0.0.0.0/0"]
}

variable "https" {
  description = "Serve HTTPS; needs domain_name, and certificate_arn or zone_id."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "An existing certificate in ACM."
  type        = string
  default     = null
}

variable "domain_name" {
  description = "Name under which people reach the service."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "Route 53 zone of the domain."
  type        = string
  default     = null
}

variable "waf" {
  description = "Put AWS WAF before the load balancer."
  type        = bool
  default     = false
}

variable "cpu_architecture" {
  description = "X86_64 or ARM64."
  type        = string
  default     = "X86_64"
}

variable "cpu" {
  description = "CPU units of a task."
  type        = number
  default     = 256
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
  default     = 512
}

variable "spot" {
  description = "Use Fargate Spot beyond the first task."
  type        = bool
  default     = false
}

variable "capacity" {
  description = "Tasks at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }
}

variable "strategy" {
  description = "ROLLING, CANARY, LINEAR or BLUE_GREEN."
  type        = string
  default     = "ROLLING"
}

variable "notify_email" {
  description = "Address that gets deployment events and alarms."
  type        = string
  default     = null
}

variable "access_logs" {
  description = "Keep the load balancer's access log."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30
}

variable "kms_key_arn" {
  description = "Customer managed key for logs and topic; null for keys that AWS owns."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "Give roles the boundary that bootstrap made (NAME-runtime). The apply role can make none without it."
  type        = bool
  default     = true
}

variable "protected" {
  description = "Refuse to delete the load balancer, keep its logs, and have hello-dash ask for the service's name before a change."
  type        = bool
  default     = false
}

variable "builds" {
  description = "Where images are built, as hello-dash names it: owner/name and branch on GitHub. Null for nowhere."
  type        = object({ github = string, branch = optional(string, "main") })
  default     = null

  validation {
    condition     = var.builds == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.builds.github))
    error_message = "builds.github is owner/name."
  }
}
