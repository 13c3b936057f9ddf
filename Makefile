# The commands of this project. `make` alone lists them.
PYTHON := .venv/bin/python
SETUP := python3 bin/setup.py
TESTS ?= tests
# Coverage says something of the whole suite only. It is counted on SQLite alone: the same tests run on PostgreSQL, and
# counting takes nearly as long again as running.
COVERAGE = $(if $(filter-out tests,$(TESTS))$(filter postgres%,$(DATABASE_URL)),--no-cov,--cov --cov-report=term:skip-covered)
# uv writes the locks; in a place of its own, since nothing else here uses it.
UV := var/lock/bin/uv
LOCK = cd requirements && ../$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help setup run reset ready test check fix drill bench audit pictures lock

help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install everything and load the plans and the demonstration (PLANS=only: the plans alone)
	@$(SETUP)

run: setup ## Set up, then serve the application on this machine (PORT=8001: on another port)
	@$(PYTHON) bin/serve.py

reset: ## Load the demonstration afresh: what was typed into it is lost
	@$(SETUP) --reset

ready:
	@$(SETUP) --with-tests --without-record

test: ready ## Run the tests (TESTS=tests/needs: some of them; DATABASE_URL=postgres://…: on PostgreSQL)
	@code=0; export PDF_SECONDS=240; \
	$(PYTHON) -m pytest -n 2 --dist worksteal $(COVERAGE) $(TESTS) || code=$$?; \
	case "$$DATABASE_URL" in postgres*) $(PYTHON) -m pytest -m still $(TESTS) || [ $$? -eq 5 ] || code=1;; esac; \
	if [ -s var/left-out.txt ]; then echo; cat var/left-out.txt; fi; exit $$code

check: ready ## Look for mistakes in code, templates, migrations and settings
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djlint --lint --quiet templates
	$(PYTHON) manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy, as in production"
	@MODE=production ALLOWED_HOSTS=board.example SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))") \
		$(PYTHON) manage.py check --deploy --fail-level WARNING

fix: ready ## Mend what can be mended by itself, and format
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

drill: setup ## Back up, restore elsewhere, verify every row and file, and say how long it took
	@$(PYTHON) bin/drill.py

bench: ready ## Measure pages and documents against their floors
	@$(PYTHON) bin/bench.py

audit: ready ## Ask the registries for known weaknesses in what is installed (needs the network)
	@python3 -m venv var/audit && var/audit/bin/pip install --quiet pip-audit
	var/audit/bin/pip-audit --strict --requirement requirements-dev.txt
	PATH="$$PATH:$(CURDIR)/.venv/bin" npm audit

pictures: setup ready ## Take pictures of the main pages, wide and narrow, into var/pictures
	@$(PYTHON) bin/pictures.py

lock: ## Pin again after a change in requirements/ (needs the network)
	@test -x $(UV) || { python3 -m venv var/lock && var/lock/bin/pip install --quiet uv; }
	@$(LOCK) core.in --output-file ../requirements.txt > /dev/null
	@$(LOCK) dev.in --constraint ../requirements.txt --output-file ../requirements-dev.txt > /dev/null
	@$(LOCK) node.in --output-file ../requirements-node.txt > /dev/null
	@git --no-pager diff --stat -- requirements.txt requirements-dev.txt requirements-node.txt
