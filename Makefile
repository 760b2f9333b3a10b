# `make help` lists the commands; each sets up what it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help run web console console-all console-unit test test-stages unit soak faults setup lint types pytest format docs requirements bench test-containers test-brokers secrets version sbom lock clean setup-run
MAKEFLAGS += --no-print-directory

ARGS ?=
SEEDS ?= 5
PYTHON_IN_VENV := .venv/bin/python
WITH_SERVERS := $(PYTHON_IN_VENV) tools/servers.py --
# Every package that has code; mypy refuses folders without.
PACKAGES := $(sort $(dir $(wildcard shared/delivery_shared/*.py services/*/*_svc/*.py center/delivery_center/*.py tools/*.py bench/*.py)))
TEST_STAGES := lint requirements console-unit pytest

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  ARGS=... is passed on, for example: make run ARGS=--play, make unit ARGS="-k pause"'

run: setup-run ## run the whole center in one process, with demo data
	@sh tools/web.sh build || echo 'The console could not be built (see above); the API runs without it.'
	@$(PYTHON_IN_VENV) -m delivery_center.running.embedded $(ARGS)

web: setup-run ## build the console into web/dist, if its sources changed
	@sh tools/web.sh build

console: setup console-unit web ## check the console: style, types, unit tests, and every screen in Chromium
	@sh tools/web.sh browser
	sh tools/web.sh run node e2e/run.mjs $(ARGS)

console-all: setup web ## every screen in both languages and colour modes; then docs/screens.md with its pictures anew
	@sh tools/web.sh browser
	sh tools/web.sh run node e2e/run.mjs --all $(ARGS)
	sh tools/web.sh run node e2e/pictures.mjs

console-unit: setup ## check the console without a browser: style, types and unit tests
	sh tools/web.sh run npm run -s lint
	sh tools/web.sh run npm run -s test

test: $(TEST_STAGES) ## lint and run every test, with PostgreSQL and RabbitMQ

test-stages:
	@echo $(TEST_STAGES)

pytest: setup web ## run every test, with PostgreSQL and RabbitMQ
	@sh tools/web.sh browser || echo 'Without Chromium the stories in a browser are skipped.'
	$(WITH_SERVERS) sh tools/pytest.sh $(ARGS)

unit: setup ## run the tests that need no server
	$(PYTHON_IN_VENV) -m pytest -m "not integration and not faults and not overload and not stories and not soak" $(ARGS)

soak: setup ## long runs under load and faults, seeded, with a report (SOAK_SEED=…, SOAK_SECONDS=60)
	$(WITH_SERVERS) $(PYTHON_IN_VENV) -m pytest -m soak tests/soak $(ARGS)

faults: setup ## random faults under load, SEEDS=5 runs in a row, each with its seed, with a report (SOAK_SEED=…)
	SOAK_RUNS=$(SEEDS) $(WITH_SERVERS) $(PYTHON_IN_VENV) -m pytest -m soak tests/soak/test_random_faults.py $(ARGS)

lint: setup ## check style, format, imports and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache
	@$(MAKE) types

types: setup
	.venv/bin/mypy $(PACKAGES)

format: setup ## put the code into its format
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .

docs: setup ## write the generated documents, and examples of facts and contracts that have none
	$(PYTHON_IN_VENV) -m tests.contract.storing
	$(PYTHON_IN_VENV) -m delivery_shared.asyncapi >docs/asyncapi.json
	$(PYTHON_IN_VENV) -m tests.contract.examples
	$(PYTHON_IN_VENV) -m delivery_center.gateway.openapi >docs/openapi.json
	$(PYTHON_IN_VENV) -m tests.security.matrix >docs/authorization-matrix.md
	$(PYTHON_IN_VENV) -m reporting_svc.bi reference docs/bi.md
	$(PYTHON_IN_VENV) -m delivery_center.gateway.nginx >deploy/gateway/nginx.conf
	$(PYTHON_IN_VENV) -m tools.manifests

requirements: setup ## show which test proves which requirement; fail for those without
	@$(PYTHON_IN_VENV) tools/requirements.py

bench: ## run the benchmarks, with PostgreSQL and RabbitMQ
	@sh tools/setup.sh bench
	@sh tools/web.sh packages bench/peers || echo 'Restate could not be fetched (see above); the bench goes on without.'
	$(WITH_SERVERS) $(PYTHON_IN_VENV) -m bench $(ARGS)

test-containers: setup ## build the images, do what docs/operations.md says on a real Docker (root, Debian)
	$(PYTHON_IN_VENV) -m tools.containers

test-brokers: setup ## messaging, faults and stories on RabbitMQ 3.10 and 4.0 (root, Debian 12)
	$(WITH_SERVERS) $(PYTHON_IN_VENV) -m tools.brokers $(ARGS)

secrets: setup-run ## make the secrets of a compose installation that are missing, in deploy/secrets
	@$(PYTHON_IN_VENV) -m delivery_center.installing.secret_files deploy/secrets $(ARGS)

version: setup-run ## tell the version of what is here, as images get it (VERSION="$$(make -s version)" docker compose build)
	@$(PYTHON_IN_VENV) -m tools.versions

sbom: setup ## list what the image is made of, as CycloneDX, in .run/sbom.json
	@$(PYTHON_IN_VENV) -m tools.sbom

lock: ## pin the dependencies anew (ARGS=--upgrade: to their newest versions)
	@python=$$(sh tools/setup.sh python) && $$python tools/lock.py $(ARGS)

setup: ## make .venv; the other commands do this by themselves
	@sh tools/setup.sh

setup-run:
	@sh tools/setup.sh run

clean: ## remove what these commands have made
	rm -rf .venv .run .mypy_cache .ruff_cache .hypothesis web/dist
	find . -name node_modules -prune -o \( -name __pycache__ -o -name '*.egg-info' \) -type d -prune -exec rm -rf {} +
