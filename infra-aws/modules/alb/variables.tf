variable "name" {
  description = "Name of the load balancer and prefix of its parts; at most 26 characters, so that target groups fit in 32."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,25}$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name is 1 to 26 lower-case letters, digits or hyphens, begins with a letter and not with internal-."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets in at least two zones."
  type        = list(string)
}

variable "allowed_cidrs" {
  description = "Who may reach the service."
  type        = set(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.allowed_cidrs) > 0 && alltrue([for cidr in var.allowed_cidrs : can(cidrnetmask(cidr))])
    error_message = "allowed_cidrs holds at least one IPv4 range, such as 203.0.113.0/24."
  }
}

variable "port" {
  description = "Port on which tasks listen."
  type        = number
  default     = 8080
}

variable "health_path" {
  description = "Path that says whether a task is ready."
  type        = string
  default     = "/readyz"

  validation {
    condition     = startswith(var.health_path, "/")
    error_message = "health_path begins with a slash."
  }
}

variable "https" {
  description = "Serve HTTPS, and only redirect on port 80. Needs domain_name, and certificate_arn or zone_id."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "An existing certificate in ACM; null to have one issued for domain_name."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "certificate_arn is the ARN of a certificate in ACM."
  }
}

variable "domain_name" {
  description = "Name under which people reach the service; null for the load balancer's own."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name is a lower-case host name, such as hello.example.com."
  }
}

variable "zone_id" {
  description = "Route 53 zone that gets the record of domain_name, and the proof for its certificate; null when DNS is elsewhere."
  type        = string
  default     = null
}

variable "alternate" {
  description = "Add a second target group, which canary, linear and blue/green deployments move traffic to."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer."
  type        = bool
  default     = false
}

variable "access_logs" {
  description = "Keep a line per request in a bucket of its own."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long access logs are kept."
  type        = number
  default     = 90
}

variable "account_id" {
  description = "Account, for the name and the policy of the log bucket."
  type        = string
}

variable "region" {
  description = "Region, for the policy of the log bucket."
  type        = string
}
