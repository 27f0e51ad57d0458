variable "name" {
  description = "Name of the web ACL."
  type        = string
}

variable "load_balancer_arn" {
  description = "Load balancer that it protects."
  type        = string
}

variable "requests_per_5_minutes" {
  description = "How many requests one address may send in five minutes: 10 to 2,000,000,000."
  type        = number
  default     = 2000

  validation {
    condition     = var.requests_per_5_minutes >= 10 && var.requests_per_5_minutes <= 2000000000
    error_message = "requests_per_5_minutes is between 10 and 2,000,000,000."
  }
}

variable "log_retention_days" {
  description = "How long lines about blocked requests are kept."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "Customer managed key for the log; null leaves it to the key that AWS owns."
  type        = string
  default     = null
}
