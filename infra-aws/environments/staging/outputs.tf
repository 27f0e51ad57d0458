output "url" {
  description = "What people reach."
  value       = module.environment.url
}

output "task_definition_arn" {
  description = "The newest shape made by Terraform: the template for the next deployment."
  value       = module.environment.task_definition_arn
}

output "hello_dash" {
  description = "This environment as hello-dash's configuration; `hello-dash init` reads it."
  value       = module.environment.hello_dash
}
