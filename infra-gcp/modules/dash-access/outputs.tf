output "roles" {
  description = "Custom roles: viewer (bind it to the project) and operator (bind it to a service)."
  value       = { viewer = google_project_iam_custom_role.viewer.id, operator = google_project_iam_custom_role.operator.id }
}

output "permissions" {
  description = "What they hold, for reviews and checks."
  value = {
    viewer   = google_project_iam_custom_role.viewer.permissions
    operator = google_project_iam_custom_role.operator.permissions
  }
}
