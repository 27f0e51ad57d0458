locals {
  # Google's ready-made rules, with those that rarely hit the innocent.
  attacks = { sqli = 100, xss = 110, lfi = 120, rce = 130, protocolattack = 140, cve-canary = 150 }
}

resource "google_compute_security_policy" "this" {
  # checkov:skip=CKV_GCP_73:cve-canary holds the rules for Log4j; the check cannot follow the dynamic block
  count       = var.waf ? 1 : 0
  name        = var.name
  project     = var.project
  description = "Refuses known attacks, and too many requests from one address"
  type        = "CLOUD_ARMOR"

  dynamic "rule" {
    for_each = local.attacks

    content {
      description = rule.key
      priority    = rule.value
      action      = "deny(403)"

      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.key == "cve-canary" ? rule.key : "${rule.key}-v33-stable"}', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    description = "too many requests from one address"
    priority    = 1000
    action      = "throttle"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    description = "everything else"
    priority    = 2147483647
    action      = "allow"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}
