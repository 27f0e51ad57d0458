# A token that opens nothing: plans ask Google nothing.
provider "google" {
  project      = "acme-test"
  region       = "europe-west1"
  access_token = "test"
}

variables {
  name         = "hello-test"
  project      = "acme-test"
  region       = "europe-west1"
  service_name = "hello-test"
  domain_name  = "hello.example.com"
}

run "https_and_redirect" {
  command = plan

  assert {
    condition     = google_compute_url_map.redirect.default_url_redirect[0].https_redirect && google_compute_global_forwarding_rule.https.port_range == "443"
    error_message = "443 serves, 80 redirects"
  }

  assert {
    condition     = google_compute_ssl_policy.this.min_tls_version == "TLS_1_2" && length(google_compute_security_policy.this) == 0
    error_message = "no old TLS; Cloud Armor only when wanted"
  }
}

run "waf" {
  command = plan

  variables {
    waf = true
  }

  assert {
    condition     = length([for rule in google_compute_security_policy.this[0].rule : rule if rule.action == "deny(403)"]) == 6 && length([for rule in google_compute_security_policy.this[0].rule : rule if rule.action == "throttle"]) == 1
    error_message = "known attacks and floods are refused"
  }
}

run "domain_that_is_none" {
  command = plan

  variables {
    domain_name = "https://hello.example.com"
  }

  expect_failures = [var.domain_name]
}
