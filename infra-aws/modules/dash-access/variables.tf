variable "cluster_name" {
  description = "The cluster, which is also the task definition family and the prefix of the policies' names."
  type        = string
}

variable "service_name" {
  description = "The service that hello-dash shows."
  type        = string
}

variable "region" {
  description = "Region of the service."
  type        = string
}

variable "account_id" {
  description = "Account of the service."
  type        = string
}

variable "repository_arn" {
  description = "ECR repository of its images."
  type        = string
}

variable "role_arns" {
  description = "Roles that its task definitions name; only the deploy policy may pass them."
  type        = list(string)
}
