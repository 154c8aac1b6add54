# `make help` lists what there is. ARGS go to the command behind: make up ARGS="--name demo"

.DEFAULT_GOAL := help
.PHONY: help up down engine venv check lint types unit test bench format golden lock wheel clean

BIN := .venv/bin
ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: venv engine ## Bring the platform up on this machine
	@$(BIN)/idp up --local $(ARGS)

down: venv ## Remove the platform
	@$(BIN)/idp down $(ARGS)

engine: ## Make sure that a container engine answers
	@bootstrap/engine.sh

venv:
	@bootstrap/venv.sh

check: venv lint types unit ## Linters, types and unit tests: the inner loop

lint: venv
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@git ls-files --cached --others --exclude-standard -- '*Dockerfile' | xargs $(BIN)/hadolint --no-color
	@PATH="$(BIN):$$PATH" tests/shellcheck.sh

types: venv
	@$(BIN)/mypy

unit: venv
	@$(BIN)/pytest -q tests/unit tests/stacks -m "not engine and not cluster and not portal" $(ARGS)

test: venv engine ## Every test that this machine can run
	@$(BIN)/pytest --numprocesses 2 --no-loadscope-reorder $(ARGS)

bench: venv engine ## Measure start, rest, the way to a prediction, the filled portal, promotion: ARGS="portal" for one
	@$(BIN)/python -m tests.bench $(ARGS)

format: venv ## Format the Python code
	@$(BIN)/ruff check --quiet --fix
	@$(BIN)/ruff format

golden: venv ## Pin the rendered manifests anew; read the difference
	@IDP_UPDATE_GOLDEN=1 $(BIN)/pytest -q tests/unit/test_golden.py

wheel: venv ## Build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

lock: ## Resolve requirements.lock anew (needs uv)
	@uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" \
		--extra dev --output-file requirements.lock pyproject.toml

clean: ## Remove what the build tools left in the checkout
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist tests/artifacts
