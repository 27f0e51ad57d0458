locals {
  of_service = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${var.name}\" AND resource.labels.location = \"${var.region}\""
  channels   = google_monitoring_notification_channel.email[*].id

  thresholds = {
    latency = {
      title   = "slow"
      filter  = "${local.of_service} AND metric.type = \"run.googleapis.com/request_latencies\""
      aligner = "ALIGN_PERCENTILE_95"
      reducer = "REDUCE_MAX"
      limit   = var.limits.p95_milliseconds
    }
    instances = {
      title   = "close to its most instances"
      filter  = "${local.of_service} AND metric.type = \"run.googleapis.com/container/instance_count\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_SUM"
      limit   = var.max_instances * 0.8
    }
    log-errors = {
      title   = "logging errors"
      filter  = "resource.type = \"cloud_run_revision\" AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.errors.name}\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      limit   = 10
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  count        = var.notify_email == null ? 0 : 1
  project      = var.project
  display_name = "${var.name} by e-mail"
  type         = "email"
  labels       = { email_address = var.notify_email }
}

# A check that says more than "answers 200": the answer has to name the service.
resource "google_monitoring_uptime_check_config" "this" {
  count        = var.uptime_check ? 1 : 0
  project      = var.project
  display_name = var.name
  period       = "60s"
  timeout      = "10s"

  http_check {
    path         = "/version"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
  }

  content_matchers {
    content = "\"hello\""
    matcher = "MATCHES_JSON_PATH"

    json_path_matcher {
      json_path    = "$.service"
      json_matcher = "EXACT_MATCH"
    }
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = var.host }
  }
}

resource "google_monitoring_alert_policy" "uptime" {
  count                 = var.uptime_check ? 1 : 0
  project               = var.project
  display_name          = "${var.name} does not answer"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "two regions in a row see no good answer"

    condition_threshold {
      filter          = "resource.type = \"uptime_url\" AND metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id = \"${google_monitoring_uptime_check_config.this[0].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "120s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }
}

resource "google_monitoring_alert_policy" "errors" {
  project               = var.project
  display_name          = "${var.name} answers 5xx"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels

  conditions {
    display_name = "share of answers 5xx"

    condition_threshold {
      filter             = "${local.of_service} AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      denominator_filter = "${local.of_service} AND metric.type = \"run.googleapis.com/request_count\""
      comparison         = "COMPARISON_GT"
      threshold_value    = var.limits.error_share
      duration           = "120s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }

      denominator_aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each              = local.thresholds
  project               = var.project
  display_name          = "${var.name} is ${each.value.title}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.limit
      duration        = "300s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }
    }
  }
}
