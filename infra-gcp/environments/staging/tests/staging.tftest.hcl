# The provider is this folder's own; this token opens nothing.
provider "google" {
  project      = "acme-staging"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  project = "acme-staging"
  image   = "europe-west1-docker.pkg.dev/acme-staging/hello/hello:0a1b2c3"
  github  = { github = "acme/hello" }
}

run "what_hello_dash_reads" {
  command = plan

  assert {
    condition     = output.hello_dash.environment == { staging = { protected = false } }
    error_message = "the environment and its protection"
  }

  assert {
    condition = output.hello_dash.service.hello.target == [{
      environment = "staging"
      provider    = "gcp"
      region      = "europe-west1"
      project     = "acme-staging"
      service     = "hello-staging"
      builds      = { github = "acme/hello", branch = "main" }
    }]
    error_message = "the target, and where it is built"
  }
}
