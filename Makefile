SHELL := bash
.DEFAULT_GOAL := help

# Only a release build leaves this file, and any other build of the site takes it away: it says that target/site is fresh.
SITE := target/site/pkg/signet.wasm.br
# With the directories, so that a removed file counts as a change.
SITE_SOURCES := Cargo.toml Cargo.lock .cargo/config.toml .ci/env .ci/site end2end/package-lock.json \
	$(shell find app frontend server/oauth public style)

.PHONY: help run demo test watch site screenshots lint fmt

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: ## Build for production and serve on http://127.0.0.1:8000
	@.ci/setup build
	@$(MAKE) --no-print-directory site
	@. .ci/env && cargo build --locked --release -p signet --bin signet
	@exec target/release/signet

demo: ## Serve with demo users, beside two applications that sign them in
	@.ci/setup build
	@exec .ci/demo

test: ## Test everything, as the CI does
	@.ci/test

watch: ## Serve a debug build, rebuilt at every change
	@.ci/setup build
	@. .ci/env && exec cargo leptos watch

site: $(SITE) ## Build what the browser loads

$(SITE): $(SITE_SOURCES)
	@.ci/site

screenshots: $(SITE) ## Take the pictures of the admin guide
	@. .ci/env && cargo build --locked -p signet --bin signet && npm --prefix end2end run screenshots

lint: ## Check the sources: clippy, dependencies, scripts, sizes
	@.ci/lint

fmt: ## Format the sources
	cargo fmt --all
