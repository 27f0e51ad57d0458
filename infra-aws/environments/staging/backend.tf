# The bucket is bootstrap's: terraform init -backend-config=bucket=... -backend-config=region=...
terraform {
  backend "s3" {
    key          = "staging.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
