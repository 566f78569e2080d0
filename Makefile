# Paydeck's commands. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Where cargo builds; the tools that are installed and the cache of built sites lie there too.
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR

# The demo's settings; each may be set from outside. Tests don't see them.
PORT ?= 3000
run dev leptos-watch: export PAYDECK_LISTEN ?= 127.0.0.1:$(PORT)
run dev leptos-watch: export PAYDECK_PUBLIC_URL ?= http://localhost:$(PORT)
run dev leptos-watch: export PAYDECK_DATABASE_URL ?= sqlite://data/paydeck.db

WITH_POSTGRES = tests/with-postgres.sh

##@ Use
run: need-build data site server ## Build what is missing and serve a demo at http://localhost:3000
	@echo "run: starting Paydeck (Ctrl-C stops it; its data stays in ./data)"
	@PAYDECK_SITE_DIR=$${PAYDECK_SITE_DIR:-site} exec "$(CARGO_TARGET_DIR)/release/paydeck" serve --demo

dev: need-build data ## Serve the demo, rebuild and reload the browser on every change
	@exec node tools/dev.mjs

##@ Check
test: ## Run every check and test; the last line counts them (KEEP_GOING=1 goes on after a failure)
	@tools/need.sh rust npm-tools
	@exec node tools/test.mjs $(if $(KEEP_GOING),--keep-going)

fmt: ## Format the Rust sources
	@cargo fmt --all

arrows: ## Check that crates depend on each other only as docs/ARCHITECTURE.md says
	@node tools/check-arrows.mjs

texts: ## Check markup, catalogues and tests for what no compiler sees
	@node tools/check-texts.mjs

lint: ## Clippy on all targets, and on the browser's half
	@cargo clippy --workspace --all-targets -- -D warnings
	@cargo clippy --package app --lib --target wasm32-unknown-unknown --no-default-features --features hydrate -- -D warnings

e2e: need-build need-browser site server-dev ## Run the browser tests (ARGS="--project=sqlite tests/x.spec.ts" narrows them)
	@$(WITH_POSTGRES) bash -c 'cd end2end && exec npx playwright test $(ARGS)'

crash: ## Kill the real server 500 times over both databases (KILLS and PAYDECK_CRASH_SEED change that)
	@tools/need.sh rust postgres
	@PAYDECK_CRASH_KILLS=$$(( $${KILLS:-500} / 2 )) $(WITH_POSTGRES) cargo nextest run --workspace --no-fail-fast --no-capture -E 'test(/^crash::/)' 2>&1 \
	  | awk '{ print } /^crash: .* kills,/ { kills += $$3; runs += 1 } \
	    END { printf "crash: %d kills on %d databases, %s\n", kills, runs, \
	      runs == 2 ? "nothing acknowledged lost or doubled" : "FAILED"; exit runs != 2 }'

mutants: ## Plant the faults of tests/mutants/ one by one and expect the tests to notice (ARGS="03 07" chooses)
	@tools/need.sh rust postgres
	@exec node tools/mutants.mjs $(ARGS)

bench: need-build site ## Run the benchmarks against baselines measured in the same run
	@tools/need.sh postgres
	@PAYDECK_TEST_DURABLE=1 $(WITH_POSTGRES) cargo bench --package paydeck --package services --bench money --bench gateways --bench routing $(ARGS)

##@ Build
site: need-site ## The site folder: WebAssembly, style sheets, scripts, fonts, with compressed twins
	@node tools/build-site.mjs

wasm: site ## The same: the WebAssembly is part of the site folder

css: need-site ## Only style sheets, hosted scripts and public/ into the site folder
	@node tools/build-site.mjs --pages

server: ## The release server
	@echo "server: building the release server"
	@cargo build --release --package paydeck --bin paydeck

# With the tests' own features, so that dependencies are compiled once for both.
server-dev: ## The server as the tests use it
	@cargo build --workspace --tests

leptos-watch: need-build data ## The same as `dev` by cargo-leptos, for those who have it
	@command -v cargo-leptos > /dev/null || { echo "cargo-leptos is not installed; 'make dev' needs nothing more" >&2; exit 1; }
	@node tools/build-site.mjs --cargo-leptos
	@tools="$$(realpath "$(CARGO_TARGET_DIR)")/tools"; PATH="$$(echo "$$tools"/wasm-bindgen-*/bin | tr ' ' ':'):$$PATH" \
	  PAYDECK_SITE_DIR=target/site-leptos-root exec cargo leptos watch --split -- serve --demo

clean-site: ## Remove the site folders and the cache of built sites
	@rm -rf site target/site-dev target/site-leptos target/site-leptos-root "$(CARGO_TARGET_DIR)/site-cache"

##@ Set up (done by the others as needed)
need-build: need-site
need-site:
	@tools/need.sh rust wasm-target wasm-bindgen wasm-split npm-tools
need-browser: ## Install what the browser tests need: npm packages, PostgreSQL, Chromium
	@tools/need.sh npm-end2end postgres chromium

data:
	@mkdir -p data && chmod 700 data

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run dev test fmt arrows texts lint e2e crash mutants bench site wasm css server server-dev leptos-watch clean-site need-build need-site need-browser help
