# Every target, and nothing else, is what people and CI call. `make` lists them.
PYTHON ?= python3
LAUNCH = $(PYTHON) -m revops.launcher

.PHONY: help run demo test check storm bench fmt lock
help: ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: ## Set up whatever is missing, start everything, print the address
	@$(LAUNCH) run

demo: ## The same, with simulated staff at work
	@$(LAUNCH) demo

test: ## The whole test suite on its own PostgreSQL and Redis (ARGS="tests/funnel -k sweep")
	@$(LAUNCH) pytest $(ARGS)

check: ## Lint, types, imports, templates, migrations, API schema, generated docs, translations
	@$(LAUNCH) python -m revops.checks

storm: ## The long fault and load tests
	@$(LAUNCH) pytest -m storm -s $(ARGS)

bench: ## Timings beside the bare database
	@$(LAUNCH) manage bench $(ARGS)

fmt: ## Format code and templates
	@$(LAUNCH) python -m revops.checks --fix

lock: ## Resolve the requirements anew
	@$(LAUNCH) python -m revops.lock
