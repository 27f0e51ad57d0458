# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  project    = "acme-test"
  pool_id    = "hello-github"
  repository = { owner_id = 11, id = 22 }
  accounts   = { deploy = { account = "projects/acme-test/serviceAccounts/hello-staging-deploy@acme-test.iam.gserviceaccount.com", environment = "staging" } }
}

run "one_repository_by_number" {
  command = plan

  assert {
    condition     = google_iam_workload_identity_pool_provider.this.attribute_condition == "assertion.repository_id == '22' && assertion.repository_owner_id == '11'"
    error_message = "numbers decide, not names"
  }

  assert {
    condition     = google_service_account_iam_member.this["deploy"].role == "roles/iam.workloadIdentityUser"
    error_message = "the account may be used"
  }
}

run "id_missing" {
  command = plan

  variables {
    repository = { owner_id = 11, id = 0 }
  }

  expect_failures = [var.repository]
}

run "reserved_pool" {
  command = plan

  variables {
    pool_id = "gcp-hello"
  }

  expect_failures = [var.pool_id]
}
