variable "name" {
  description = "The service, and prefix of every name."
  type        = string
  default     = "hello"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.name))
    error_message = "name is 1 to 16 lower-case letters, digits or hyphens and begins with a letter."
  }
}

variable "region" {
  description = "Region of the state, the registry and the environments."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is an AWS region, such as eu-central-1."
  }
}

variable "environments" {
  description = "Environments in this account."
  type        = set(string)
  default     = ["staging", "production"]

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z0-9][a-z0-9-]{0,14}$", name))])
    error_message = "environments holds at least one name of 1 to 15 lower-case letters, digits or hyphens."
  }
}

variable "repository" {
  description = "GitHub repository whose pipelines may sign in: owner, name and both numeric ids (gh api repos/OWNER/NAME --jq '.owner.id, .id')."
  type        = object({ owner = string, owner_id = number, name = string, id = number })
}

variable "create_oidc_provider" {
  description = "Make the account's OIDC provider for GitHub; false where there is one already (an account holds one)."
  type        = bool
  default     = true
}

variable "zone_id" {
  description = "Route 53 zone that environments may write records to; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "zone_id is the id of a Route 53 zone, such as Z0123456789ABC."
  }
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
