# The bucket is bootstrap's: terraform init -backend-config=bucket=... It locks by itself.
terraform {
  backend "gcs" {
    prefix = "production"
  }
}
