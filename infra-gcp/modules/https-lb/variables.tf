variable "name" {
  description = "Prefix of every part."
  type        = string
}

variable "project" {
  description = "Project."
  type        = string
}

variable "region" {
  description = "Region of the Cloud Run service."
  type        = string
}

variable "service_name" {
  description = "The Cloud Run service."
  type        = string
}

variable "domain_name" {
  description = "Name under which people reach the service; its A record has to point at the address that comes out."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name is a lower-case host name, such as hello.example.com."
  }
}

variable "waf" {
  description = "Put Cloud Armor before the service: known attacks and too many requests from one address are refused."
  type        = bool
  default     = false
}

variable "requests_per_minute" {
  description = "With waf: how many requests one address may send in a minute."
  type        = number
  default     = 600

  validation {
    condition     = var.requests_per_minute >= 1
    error_message = "requests_per_minute is at least 1."
  }
}
