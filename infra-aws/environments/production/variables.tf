# Rules for the values stand with the modules that use them.
variable "region" {
  description = "Region."
  type        = string
  default     = "eu-central-1"
}

variable "image" {
  description = "The first image, by digest or tag; deployments own it afterwards."
  type        = string
}

variable "network_mode" {
  description = "dedicated: a VPC of its own. default: the account's default VPC (needs egress_mode public)."
  type        = string
  default     = "dedicated"
}

variable "egress_mode" {
  description = "How tasks reach registry and logs: endpoints (private), nat or public."
  type        = string
  default     = "endpoints"
}

variable "vpc_cidr" {
  description = "IPv4 range of the dedicated VPC, /16 to /24."
  type        = string
  default     = "10.20.0.0/16"
}

variable "nat_per_zone" {
  description = "With egress_mode nat: one gateway per zone instead of one for all."
  type        = bool
  default     = true
}

variable "https" {
  description = "Serve HTTPS; needs domain_name, and certificate_arn or zone_id."
  type        = bool
  default     = true
}

variable "certificate_arn" {
  description = "An existing certificate in ACM; null to have one issued."
  type        = string
  default     = null
}

variable "domain_name" {
  description = "Name under which people reach the service; null for the load balancer's own."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "Route 53 zone of domain_name; null when DNS is elsewhere."
  type        = string
  default     = null
}

variable "waf" {
  description = "Put AWS WAF before the load balancer."
  type        = bool
  default     = true
}

variable "cpu_architecture" {
  description = "X86_64 or ARM64, as the image was built."
  type        = string
  default     = "X86_64"
}

variable "capacity" {
  description = "Tasks at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }
}

variable "strategy" {
  description = "How a deployment replaces tasks: ROLLING, CANARY, LINEAR or BLUE_GREEN."
  type        = string
  default     = "ROLLING"
}

variable "notify_email" {
  description = "Address that gets deployment events and alarms; null for none."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "Customer managed key for logs and topic; null for keys that AWS owns."
  type        = string
  default     = null
}

variable "builds" {
  description = "Where images are built, for hello-dash: { github = \"owner/name\", branch = \"main\" }; null for nowhere."
  type        = object({ github = string, branch = optional(string, "main") })
  default     = null
}
