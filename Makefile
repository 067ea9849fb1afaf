# `make` alone explains itself. Every target sets up what it needs first; nothing outside this folder is changed.

.DEFAULT_GOAL := help
.SUFFIXES:
.NOTPARALLEL:
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys._base_executable)' 2>/dev/null && exit; done; echo python3)

READY := .venv/.ready
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)

##@ Run it

up: $(READY)  ## the whole system on this machine: emulator, deployment, demonstration (PORT=4577: there)
	@python -m operations.local up $(if $(PORT),--port $(PORT))

down:  ## stop it, leaving no process behind
	@$(DOWN)

status: $(READY)  ## what is running, and where
	@python -m operations.local status || true

demo: $(READY)  ## the demonstration again
	@python -m operations.local demo

token: $(READY)  ## a token for the local APIs (TENANT=maison-nord)
	@python -m operations.local token $(if $(TENANT),--tenant $(TENANT))

##@ Check it

test: $(READY)  ## the tests, but those that deploy: a few minutes
	@pytest -n 2 -m "not heavy" $(ARGS)

test-heavy: $(READY)  ## the tests that deploy to an emulator of their own
	@pytest -m heavy $(ARGS)

test-all: test test-heavy lint  ## everything that CI runs

review: $(READY)  ## what the change does to each stage's templates (ARGS="--format html --out review.html")
	@python -m review $(addprefix --tables ,$(subst /,.,$(patsubst runtime/%.py,%,$(wildcard runtime/*/tables.py)))) $(ARGS); test $$? -lt 3

lint: $(READY)  ## ruff, and mypy --strict
	@ruff format --check .
	@ruff check .
	@mypy

format: $(READY)  ## put the code into shape
	@ruff check --fix-only --quiet .
	@ruff format .

bench: $(READY)  ## every benchmark, one JSON object each
	@python -m tests.bench $(ARGS)

##@ Change it

synth: $(READY)  ## the templates of every stage, into cdk.out (STAGE=prod: of that one)
	@cdk synth --quiet $(if $(STAGE),-c stage=$(STAGE))

snapshots: $(READY)  ## write the templates under tests/snapshots anew, for review
	@pytest tests/snapshots --snapshot-update -q $(ARGS)

docs: $(READY)  ## write the generated pages anew: docs/reference, docs/tables, docs/gallery.md, docs/openapi
	@python -m operations.docs
	@python -m operations.openapi

wheels: $(READY)  ## the libraries and the review as wheels, into dist/
	@python -m operations.wheels

pins: $(READY)  ## raise every pinned version to the newest allowed
	@python -m operations.pins

##@ The rest

setup: $(READY)  ## only install (every target does it by itself)
	@echo "Everything is installed."

clean:  ## stop what runs, then remove everything that make has made
	@$(DOWN)
	@rm -rf .venv node_modules .local .build dist cdk.out .pytest_cache .mypy_cache .ruff_cache .hypothesis

help:  ## this list
	@awk 'BEGIN {FS = ":.*  ## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*  ## / {printf "  make %-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

# Stopping needs no set-up: what was never installed does not run.
DOWN := if [ -x .venv/bin/python ]; then python -m operations.local down; else echo "Nothing runs: nothing is installed."; fi

# Here and not in the script, which a Python as old as some systems still have could not even read.
CHECK := import sys; sys.version_info >= (3, 11) or sys.exit("Python %s at %s is too old: install 3.11 or newer, or name \
one: make PYTHON=/path/to/python3" % (sys.version.split()[0], sys.executable))

# What someone removed by hand comes back.
MISSING := $(if $(and $(wildcard node_modules/.bin/cdk),$(wildcard .venv/emulator/.made)),,missing)

$(READY): operations/setup.py requirements.txt operations/local/requirements.txt package.json package-lock.json runtime/pyproject.toml constructs/pyproject.toml $(MISSING)
	@command -v "$(PYTHON)" > /dev/null || { echo "There is no Python on the path: install 3.11 or newer, or name one: make PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c '$(CHECK)'
	@"$(PYTHON)" operations/setup.py
	@touch $@

.PHONY: missing up down status demo test test-heavy test-all review lint format bench synth snapshots docs wheels pins setup clean help
