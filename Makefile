# Everything needs only Python 3.10 or later and make. Each target makes the virtual environment
# that it runs in; the first time takes some seconds more.

PYTHON ?= python3
PORT ?= 4566
# A module's tests stay together, for they share a sandbox or a build; slow modules come first.
# Four processes, as many tests wait for something.
PYTEST_ARGS ?= --numprocesses 4 --dist loadscope --no-loadscope-reorder

MAKEFLAGS += --no-print-directory
SUPPORTED = import sys; sys.exit(sys.version_info < (3, 10))
TOO_OLD = Python 3.10 or later is needed, and $(PYTHON) is none; name one, for instance: make PYTHON=python3.12 $(MAKECMDGOALS)
ENVIRONMENT = $(if $(shell $(PYTHON) -c '$(SUPPORTED)' >/dev/null 2>&1 || echo no),$(error $(TOO_OLD)),$(PYTHON)) -m project.environment
DEV = $(ENVIRONMENT) run dev

# What is given on the command line reaches recipes as shell variables, whatever is in it: make
# exports it. OPTION has an option with the value of one that is not empty; FLAG has an option
# without one, unless the variable says no.
OPTION = $${$(1):+--$(2) "$$$(1)"}
FLAG = $(if $(filter-out 0 no false,$($(1))),--$(2))
export PORT
# Recipes of commands that take long begin with exec: make hands SIGTERM on to what it started, which
# is then the command, and no shell in front of it.

.DEFAULT_GOAL := help
.PHONY: help demo test sandbox contract conformance bench package release-check submit format lint types generate lock environments clean

help: ## this table
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: ## an example deployed, changed and deleted here, narrated; TEMPLATE=path PARAMETERS="A=b" for yours
	@set -f; exec $(ENVIRONMENT) run sandbox -m tools.demo $(call OPTION,TEMPLATE,template) \
		$${PARAMETERS:+--parameters $$PARAMETERS}

# Tests run make targets, which are not to speak of making an environment then.
USED_BY_TESTS = $(ENVIRONMENT) make sandbox dev

test: lint types ## all that CI runs: format, lint, types, tests; tests on Python 3.12 too, where it is found
	@$(USED_BY_TESTS)
	@$(DEV) -m pytest $(PYTEST_ARGS)
	@other=$$($(ENVIRONMENT) find 3.12); \
	case "$$($(PYTHON) -V)" in "Python 3.12"*) exit;; esac; \
	if [ -n "$$other" ]; then $(MAKE) test-again PYTHON="$$other"; \
	else echo "No Python 3.12 was found; the tests ran on $$($(PYTHON) -V) only."; fi

.PHONY: test-again
test-again:
	@echo "The tests once more, on $$($(PYTHON) -V), which is what Lambda runs."
	@$(USED_BY_TESTS)
	@$(DEV) -m pytest $(PYTEST_ARGS) -m 'not once'

sandbox: ## AWS on 127.0.0.1 in the foreground; PORT=4566, PACKAGE=path runs that as Lambda does
	@exec $(ENVIRONMENT) run sandbox -m sandbox --port "$$PORT" $(call OPTION,PACKAGE,package)

contract: ## the CloudFormation CLI's own contract tests against the sandbox; PACKAGE=path
	@exec $(DEV) -m tools.contract $(call OPTION,PACKAGE,package)

IN_AN_ACCOUNT = --role-arn "$$ROLE_ARN" $(call OPTION,REGION,region) \
	$(call OPTION,TYPE_NAME,type-name) $(call FLAG,SCHEDULE,schedule) $(call OPTION,ENDPOINT,endpoint)

conformance: ## what is believed of AWS, checked in a sandbox; AWS=1 ROLE_ARN=… in an account
	@exec $(ENVIRONMENT) run sandbox -m conformance $(call OPTION,ONLY,only) \
		$(if $(call FLAG,AWS,aws),--aws $(IN_AN_ACCOUNT))

package: ## what the CloudFormation registry takes, in dist/; TYPE_NAME=YourOrg::SageMaker::...
	@exec $(DEV) -m tools.packaging $(call OPTION,TYPE_NAME,type-name) $(call OPTION,DIST,folder)

release-check: ## all of a release but publishing it; its files in dist/release/; TYPE_NAME=, TAG=v1.2.3
	@exec $(DEV) -m tools.release $(call OPTION,TYPE_NAME,type-name) $(call OPTION,TAG,tag)

submit: ## register it: TYPE_NAME=… REGION=…; PASSABLE_ROLES=… or ROLE_ARN=…, DRY_RUN=1 only tells
	@exec $(DEV) -m tools.submit $(call OPTION,TYPE_NAME,type-name) \
		$(call OPTION,REGION,region) $(call OPTION,ROLE_ARN,role-arn) \
		$(call OPTION,PASSABLE_ROLES,passable-roles) $(call FLAG,DRY_RUN,dry-run)

bench: ## the handlers measured side by side with a textbook provider; QUICK=1 for a look
	@other=$$($(ENVIRONMENT) find 3.12); exec $(MAKE) bench-here $${other:+PYTHON="$$other"}

# On the Python that Lambda runs, where it is found.
.PHONY: bench-here
bench-here:
	@exec $(DEV) -m benchmarks $(call FLAG,QUICK,quick)

format: ## format the code, and mend what the linter can
	@$(DEV) -m ruff format
	@$(DEV) -m ruff check --fix

lint: ## format and lint, changing nothing
	@$(DEV) -m ruff format --check
	@$(DEV) -m ruff check

types: ## check the types
	@$(DEV) -m mypy

generate: ## models.py, pages of docs/ and resource-role.yaml from the schema; CHECK=1 only looks
	@$(DEV) -m tools.generate $(call FLAG,CHECK,check)

environments: ## make all environments now, for work without a network
	@$(ENVIRONMENT) make sandbox dev sam cdk sagemaker-sdk schema-linter lambda-runtime

UV = .venv/uv/bin/uv
# Without --no-emit-index-url a lock would name the package index of the machine that made it.
COMPILE = UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet \
	--universal --python-version 3.10 --generate-hashes --no-emit-index-url --annotation-style line \
	$(call FLAG,UPGRADE,upgrade)

lock: ## write the locks anew from requirements/*.in; UPGRADE=1 takes newer versions
	@$(ENVIRONMENT) make uv
	@$(COMPILE) requirements/lambda.in --output-file requirements.txt
	@$(COMPILE) requirements/dev.in --constraint requirements.txt --output-file requirements/dev.txt
	@$(COMPILE) requirements/sandbox.in --constraint requirements/dev.txt --output-file requirements/sandbox.txt
	@$(COMPILE) requirements/schema-linter.in --no-deps --output-file requirements/schema-linter.txt
	@$(COMPILE) requirements/lambda-runtime.in --output-file requirements/lambda-runtime.txt
	@$(COMPILE) requirements/sam.in --output-file requirements/sam.txt
	@$(COMPILE) requirements/cdk.in --output-file requirements/cdk.txt
	@$(COMPILE) requirements/sagemaker-sdk.in --output-file requirements/sagemaker-sdk.txt
	@$(COMPILE) requirements/uv.in --output-file requirements/uv.txt

clean: ## remove environments, caches and what was built
	@rm -rf .venv build dist .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis rpdk.log
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
