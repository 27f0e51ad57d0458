# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  project          = "acme-test"
  name             = "hello"
  repository       = { location = "europe-west1", id = "hello" }
  runtime_accounts = { staging = "projects/acme-test/serviceAccounts/hello-staging-runtime@acme-test.iam.gserviceaccount.com" }
}

run "viewer_changes_nothing" {
  command = plan

  assert {
    condition     = alltrue([for permission in output.permissions.viewer : can(regex("\\.(get|list)$", permission))])
    error_message = "looking is getting and listing"
  }
}

run "operator_updates_services" {
  command = plan

  variables {
    operators = { staging = ["group:ops@example.com"] }
  }

  assert {
    condition     = toset(output.permissions.operator) == toset(["run.services.get", "run.services.update"])
    error_message = "one permission to change, and one to see"
  }

  assert {
    condition     = length(google_service_account_iam_member.operator) == 1 && length(google_project_iam_member.viewer) == 1
    error_message = "operators act as the runtime account, and look"
  }
}

run "environment_that_is_not_there" {
  command = plan

  variables {
    operators = { prod = ["group:ops@example.com"] }
  }

  expect_failures = [var.operators]
}
