# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  name             = "hello-test"
  project          = "acme-test"
  region           = "europe-west1"
  repository       = "projects/acme-test/locations/europe-west1/connections/github/repositories/hello"
  service_account  = "projects/acme-test/serviceAccounts/hello-build@acme-test.iam.gserviceaccount.com"
  image_repository = "europe-west1-docker.pkg.dev/acme-test/hello"
}

run "builds_only" {
  command = plan

  assert {
    condition     = google_cloudbuild_trigger.this.substitutions._SERVICE == "" && google_cloudbuild_trigger.this.service_account == var.service_account
    error_message = "does not deploy, and builds as its own account"
  }
}

run "deploys_after_approval" {
  command = plan

  variables {
    deploy_to = "hello-production"
    approval  = true
  }

  assert {
    condition     = google_cloudbuild_trigger.this.substitutions._SERVICE == "hello-production" && google_cloudbuild_trigger.this.approval_config[0].approval_required
    error_message = "deploys when someone agreed"
  }
}

run "repository_by_its_address" {
  command = plan

  variables {
    repository = "https://github.com/acme/hello"
  }

  expect_failures = [var.repository]
}
