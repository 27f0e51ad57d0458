output "url" {
  description = "What people reach."
  value       = module.alb.url
}

output "task_definition_arn" {
  description = "The newest shape made by Terraform: the template for the next deployment."
  value       = module.service.task_definition_arn
}

output "hello_dash" {
  description = "This environment as hello-dash's configuration; `hello-dash init` reads it. Whether it may be changed from there is for each person's own file to say."
  value = {
    environment = { (var.environment) = { protected = var.protected } }
    service = {
      (var.name) = {
        target = [merge(
          {
            environment = var.environment
            provider    = "aws"
            region      = var.region
            cluster     = module.service.cluster_name
            url         = module.alb.url
          },
          var.builds == null ? {} : { builds = var.builds },
        )]
      }
    }
  }
}
