output "url" {
  description = "What people reach."
  value       = module.environment.url
}

output "address" {
  description = "Address for the domain's A record, with a load balancer."
  value       = module.environment.address
}

output "hello_dash" {
  description = "This environment as hello-dash's configuration; `hello-dash init` reads it."
  value       = module.environment.hello_dash
}
