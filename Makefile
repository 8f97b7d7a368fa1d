# What can be done here. `make run` and `make test` start from nothing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run

.PHONY: run dev test check unit faults browser bench prepare release

# Installs what is missing, builds, and serves the demonstration clinic.
run:
	@scripts/setup
	@scripts/build
	@scripts/run

# The same, built again whenever a file changes.
dev:
	@scripts/setup
	@. scripts/env && (cd sdk && npm run --silent build) && cargo leptos watch -- serve --demo

# Everything: how it reads, the rules, the services, the edges, the browser.
test: check unit browser

check:
	@scripts/setup end2end
	@scripts/check

unit:
	@scripts/setup end2end
	@. scripts/env && scripts/with-postgres cargo test --features services/testing

# Everything that can go wrong with messages, 5,000 times in another order.
faults:
	@scripts/setup end2end
	@. scripts/env && FAULT_SCHEDULES=$${FAULT_SCHEDULES:-5000} scripts/with-postgres \
	    cargo test -q -p services --features testing --lib -- --nocapture messaging::tests::faults

browser:
	@scripts/setup end2end
	@scripts/build
	@scripts/browser

# Ratios against a floor measured in the same run.
bench:
	@scripts/setup end2end
	@scripts/build release
	@env -u DATABASE_URL bash -c '. scripts/env && scripts/with-postgres cargo bench -q -p services --bench availability --bench truth'
	@scripts/bench

# Writes .sqlx anew after a query or a migration changed.
prepare:
	@scripts/setup
	@scripts/with-postgres scripts/prepare

# What a clinic would run: the binary, and the site it serves.
release:
	@scripts/setup
	@scripts/build release
