# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  name            = "hello-test"
  project         = "acme-test"
  region          = "europe-west1"
  image           = "europe-west1-docker.pkg.dev/acme-test/hello/hello:0a1b2c3"
  service_account = "hello-test-runtime@acme-test.iam.gserviceaccount.com"
  operator_role   = "projects/acme-test/roles/hello_dash_operator"
}

run "service" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].service_account == "hello-test-runtime@acme-test.iam.gserviceaccount.com"
    error_message = "runs as its own account"
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].revision == null
    error_message = "never a revision name: a name is used once"
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path == "/readyz" && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path == "/healthz"
    error_message = "starts when ready, restarts when dead"
  }

  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_ALL" && google_cloud_run_v2_service_iam_member.public[0].member == "allUsers"
    error_message = "public by default"
  }
}

run "not_public" {
  command = plan

  variables {
    public = false
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.public) == 0
    error_message = "only who signs in"
  }
}

run "behind_a_load_balancer" {
  command = plan

  variables {
    behind_load_balancer = true
  }

  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" && google_cloud_run_v2_service.this.default_uri_disabled
    error_message = "no way round the balancer"
  }
}

run "operators_get_this_service_only" {
  command = plan

  variables {
    operators = ["group:ops@example.com"]
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.operator["group:ops@example.com"].role == "projects/acme-test/roles/hello_dash_operator"
    error_message = "the custom role, on the service"
  }
}

run "no_image" {
  command = plan

  variables {
    image = ""
  }

  expect_failures = [var.image]
}

run "image_latest" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/acme-test/hello/hello:latest"
  }

  expect_failures = [var.image]
}

run "instances_upside_down" {
  command = plan

  variables {
    instances = { min = 3, max = 2 }
  }

  expect_failures = [var.instances]
}

run "memory_without_unit" {
  command = plan

  variables {
    limits = { memory = "256" }
  }

  expect_failures = [var.limits]
}

run "name_too_short" {
  command = plan

  variables {
    name = "h"
  }

  expect_failures = [var.name]
}
