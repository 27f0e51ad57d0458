# The provider is this folder's own; these keys open nothing, and what a plan would ask AWS is given here.
override_data {
  target = module.environment.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.environment.module.network.data.aws_availability_zones.available
  values = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  image  = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello:0a1b2c3"
  builds = { github = "acme/hello" }
}

run "what_hello_dash_reads" {
  command = plan

  assert {
    condition     = output.hello_dash.environment == { staging = { protected = false } }
    error_message = "the environment and its protection"
  }

  assert {
    condition = (
      output.hello_dash.service.hello.target[0].environment == "staging" && output.hello_dash.service.hello.target[0].provider == "aws" &&
      output.hello_dash.service.hello.target[0].region == "eu-central-1" && output.hello_dash.service.hello.target[0].cluster == "hello-staging" &&
      output.hello_dash.service.hello.target[0].builds == { github = "acme/hello", branch = "main" }
    )
    error_message = "the target, and where it is built"
  }
}
