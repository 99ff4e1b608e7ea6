# All targets need only Python 3.10 or later and make. Each makes the virtual environment that it
# runs in, so its first run takes some seconds longer.

PYTHON ?= python3
PORT ?= 4566
# The tests of a module run in one process, because they share a sandbox or a build. There are four
# processes even on two cores, because many tests wait for something.
PYTEST_ARGS ?= --numprocesses 4 --dist loadscope --no-loadscope-reorder

MAKEFLAGS += --no-print-directory
SUPPORTED = import sys; sys.exit(sys.version_info < (3, 10))
TOO_OLD = Python 3.10 or later is needed; $(PYTHON) is older or missing. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)
SUPPORTED_PYTHON = $(if $(shell $(PYTHON) -c '$(SUPPORTED)' >/dev/null 2>&1 || echo no),$(error $(TOO_OLD)),$(PYTHON))
ENVIRONMENT = $(SUPPORTED_PYTHON) -B -m project.environment
DEV = $(ENVIRONMENT) run dev
# Tests and benchmarks run on the Python that Lambda runs. Where it is not found, they run on the
# default one. A PYTHON that was given comes before both.
LAMBDA_PYTHON = 3.12
PREFERRED = $(or $(if $(filter file,$(origin PYTHON)),$(shell $(ENVIRONMENT) find $(LAMBDA_PYTHON))),$(SUPPORTED_PYTHON))

# make exports what was given on its command line, so that recipes get it as shell variables,
# whatever characters it has. OPTION is an option with the value of a variable that is not empty,
# in one word, because the value may begin with a hyphen. FLAG is an option without a value, unless
# the variable says no.
OPTION = $${$(1):+--$(2)="$$$(1)"}
FLAG = $(if $(filter-out 0 no false,$($(1))),--$(2))
export PORT
# Recipes of long commands begin with exec: make passes SIGTERM on to the process that it started,
# which is then the command and not a shell around it.

.DEFAULT_GOAL := help
.PHONY: help demo test test-compat sandbox contract conformance fuzz bench bench-sql site package release-check submit template sql format lint types generate lock environments clean

help: ## show this table
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: ## deploy, change, delete an example; TEMPLATE=path PARAMETERS="A=b" for yours
	@set -f; exec $(ENVIRONMENT) run sandbox -m tools.demo $(call OPTION,TEMPLATE,template) \
		$${PARAMETERS:+--parameters $$PARAMETERS}

test: ## check format, lint and types, and run all tests; on Python 3.12 if it is found
	@exec $(MAKE) test-here PYTHON="$(PREFERRED)"

# Environments are made before pytest starts: the time limit of a test is not for making one. Some
# need a Python that may be missing. Tests that need such an environment fail and say why; the others
# can run.
WITHOUT = echo "Some environments could not be made. Tests that need them will fail."
.PHONY: test-here
test-here:
	@case "$$($(PYTHON) -V)" in "Python $(LAMBDA_PYTHON)."*) note=", which Lambda runs";; \
		*) note="; Lambda runs Python $(LAMBDA_PYTHON)";; esac; \
	echo "make test runs on $$($(PYTHON) -V)$$note."
	@$(ENVIRONMENT) make dev
	@started=$$(date +%s); $(MAKE) --keep-going --jobs 2 lint types possible-environments && \
	echo "Format, lint, types and environments took $$(($$(date +%s) - started)) s."
	@$(DEV) -m pytest $(PYTEST_ARGS)

.PHONY: possible-environments
possible-environments:
	@$(MAKE) environments || $(WITHOUT)

test-compat: ## run the tests that depend on the version of Python, on PYTHON
	@$(ENVIRONMENT) make dev sandbox schema-linter lambda-runtime || $(WITHOUT)
	@$(DEV) -m pytest $(PYTEST_ARGS) -m 'not once'

.PHONY: print-python
print-python:
	@echo "$(PREFERRED)"

sandbox: ## run AWS on 127.0.0.1; PORT=4566; PACKAGE=path runs a package as Lambda does
	@exec $(ENVIRONMENT) run sandbox -m sandbox --port="$$PORT" $(call OPTION,PACKAGE,package)

contract: ## run the CloudFormation CLI's contract tests; PACKAGE= SETUP= TYPE_CONFIGURATION=
	@exec $(DEV) -m tools.contract $(call OPTION,PACKAGE,package) $(call OPTION,SETUP,setup) \
		$(call OPTION,TYPE_CONFIGURATION,type-configuration)

IN_AN_ACCOUNT = --role-arn="$$ROLE_ARN" $(call OPTION,REGION,region) \
	$(call OPTION,TYPE_NAME,type-name) $(call FLAG,SCHEDULE,schedule) $(call OPTION,ENDPOINT,endpoint) \
	$(call FLAG,GENERATOR,generator)

conformance: ## check assumptions about AWS in a sandbox; AWS=1 ROLE_ARN=... in an account
	@exec $(ENVIRONMENT) run sandbox -m conformance $(call OPTION,ONLY,only) \
		$(if $(call FLAG,AWS,aws),--aws $(IN_AN_ACCOUNT))

fuzz: ## send broken templates to a sandbox; COUNT=2000 FUZZ_SEED=1 ONLY=number
	@exec $(ENVIRONMENT) run sandbox -m tools.fuzz $(call OPTION,COUNT,count) \
		$(call OPTION,FUZZ_SEED,seed) $(call OPTION,ONLY,only)

