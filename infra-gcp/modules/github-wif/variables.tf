variable "project" {
  description = "Project of the pool."
  type        = string
}

variable "pool_id" {
  description = "Id of the pool. A deleted pool keeps its id for 30 days."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{3,31}$", var.pool_id)) && !startswith(var.pool_id, "gcp-")
    error_message = "pool_id is 4 to 32 lower-case letters, digits or hyphens, begins with a letter and not with gcp-."
  }
}

variable "repository" {
  description = "Who may sign in: both numeric ids of the repository (gh api repos/OWNER/NAME --jq '.owner.id, .id'). They stay when names are reused."
  type        = object({ owner_id = number, id = number })

  validation {
    condition     = var.repository.id > 0 && var.repository.owner_id > 0
    error_message = "repository.id and repository.owner_id are GitHub's numeric ids."
  }
}

variable "accounts" {
  description = "Service accounts by any name: full resource name, and the GitHub environment whose jobs may act as it."
  type        = map(object({ account = string, environment = string }))
}
