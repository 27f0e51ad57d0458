variable "name" {
  description = "Name of the role."
  type        = string
}

variable "description" {
  description = "What the role is for."
  type        = string
}

variable "provider_arn" {
  description = "The account's OIDC provider for GitHub Actions."
  type        = string
}

variable "repository" {
  description = "Who may take the role: owner, name and both numeric ids (gh api repos/OWNER/NAME --jq '.owner.id, .id'). The ids stay when names are reused."
  type        = object({ owner = string, owner_id = number, name = string, id = number })

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+$", var.repository.owner)) && can(regex("^[A-Za-z0-9._-]+$", var.repository.name))
    error_message = "repository.owner and repository.name are as in github.com/OWNER/NAME."
  }

  validation {
    condition     = var.repository.id > 0 && var.repository.owner_id > 0
    error_message = "repository.id and repository.owner_id are GitHub's numeric ids."
  }
}

variable "environment" {
  description = "GitHub environment that the job must run in."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]*$", var.environment))
    error_message = "environment is lower-case letters, digits and hyphens."
  }
}

variable "policies" {
  description = "What the role may do: JSON documents by name; each becomes a managed policy."
  type        = map(string)
  default     = {}
}

variable "policy_arns" {
  description = "Managed policies that exist already and that the role gets too, by any name."
  type        = map(string)
  default     = {}
}