package: ## build the registry's package in dist/; TYPE_NAME=YourOrg::SageMaker::...
	@exec $(DEV) -m tools.packaging $(call OPTION,TYPE_NAME,type-name) $(call OPTION,DIST,folder)

release-check: ## prepare a release in dist/release/, publish nothing; TYPE_NAME=, TAG=v1.2.3
	@exec $(DEV) -m tools.release $(call OPTION,TYPE_NAME,type-name) $(call OPTION,TAG,tag)

submit: ## register the type; TYPE_NAME= REGION= PASSABLE_ROLES= or ROLE_ARN=, DRY_RUN=1
	@exec $(DEV) -m tools.submit $(call OPTION,TYPE_NAME,type-name) \
		$(call OPTION,REGION,region) $(call OPTION,ROLE_ARN,role-arn) \
		$(call OPTION,PASSABLE_ROLES,passable-roles) $(call FLAG,DRY_RUN,dry-run)

template: ## print an existing definition as a template; DEFINITION= REGION= TYPE_NAME= LOGICAL_ID=
	@exec $(ENVIRONMENT) run sandbox -m tools.template $(call OPTION,DEFINITION,definition) \
		$(call OPTION,REGION,region) $(call OPTION,TYPE_NAME,type-name) \
		$(call OPTION,LOGICAL_ID,logical-id)

# make would expand what begins with a dollar sign in these. $(value) is what was given, byte for
# byte, but for blanks before the text on the command line, which make removes.
override QUERY := $(value QUERY)
override FILE := $(value FILE)
override OUT := $(value OUT)
export QUERY FILE OUT

sql: ## ask with SQL; QUERY= or FILE=, REGIONS= PROFILES= OUTPUT= OUT= YES=1 DRY_RUN=1 TIMING=1
	@exec $(ENVIRONMENT) run inventory -m inventory $(call OPTION,QUERY,query) \
		$(call OPTION,FILE,file) $(call OPTION,REGIONS,regions) $(call OPTION,PROFILES,profiles) \
		$(call OPTION,OUTPUT,output) $(call OPTION,OUT,out) $(call FLAG,YES,yes) \
		$(call FLAG,DRY_RUN,dry-run) $(call FLAG,TIMING,timing)

bench: ## measure the handlers beside a textbook provider; QUICK=1 for a short run
	@exec $(MAKE) bench-here PYTHON="$(PREFERRED)"

.PHONY: bench-here
bench-here:
	@exec $(DEV) -m benchmarks $(call FLAG,QUICK,quick)

bench-sql: ## measure the SQL inventory beside a boto3 loop; QUICK=1 for a short run
	@exec $(MAKE) bench-sql-here PYTHON="$(PREFERRED)"

.PHONY: bench-sql-here
bench-sql-here:
	@exec $(DEV) -m benchmarks.inventory $(call FLAG,QUICK,quick)

format: ## format the code, and fix what the linter can fix
	@$(DEV) -m ruff format
	@$(DEV) -m ruff check --fix

lint: ## check format and lint; change nothing
	@$(DEV) -m ruff format --check
	@$(DEV) -m ruff check

types: ## check the types
	@$(DEV) -m mypy

generate: ## generate code, docs/, the role and pages of guide/; CHECK=1 only compares
	@$(DEV) -m tools.generate $(call FLAG,CHECK,check)

site: ## build the documentation site in dist/site/
	@exec $(ENVIRONMENT) run site -m tools.site

environments: ## make all environments now, to work without a network later
	@$(ENVIRONMENT) make sandbox inventory dev sam cdk sagemaker-sdk schema-linter site lambda-runtime

UV = .venv/uv/bin/uv
# Without --no-emit-index-url a lock file would name the package index of the machine that made it.
COMPILE = UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet \
	--universal --python-version 3.10 --generate-hashes --no-emit-index-url --annotation-style line \
	$(call FLAG,UPGRADE,upgrade)

lock: ## lock requirements/*.in again; UPGRADE=1 takes newer versions
	@$(ENVIRONMENT) make uv
	@$(COMPILE) requirements/lambda.in --output-file requirements.txt
	@$(COMPILE) requirements/dev.in --constraint requirements.txt --output-file requirements/dev.txt
	@$(COMPILE) requirements/sandbox.in --constraint requirements/dev.txt --output-file requirements/sandbox.txt
	@$(COMPILE) requirements/inventory.in --constraint requirements/dev.txt --output-file requirements/inventory.txt
	@$(COMPILE) requirements/schema-linter.in --no-deps --output-file requirements/schema-linter.txt
	@$(COMPILE) requirements/lambda-runtime.in --output-file requirements/lambda-runtime.txt
	@$(COMPILE) requirements/sam.in --output-file requirements/sam.txt
	@$(COMPILE) requirements/cdk.in --output-file requirements/cdk.txt
	@$(COMPILE) requirements/sagemaker-sdk.in --output-file requirements/sagemaker-sdk.txt
	@$(COMPILE) requirements/site.in --output-file requirements/site.txt
	@$(COMPILE) requirements/uv.in --output-file requirements/uv.txt

# __pycache__ is what Python leaves where it runs without make.
clean: ## remove environments, caches and build results
	@rm -rf .venv build dist .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis rpdk.log* guard-rail.log
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
