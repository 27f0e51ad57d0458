# Rules for the values stand with the modules that use them.
variable "project" {
  description = "Project, where bootstrap was applied."
  type        = string
}

variable "region" {
  description = "Region."
  type        = string
  default     = "europe-west1"
}

variable "image" {
  description = "The first image, by digest or tag; deployments own it afterwards."
  type        = string
}

variable "instances" {
  description = "Instances at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 0, max = 3 }
}

variable "public" {
  description = "Whether anyone may call the service without signing in."
  type        = bool
  default     = true
}

variable "domain_mode" {
  description = "none, load_balancer or mapping."
  type        = string
  default     = "none"
}

variable "domain_name" {
  description = "Name under which people reach the service."
  type        = string
  default     = null
}

variable "waf" {
  description = "Put Cloud Armor before the load balancer."
  type        = bool
  default     = false
}

variable "notify_email" {
  description = "Address that gets alerts; null for none."
  type        = string
  default     = null
}

variable "operators" {
  description = "Who may redeploy and roll back with hello-dash; the same as in bootstrap."
  type        = set(string)
  default     = []
}

variable "cloud_build" {
  description = "Build with Cloud Build: { repository = \"projects/P/locations/R/connections/C/repositories/N\", deploy = false }; null for GitHub Actions."
  type        = object({ repository = string, deploy = optional(bool, false) })
  default     = null
}

variable "github" {
  description = "Where GitHub Actions builds images, for hello-dash: { github = \"owner/name\", branch = \"main\" }; null for nowhere."
  type        = object({ github = string, branch = optional(string, "main") })
  default     = null
}
