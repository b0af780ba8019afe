# gongkai: `make` lists what it can do. Needs Python 3.11 or newer and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=
# Tests wait more than they work: three processes of them, each with a broker of its own, keep two cores busy.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo test test-full test-faults test-mutations test-browser simulate-year lint format lock bench bench-judge bench-router bench-latency bench-end-to-end bench-memory bench-registers bench-duties bench-matters clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("gongkai needs Python 3.11 or newer; PYTHON=python3.12 make … chooses one" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/.run ## start everything with the example city (ONCE=1: publish, wait, count, stop; FRESH=1: begin anew)
	@$(BIN)/gongkai demo $(if $(ONCE),--once) $(if $(FRESH),--fresh) $(ARGS)

test: .venv/.dev ## the test suite
	$(BIN)/python -m pytest -m "not full and not browser" -n $(WORKERS) --dist loadfile $(ARGS)

test-full: .venv/.dev ## the tests at their whole sizes
	$(BIN)/python -m pytest -m full $(ARGS)

test-faults: .venv/.dev ## 20,000 events while every part is killed again and again
	$(BIN)/python -m pytest -m "faults and full" $(ARGS)

test-mutations: .venv/.dev ## changes every rule of the example city, one at a time; each must be noticed
	$(BIN)/python -W ignore -m tests.mutations --report tests/mutations/results/report.json $(ARGS)

simulate-year: .venv/.dev ## a year of one city: every silence planted is found, none invented, figures come back from events
	$(BIN)/python -W ignore -m tests.year --report tests/year/results/report.json $(ARGS)

test-browser: .venv/.dev ## walks the pages in Chromium, narrow and wide
	$(BIN)/python -m pytest -m browser $(ARGS)

lint: .venv/.dev ## ruff and mypy
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/.dev ## ruff format and its safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.dev ## write both lock files anew from pyproject.toml
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra embedded --extra postgres pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra embedded --extra postgres --extra dev pyproject.toml -o requirements-dev.lock

bench: bench-judge bench-router bench-latency bench-end-to-end bench-memory ## every benchmark
bench-judge: .venv/.dev ## events a core judges a second, and each check's share
	$(BIN)/python -m benchmarks.judge $(ARGS)

bench-router: .venv/.dev ## the router beside its peers, on one broker, in turns
	$(BIN)/python -m benchmarks.router $(ARGS)

bench-latency: .venv/.dev ## from a POST to the portal's API, beside a bare produce-and-poll
	$(BIN)/python -m benchmarks.latency $(ARGS)

bench-end-to-end: .venv/.dev ## from a backlog at the door to the last receipt in the ledger
	$(BIN)/python -m benchmarks.end_to_end $(ARGS)

bench-memory: .venv/.dev ## what each process holds at its peak (whole: ARGS="--items 200000 --backlog-mb 2000")
	$(BIN)/python -m benchmarks.memory $(ARGS)

bench-registers: .venv/.dev ## 100,000 register rows of 3,000 units, from a file to the portal's search
	$(BIN)/python -m benchmarks.registers $(ARGS)

bench-duties: .venv/.dev ## a look at the clock and a worklist, where 10,000 to 1,000,000 duties are open
	$(BIN)/python -m benchmarks.duties $(ARGS)

bench-matters: .venv/.dev ## 1,500,000 steps of 200,000 cases from Kafka to their verdicts; PostgreSQL a tenth
	$(BIN)/python -m benchmarks.matters $(ARGS)

clean: ## stop what runs here and forget all local state but the broker's jars
	-@[ -x $(BIN)/gongkai ] && $(BIN)/gongkai down
	rm -rf .gongkai .pytest_cache .mypy_cache .ruff_cache .hypothesis
