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
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}$", var.environment))
    error_message = "environment is 1 to 15 lower-case letters, digits or hyphens and begins with a letter."
  }
}

variable "project" {
  description = "Project, where bootstrap was applied."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project's id (not its number or title), such as acme-staging."
  }
}

variable "region" {
  description = "Region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a Google Cloud region, such as europe-west1."
  }
}

variable "image" {
  description = "The first image, by digest or tag, in the repository that bootstrap made."
  type        = string
}

variable "instances" {
  description = "Instances at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 0, max = 5 }
}

variable "public" {
  description = "Whether anyone may call the service without signing in."
  type        = bool
  default     = true
}

variable "domain_mode" {
  description = "none: Cloud Run's own address. load_balancer: a domain on an HTTPS load balancer. mapping: a domain mapped to the service (cheap, few regions, domain verified beforehand)."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "load_balancer", "mapping"], var.domain_mode)
    error_message = "domain_mode is none, load_balancer or mapping."
  }
}

variable "domain_name" {
  description = "Name under which people reach the service, with domain_mode load_balancer or mapping."
  type        = string
  default     = null
}

variable "waf" {
  description = "Put Cloud Armor before the load balancer."
  type        = bool
  default     = false
}

variable "notify_email" {
  description = "Address that gets alerts."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How long the service's log is kept."
  type        = number
  default     = 30
}

variable "operators" {
  description = "Who may redeploy and roll back with hello-dash, such as group:ops@example.com; the same as in bootstrap."
  type        = set(string)
  default     = []
}

variable "cloud_build" {
  description = "Build with Cloud Build: the connected repository, and whether its builds deploy. Null for GitHub Actions."
  type        = object({ repository = string, deploy = optional(bool, false) })
  default     = null
}

variable "github" {
  description = "Where GitHub Actions builds images, for hello-dash: owner/name and branch. Null for nowhere."
  type        = object({ github = string, branch = optional(string, "main") })
  default     = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github.github))
    error_message = "github.github is owner/name."
  }
}

variable "protected" {
  description = "Refuse to delete the service, have each build approved, and have hello-dash ask for the service's name before a change."
  type        = bool
  default     = false
}
