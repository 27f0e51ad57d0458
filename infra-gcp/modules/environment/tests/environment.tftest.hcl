# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  environment = "test"
  project     = "acme-test"
  region      = "europe-west1"
  image       = "europe-west1-docker.pkg.dev/acme-test/hello/hello:0a1b2c3"
}

run "own_address" {
  command = plan

  assert {
    condition     = length(module.load_balancer) == 0 && length(google_cloud_run_domain_mapping.this) == 0 && length(module.cloud_build) == 0
    error_message = "nothing that was not asked for"
  }
}

run "load_balancer" {
  command = plan

  variables {
    domain_mode = "load_balancer"
    domain_name = "hello.example.com"
    waf         = true
  }

  assert {
    condition     = output.url == "https://hello.example.com" && length(module.load_balancer) == 1
    error_message = "a domain on a balancer"
  }
}

run "mapping" {
  command = plan

  variables {
    domain_mode = "mapping"
    domain_name = "hello.example.com"
  }

  assert {
    condition     = google_cloud_run_domain_mapping.this[0].name == "hello.example.com" && length(module.load_balancer) == 0
    error_message = "a mapped domain"
  }
}

run "domain_missing" {
  command = plan

  variables {
    domain_mode = "load_balancer"
  }

  expect_failures = [output.url]
}

run "waf_without_balancer" {
  command = plan

  variables {
    waf = true
  }

  expect_failures = [output.url]
}

run "unknown_domain_mode" {
  command = plan

  variables {
    domain_mode = "dns"
  }

  expect_failures = [var.domain_mode]
}

run "project_by_its_number" {
  command = plan

  variables {
    project = "123456789012"
  }

  expect_failures = [var.project]
}

run "aws_region" {
  command = plan

  variables {
    region = "eu-central-1"
  }

  expect_failures = [var.region]
}
