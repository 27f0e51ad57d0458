# The same commands that CI runs. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test fmt lint lint-rust lint-pipelines deny image infra-check tofu-check pipelines-check ci

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target what; do printf '  %-16s %s\n' "$$target" "$$what"; done

demo: ## the dashboard on stand-in clouds: no account, no configuration
	cargo run -- demo

test: ## all tests
	cargo test --locked --workspace

fmt: ## whether everything is formatted
	cargo fmt --all --check

lint: fmt lint-rust lint-pipelines ## every linter

lint-rust: ## clippy and the documentation, without a warning
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps

lint-pipelines: ## workflows, scripts, Dockerfiles, and whether they fit Terraform
	scripts/pipelines-check lint fit

deny: ## advisories, licences and sources of the dependencies (cargo install cargo-deny)
	cargo deny --locked --workspace check

image: ## the service's image for both architectures, as an OCI archive
	scripts/build-image --commit "$$(git rev-parse HEAD)" --output target/image.tar

infra-check: ## Terraform of both clouds
	.ci/terraform

tofu-check: ## the same tests with OpenTofu, which is built from its Go module
	TERRAFORM="$$(scripts/get-tofu)" scripts/infra-check fmt test

pipelines-check: ## the pipelines: linters, one digest in two registries, deployments on the stand-in
	.ci/pipelines

ci: ## everything that must hold before a change lands
	.ci/run
