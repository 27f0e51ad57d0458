variable "project" {
  description = "Project of the services."
  type        = string
}

variable "name" {
  description = "Prefix of the roles' ids, such as hello."
  type        = string
}

variable "repository" {
  description = "Artifact Registry repository of the images: location and id."
  type        = object({ location = string, id = string })
}

variable "runtime_accounts" {
  description = "Runtime accounts by environment, as full resource names."
  type        = map(string)
}

variable "viewers" {
  description = "Who may look, such as group:dev@example.com."
  type        = set(string)
  default     = []
}

variable "operators" {
  description = "Who may redeploy and roll back, by environment. They look too."
  type        = map(set(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.operators), keys(var.runtime_accounts))) == 0
    error_message = "operators names an environment that is not there."
  }
}
