variable "name" {
  description = "The service and its container, such as hello."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "name is 1 to 32 lower-case letters, digits or hyphens and begins with a letter."
  }
}

variable "cluster_name" {
  description = "The cluster, the task definition family, and prefix of everything else, such as hello-staging."
  type        = string
}

variable "region" {
  description = "Region, for ARNs and the log driver."
  type        = string
}

variable "account_id" {
  description = "Account, for ARNs and trust."
  type        = string
}

variable "image" {
  description = "The first image: repository with a digest or tag. Deployments own it afterwards."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[0-9]+/[a-z0-9./_-]+)?(@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$", var.image))
    error_message = "image is not empty and names a digest or a tag, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello@sha256:..."
  }

  validation {
    condition     = !endswith(var.image, ":latest")
    error_message = "image must not be tagged latest: what runs has to be known."
  }
}

variable "repository_arn" {
  description = "ECR repository that tasks may pull from."
  type        = string
}

variable "cpu_architecture" {
  description = "X86_64 or ARM64, as the image was built."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture is X86_64 or ARM64."
  }
}

variable "cpu" {
  description = "CPU units of a task; 1024 are one core."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu is one of Fargate's sizes: 256, 512, 1024, 2048, 4096, 8192, 16384."
  }
}

variable "memory" {
  description = "Memory of a task in MiB; Fargate takes 2 to 8 times the CPU units (and 512 with 256)."
  type        = number
  default     = 512
}

variable "port" {
  description = "Port on which the container listens; it is told through PORT."
  type        = number
  default     = 8080

  validation {
    condition     = var.port >= 1024 && var.port <= 65535
    error_message = "port is 1024 to 65535: the container does not run as root."
  }
}

variable "variables" {
  description = "Environment variables of the container. No secrets: whoever may describe the task definition reads them."
  type        = map(string)
  default     = {}
}

variable "health_command" {
  description = "Command in the container that says whether it lives. The image has no shell, so the program asks itself."
  type        = list(string)
  default     = ["CMD", "/hello-service", "healthcheck"]
}

variable "spot" {
  description = "Run what goes beyond the first task on Fargate Spot: cheaper, and stopped with two minutes' notice."
  type        = bool
  default     = false
}

variable "capacity" {
  description = "How many tasks at least and at most; the scaling policies choose between them."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }

  validation {
    condition     = var.capacity.min >= 0 && var.capacity.max >= var.capacity.min
    error_message = "capacity.min is not negative and not above capacity.max."
  }
}

variable "requests_per_target" {
  description = "Requests per task and minute that scaling aims at."
  type        = number
  default     = 1000
}

variable "strategy" {
  description = "How a deployment replaces tasks: ROLLING, or, between two target groups, CANARY, LINEAR or BLUE_GREEN."
  type        = string
  default     = "ROLLING"

  validation {
    condition     = contains(["ROLLING", "CANARY", "LINEAR", "BLUE_GREEN"], var.strategy)
    error_message = "strategy is ROLLING, CANARY, LINEAR or BLUE_GREEN."
  }
}

variable "bake_minutes" {
  description = "How long old tasks stay after the shift while alarms are watched, 0 to 1440. ROLLING ignores it."
  type        = number
  default     = 5

  validation {
    condition     = var.bake_minutes >= 0 && var.bake_minutes <= 1440
    error_message = "bake_minutes is 0 to 1440."
  }
}

variable "step_percent" {
  description = "Share of traffic that CANARY moves first, and that LINEAR moves at each step."
  type        = number
  default     = 20

  validation {
    condition     = var.step_percent >= 3 && var.step_percent <= 50
    error_message = "step_percent is 3 to 50."
  }
}

variable "network" {
  description = "Where tasks run and what they may reach: the outputs of the network module, and its egress."
  type = object({
    vpc_id                     = string
    subnet_ids                 = list(string)
    assign_public_ip           = bool
    egress                     = string
    endpoint_security_group_id = optional(string)
    s3_prefix_list_id          = optional(string)
  })
}

variable "load_balancer" {
  description = "What sends requests: the outputs of the alb module."
  type = object({
    arn_suffix          = string
    security_group_id   = string
    production_rule_arn = string
    target_groups       = map(object({ arn = string, arn_suffix = string }))
  })
}

variable "alarm_limits" {
  description = "What a deployment is rolled back for: answers 5xx a minute, and the slowest hundredth in seconds."
  type        = object({ errors = optional(number, 5), p99_seconds = optional(number, 1) })
  default     = {}
}

variable "notify_email" {
  description = "Address that gets deployment events and alarms; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.notify_email == null || can(regex("^[^@[:space:]]+@[^@[:space:]]+$", var.notify_email))
    error_message = "notify_email is an e-mail address."
  }
}

variable "log_retention_days" {
  description = "How long the service's log is kept."
  type        = number
  default     = 30
}

variable "kms_key_arn" {
  description = "Customer managed key for log and topic; its policy must let logs, events and cloudwatch use it. Null: keys that AWS owns."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Boundary of the roles made here; null for none."
  type        = string
  default     = null
}
