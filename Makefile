PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SERVERS := tests/servers

.DEFAULT_GOAL := help
.PHONY: help demo test postgresql servers fuzz soak bench growth audit check lint types imports format models validate docs article picture lock clean

help: ## list all targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "shrug needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## simulate a month: crawl it over HTTP on loopback, score, measure, report into out/demo
	$(BIN)/shrug demo --out out/demo

STORE := sqlite
# Tests spend much of their time waiting: use one worker more than there are cores.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)
test: $(READY) servers ## run all tests; STORE=postgresql runs them on a PostgreSQL server
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --store $(STORE) --durations=25

# Tests whose result can depend on the database; CI runs them beside the whole suite on SQLite.
postgresql: $(READY) ## run the tests of the store on PostgreSQL
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --store postgresql tests/db tests/shrug/privacy tests/shrug/store \
	  tests/shrug/cli/test_backup.py tests/shrug/delivery/test_dispatch.py

# Without npm's registry the tests that crawl these servers are skipped with a message; in CI they fail.
servers: $(READY) ## install real servers for the tests to crawl, with npm
	-@test -f $(SERVERS)/node_modules/.package-lock.json \
	  -a ! $(SERVERS)/package-lock.json -nt $(SERVERS)/node_modules/.package-lock.json \
	  || $(BIN)/python -m tests.servers

fuzz: $(READY) ## fuzz every parser of outside input for SECONDS, with atheris
	$(BIN)/python -m tests.fuzzing $(or $(SECONDS),600)

soak: $(READY) ## simulate 90 days of the daemon, into docs/soak.md
	$(BIN)/python -m bench.soak

bench: $(READY) ## measure speed as ratios to other programs, into docs/bench.md
	$(BIN)/python -m bench

growth: $(READY) ## measure each stage at growing sizes, into docs/growth.md
	$(BIN)/python -m bench.growth

audit: $(READY) ## check pinned dependencies for known vulnerabilities, with pip-audit
	PYTHON=$(PYTHON) .ci/audit

check: lint types imports ## check style, types and import rules

lint: $(READY) ## check style, bugs and format with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## check types with mypy in strict mode
	$(BIN)/mypy

imports: $(READY) ## check the import rules
	$(BIN)/lint-imports

format: $(READY) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

models: $(READY) ## rebuild the bundled sentiment model and all cards
	$(BIN)/python -m analysis.sentiment.field.training

validate: $(READY) ## validate the estimator on simulated data, into docs/validation.md
	$(BIN)/shrug validate --keep
	$(BIN)/python -m docs.generate

docs: $(READY) ## update the generated pages of docs/
	$(BIN)/python -m docs.generate

picture: demo ## make the README's picture from the demo's report, with Chromium
	chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars \
	  --disable-background-networking --disable-component-update --disable-sync \
	  --window-size=1120,2250 --screenshot=docs/images/report.png out/demo/report.en.html 2>/dev/null

article: $(READY) ## generate docs/did-anybody-care.md from an archive of the board (BOARD=FOLDER)
	$(BIN)/python -m docs.article $(BOARD)

lock: $(READY) ## update requirements.lock, with hashes and without index addresses
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --quiet -o requirements.lock

clean: ## remove the virtual environment and all build output
	rm -rf $(VENV) out build *.egg-info
