variable "name" {
  description = "The Cloud Run service, and prefix of every name."
  type        = string
}

variable "project" {
  description = "Project."
  type        = string
}

variable "region" {
  description = "Region of the service, and of its log bucket."
  type        = string
}

variable "host" {
  description = "Host that the uptime check asks; null for no check (a service that is not public answers 403)."
  type        = string
  default     = null
}

variable "uptime_check" {
  description = "Ask the service from outside every minute."
  type        = bool
  default     = true
}

variable "max_instances" {
  description = "Instances at most; the alert comes at 80 % of them."
  type        = number
}

variable "limits" {
  description = "When alerts come: share of answers 5xx, and slowest twentieth in milliseconds."
  type        = object({ error_share = optional(number, 0.05), p95_milliseconds = optional(number, 1000) })
  default     = {}
}

variable "notify_email" {
  description = "Address that gets alerts; null for none (they still show in the console)."
  type        = string
  default     = null

  validation {
    condition     = var.notify_email == null || can(regex("^[^@[:space:]]+@[^@[:space:]]+$", var.notify_email))
    error_message = "notify_email is an e-mail address."
  }
}

variable "log_retention_days" {
  description = "How long the service's log is kept: 1 to 3650 days."
  type        = number
  default     = 30

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 3650
    error_message = "log_retention_days is 1 to 3650."
  }
}
