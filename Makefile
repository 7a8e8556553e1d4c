PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SERVERS := tests/servers

.DEFAULT_GOAL := help
.PHONY: help demo test postgresql servers fuzz soak bench growth audit check lint types imports format models validate docs article picture lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "shrug needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## a simulated month: crawled over HTTP on loopback, scored, measured, reported into out/demo
	$(BIN)/shrug demo --out out/demo

STORE := sqlite
# Much of what tests do is waiting: one more than there are cores.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)
test: $(READY) servers ## every test; STORE=postgresql runs them on a PostgreSQL server
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --store $(STORE) --durations=25

# What a store of another kind could do otherwise; CI runs it beside the whole suite on SQLite.
postgresql: $(READY) ## the tests of the store itself, on PostgreSQL
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --store postgresql tests/db tests/shrug/privacy/test_erasure.py \
	  tests/shrug/delivery/test_dispatch.py

# Without npm's index the tests that crawl these servers are skipped, saying so; in CI they fail.
servers: $(READY) ## real servers for the tests to crawl, by npm
	-@test -f $(SERVERS)/node_modules/.package-lock.json \
	  -a ! $(SERVERS)/package-lock.json -nt $(SERVERS)/node_modules/.package-lock.json \
	  || $(BIN)/python -m tests.servers

fuzz: $(READY) ## every reader of outside input, for SECONDS, by atheris
	$(BIN)/python -m tests.fuzzing $(or $(SECONDS),600)

soak: $(READY) ## a daemon's life of 90 days, sped up, into docs/soak.md
	$(BIN)/python -m bench.soak

bench: $(READY) ## speed as ratios against named rivals, into docs/bench.md
	$(BIN)/python -m bench

growth: $(READY) ## each stage beside a rival at growing sizes, into docs/growth.md
	$(BIN)/python -m bench.growth

audit: $(READY) ## known weaknesses of what is pinned, by pip-audit
	PYTHON=$(PYTHON) .ci/audit

check: lint types imports ## lint, types and import rules

lint: $(READY) ## ruff: style, bugs, format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy in strict mode
	$(BIN)/mypy

imports: $(READY) ## imports go one way
	$(BIN)/lint-imports

format: $(READY) ## rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

models: $(READY) ## make the bundled sentiment model and all cards anew
	$(BIN)/python -m analysis.sentiment.field.training

validate: $(READY) ## the estimator against worlds whose truth is known, into docs/validation.md
	$(BIN)/shrug validate --keep
	$(BIN)/python -m docs.generate

docs: $(READY) ## write the generated parts of docs/
	$(BIN)/python -m docs.generate

picture: demo ## the README's picture, from the demo's report, by Chromium
	chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars \
	  --disable-background-networking --disable-component-update --disable-sync \
	  --window-size=1120,2250 --screenshot=docs/images/report.png out/demo/report.en.html 2>/dev/null

article: $(READY) ## the article's case, from an archive of the board (BOARD=FOLDER), into docs/
	$(BIN)/python -m docs.article $(BOARD)

lock: $(READY) ## pin every dependency again, with hashes and without index addresses
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --quiet -o requirements.lock

clean: ## remove the virtual environment and what was built
	rm -rf $(VENV) out build *.egg-info
