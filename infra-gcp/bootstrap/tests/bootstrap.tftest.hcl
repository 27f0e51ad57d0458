# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  project    = "acme-test"
  repository = { owner_id = 11, id = 22 }
}

run "images_stay_what_they_are" {
  command = plan

  assert {
    condition     = google_artifact_registry_repository.this.docker_config[0].immutable_tags
    error_message = "tags never move"
  }
}

run "runtime_accounts_have_no_roles" {
  command = plan

  assert {
    condition     = alltrue([for role in local.project_roles : !endswith(role.account, "-runtime")])
    error_message = "the running service may do nothing"
  }
}

run "nobody_may_give_roles_away" {
  command = plan

  assert {
    condition     = length(setintersection([for role in local.project_roles : role.role], ["roles/owner", "roles/editor", "roles/resourcemanager.projectIamAdmin", "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountUser", "roles/iam.roleAdmin"])) == 0
    error_message = "an apply cannot make itself more than it is"
  }
}

run "accounts_act_in_their_environment" {
  command = plan

  variables {
    cloud_build = { deploys_to = ["staging"] }
  }

  assert {
    condition     = { for key, act in local.act_as : key => act.environment if act.account == "build" } == { "staging-build" = "staging" }
    error_message = "builds deploy where they were allowed to"
  }

  assert {
    condition     = alltrue([for act in local.act_as : act.account == "build" || startswith(act.account, act.environment)])
    error_message = "an account of staging never acts in production"
  }
}

run "account_name_too_long" {
  command = plan

  variables {
    name = "hello-world"
  }

  expect_failures = [var.name]
}

run "no_environment" {
  command = plan

  variables {
    environments = []
  }

  expect_failures = [var.environments]
}
