variable "name" {
  description = "The service, such as hello-staging."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,47}[a-z0-9]$", var.name))
    error_message = "name is 2 to 49 lower-case letters, digits or hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "project" {
  description = "Project of the service."
  type        = string
}

variable "region" {
  description = "Region of the service."
  type        = string
}

variable "image" {
  description = "The first image: repository with a digest or tag, built for amd64. Deployments own it afterwards."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[0-9]+/[a-z0-9./_-]+)?(@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$", var.image))
    error_message = "image is not empty and names a digest or a tag, such as europe-west1-docker.pkg.dev/acme/hello/hello@sha256:..."
  }

  validation {
    condition     = !endswith(var.image, ":latest")
    error_message = "image must not be tagged latest: what runs has to be known."
  }
}

variable "service_account" {
  description = "E-mail address of the account that the service runs as. It needs no roles."
  type        = string
}

variable "variables" {
  description = "Environment variables of the container. No secrets: whoever may see the service reads them."
  type        = map(string)
  default     = {}
}

variable "limits" {
  description = "CPU and memory of an instance."
  type        = object({ cpu = optional(string, "1"), memory = optional(string, "256Mi") })
  default     = {}

  validation {
    condition     = can(regex("^[0-9]+(\\.[0-9]+|m)?$", var.limits.cpu)) && can(regex("^[0-9]+(Mi|Gi)$", var.limits.memory))
    error_message = "limits are as Cloud Run writes them: cpu 1, memory 256Mi."
  }
}

variable "instances" {
  description = "Instances at least and at most. None at least: it sleeps when nobody asks, and the first answer takes longer."
  type        = object({ min = number, max = number })
  default     = { min = 0, max = 5 }

  validation {
    condition     = var.instances.min >= 0 && var.instances.max >= 1 && var.instances.max >= var.instances.min
    error_message = "instances.min is not negative and not above instances.max, which is at least 1."
  }
}

variable "concurrency" {
  description = "Requests at the same time in one instance."
  type        = number
  default     = 80

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "concurrency is 1 to 1000."
  }
}

variable "public" {
  description = "Whether anyone may call the service without signing in."
  type        = bool
  default     = true
}

variable "behind_load_balancer" {
  description = "Take requests from the load balancer only, and switch off the address run.app."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Refuse to delete the service."
  type        = bool
  default     = false
}

variable "deployers" {
  description = "Who may deploy images, such as serviceAccount:hello-staging-deploy@PROJECT.iam.gserviceaccount.com."
  type        = set(string)
  default     = []
}

variable "operators" {
  description = "Who may redeploy and roll back with hello-dash: members that get operator_role on this service."
  type        = set(string)
  default     = []
}

variable "operator_role" {
  description = "The custom role of dash-access."
  type        = string
}
