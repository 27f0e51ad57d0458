output "url" {
  description = "What people reach."
  value       = local.own_domain ? "https://${local.domain}" : module.service.uri

  precondition {
    condition     = local.own_domain == (var.domain_name != null)
    error_message = "domain_mode load_balancer and mapping need domain_name, and none takes none."
  }

  precondition {
    condition     = !var.waf || local.load_balancer
    error_message = "waf needs domain_mode load_balancer: Cloud Armor stands before a load balancer only."
  }
}

output "address" {
  description = "Address for the domain's A record, with a load balancer."
  value       = one(module.load_balancer[*].address)
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
            provider    = "gcp"
            region      = var.region
            project     = var.project
            service     = module.service.name
          },
          local.own_domain ? { url = "https://${local.domain}" } : {},
          var.cloud_build != null ? { builds = { cloud_build = var.region } } : {},
          var.cloud_build == null && var.github != null ? { builds = var.github } : {},
        )]
      }
    }
  }
}
