# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  name          = "hello-test"
  project       = "acme-test"
  region        = "europe-west1"
  host          = "hello.example.com"
  max_instances = 10
}

run "check_asks_who_answers" {
  command = plan

  assert {
    condition     = google_monitoring_uptime_check_config.this[0].http_check[0].path == "/version" && google_monitoring_uptime_check_config.this[0].content_matchers[0].json_path_matcher[0].json_path == "$.service"
    error_message = "the answer has to name the service"
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["instances"].conditions[0].condition_threshold[0].threshold_value == 8
    error_message = "the alert comes before the limit"
  }
}

run "without_check" {
  command = plan

  variables {
    uptime_check = false
  }

  assert {
    condition     = length(google_monitoring_uptime_check_config.this) == 0 && length(google_monitoring_alert_policy.uptime) == 0
    error_message = "no check, no alert about it"
  }
}

run "by_mail" {
  command = plan

  variables {
    notify_email = "ops@example.com"
  }

  assert {
    condition     = google_monitoring_notification_channel.email[0].labels.email_address == "ops@example.com"
    error_message = "alerts are sent"
  }
}

run "mail_that_is_none" {
  command = plan

  variables {
    notify_email = "ops"
  }

  expect_failures = [var.notify_email]
}

run "kept_for_ever" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}
