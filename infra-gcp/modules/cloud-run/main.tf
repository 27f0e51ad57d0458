resource "google_cloud_run_v2_service" "this" {
  name                 = var.name
  project              = var.project
  location             = var.region
  description          = "Deployments own its image and traffic, Terraform the rest"
  deletion_protection  = var.deletion_protection
  ingress              = var.behind_load_balancer ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL"
  default_uri_disabled = var.behind_load_balancer
  # Where an organisation forbids roles for everyone, this switch is what makes a service public.
  invoker_iam_disabled = false

  # Of the service and not of a revision: changing it makes no new one.
  scaling {
    min_instance_count = var.instances.min
    max_instance_count = var.instances.max
  }

  template {
    service_account                  = var.service_account
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = var.concurrency
    timeout                          = "30s"

    containers {
      image = var.image

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = var.limits.cpu, memory = var.limits.memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge({ HELLO_REGION = var.region }, var.variables)

        content {
          name  = env.key
          value = env.value
        }
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30

        http_get {
          path = "/readyz"
          port = 8080
        }
      }

      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 3
        failure_threshold = 3

        http_get {
          path = "/healthz"
          port = 8080
        }
      }

      readiness_probe {
        period_seconds    = 5
        timeout_seconds   = 3
        success_threshold = 1
        failure_threshold = 3

        http_get {
          path = "/readyz"
          port = 8080
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  lifecycle {
    # Deployments own the image, rollbacks own the traffic: without `traffic` here an apply would roll forward again.
    # template[0].revision is not ignored and must never be set by anyone: a name is used once.
    ignore_changes = [
      client,
      client_version,
      template[0].annotations,
      template[0].containers[0].image,
      template[0].labels,
      traffic,
    ]
  }
}
