# The provider is this folder's own; this token opens nothing.
provider "google" {
  project      = "acme-production"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  project     = "acme-production"
  image       = "europe-west1-docker.pkg.dev/acme-production/hello/hello:0a1b2c3"
  domain_name = "hello.example.com"
  github      = { github = "acme/hello" }
}

run "what_hello_dash_reads" {
  command = plan

  assert {
    condition     = output.hello_dash.environment == { production = { protected = true } }
    error_message = "the environment and its protection"
  }

  assert {
    condition = output.hello_dash.service.hello.target == [{
      environment = "production"
      provider    = "gcp"
      region      = "europe-west1"
      project     = "acme-production"
      service     = "hello-production"
      url         = "https://hello.example.com"
      builds      = { github = "acme/hello", branch = "main" }
    }]
    error_message = "the target, and where it is built"
  }
}
