variable "project" {
  description = "Project that gets it all. Run it once in each project, with the environments that live there."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project's id (not its number or title), such as acme-staging."
  }
}

variable "region" {
  description = "Region of the state, the registry and the environments."
  type        = string
  default     = "europe-west1"
}

variable "name" {
  description = "The service, and prefix of every name."
  type        = string
  default     = "hello"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,8}$", var.name))
    error_message = "name is 1 to 9 lower-case letters, digits or hyphens and begins with a letter: with an environment and a purpose it becomes the name of an account, which has 30."
  }
}

variable "environments" {
  description = "Environments in this project."
  type        = set(string)
  default     = ["staging", "production"]

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9-]{0,10}$", name))])
    error_message = "environments holds at least one name of 1 to 11 lower-case letters, digits or hyphens that begins with a letter."
  }
}

variable "repository" {
  description = "GitHub repository whose pipelines may sign in, by its numeric ids (gh api repos/OWNER/NAME --jq '.owner.id, .id')."
  type        = object({ owner_id = number, id = number })
}

variable "cloud_build" {
  description = "Make an account for Cloud Build; builds may deploy to the environments named here (none: they build, test and push)."
  type        = object({ deploys_to = optional(set(string), []) })
  default     = null
}

variable "load_balancer" {
  description = "Switch on what an HTTPS load balancer needs."
  type        = bool
  default     = true
}

variable "viewers" {
  description = "Who may look with hello-dash, such as group:dev@example.com."
  type        = set(string)
  default     = []
}

variable "operators" {
  description = "Who may redeploy and roll back with hello-dash, by environment. Give the same to the environment."
  type        = map(set(string))
  default     = {}
}

variable "keep_images" {
  description = "How many images the registry keeps. A rollback can return to these."
  type        = number
  default     = 100

  validation {
    condition     = var.keep_images >= 10
    error_message = "keep_images is at least 10: a rollback needs them."
  }
}
