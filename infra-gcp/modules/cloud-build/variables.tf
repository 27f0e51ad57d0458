variable "name" {
  description = "Name of the trigger."
  type        = string
}

variable "project" {
  description = "Project."
  type        = string
}

variable "region" {
  description = "Region of the trigger and of its builds."
  type        = string
}

variable "repository" {
  description = "The repository as Cloud Build connected it: projects/P/locations/R/connections/C/repositories/N. Connecting the GitHub app is done once, by hand."
  type        = string

  validation {
    condition     = can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "repository is projects/P/locations/R/connections/C/repositories/N."
  }
}

variable "branch" {
  description = "Branch that is built, as a regular expression."
  type        = string
  default     = "^main$"
}

variable "service_account" {
  description = "Full name of the account that builds: projects/P/serviceAccounts/E-MAIL."
  type        = string
}

variable "image_repository" {
  description = "Where images are pushed."
  type        = string
}

variable "deploy_to" {
  description = "Service that the build deploys to; null to build, test and push only. Not both this and GitHub Actions."
  type        = string
  default     = null
}

variable "approval" {
  description = "Whether someone has to approve each build."
  type        = bool
  default     = false
}
