# All targets need only Python 3.10 or later and make. Each makes the virtual environment that it
# runs in, so its first run takes some seconds longer.

PYTHON ?= python3
# The tests of a module run in one process, because they share a sandbox or a build. There are four
# processes even on two cores, because many tests wait for something. When a test takes too long, its
# process is ended, and the run with it: pytest-xdist may wait forever for the one in its place.
PYTEST_ARGS ?= --numprocesses 4 --dist loadscope --no-loadscope-reorder --max-worker-restart 0

MAKEFLAGS += --no-print-directory
# project.environment is imported from this folder, which the variable would forbid. Older versions
# of make do not keep it from $(shell).
unexport PYTHONSAFEPATH
SUPPORTED = import sys; sys.exit(sys.version_info < (3, 10))
TOO_OLD = Python 3.10 or later is needed; $(PYTHON) is older or missing. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)
SUPPORTED_PYTHON = $(if $(shell $(PYTHON) -c '$(SUPPORTED)' >/dev/null 2>&1 || echo no),$(error $(TOO_OLD)),$(PYTHON))
ENVIRONMENT = $(SUPPORTED_PYTHON) -B -m project.environment
DEV = $(ENVIRONMENT) run dev
# Tests and benchmarks run on the Python that Lambda runs. Where it is not found, they run on the
# default one. A PYTHON that was given comes before both.
LAMBDA_PYTHON = 3.12
PREFERRED = $(or $(if $(filter file,$(origin PYTHON)),$(shell PYTHONSAFEPATH= $(ENVIRONMENT) find $(LAMBDA_PYTHON))),$(SUPPORTED_PYTHON))

# Recipes get variables as shell variables, whatever characters their values have. OPTION is an
# option with the value of a variable that is not empty, in one word, because the value may begin
# with a hyphen. FLAG is an option without a value, if the variable says yes.
OPTION = $${$(1):+--$(2)="$$$(1)"}
FLAG = $(if $(call SAYS_YES,$(1)),--$(2))
SAYS_YES = $(if $(call IS_UNCLEAR,$(value $(1))),$(error $(UNCLEAR)),$(filter 1 yes true,$(value $(1))))
IS_UNCLEAR = $(filter-out 1 yes true 0 no false,$(1))$(word 2,$(1))
UNCLEAR = $(1)=$(value $(1)): $(1) is 1, yes or true to turn it on; 0, no or false to leave it off
# Recipes of long commands begin with exec: make passes SIGTERM on to the process that it started,
# which is then the command and not a shell around it.

# `make help` shows the groups (##@) and their targets (##). TARGET.takes has the variables that a
# target takes, each with an example of a value. No others can be given to it.
.DEFAULT_GOAL := help
TARGETS = help demo shell sandbox env validate template cdk-construct sql package contract submit \
	conformance test test-compat format lint types generate picture site fuzz bench bench-sql \
	environments lock release-check clean
# Targets that only other targets and tests ask for.
INTERNAL = test-here possible-environments print-python bench-here bench-sql-here
.PHONY: $(TARGETS) $(INTERNAL)

help: ## show this
	@awk '/^##@ / { print "\n" substr($$0, 5) } \
		/^[a-z-]+\.takes = / { count = split($$0, words, " ") } \
		/^[a-z-]+: ## / { \
			name = about = $$0; sub(/:.*/, "", name); sub(/^[a-z-]+: ## /, "", about); \
			printf "  make %-14s %s\n", name, about; line = ""; \
			for (n = 3; n <= count; n++) { \
				if (length(line words[n]) > 57) { printf "%21s%s\n", "", line; line = "" } \
				line = line " " words[n] \
			} \
			if (line) printf "%21s%s\n", "", line; \
			count = 0 \
		}' $(firstword $(MAKEFILE_LIST))
	@echo; echo 'Every target takes PYTHON=python3.12: the Python to use.'

##@ Try it

demo.takes = TEMPLATE=path PARAMETERS="Name=value"
demo: ## deploy, change and delete an example, or your template
	@exec $(ENVIRONMENT) run sandbox -m tools.demo $(call OPTION,TEMPLATE,template) \
		$(call OPTION,PARAMETERS,parameters)

shell.takes = COMMAND=command PORT=0 PACKAGE=path
shell: ## start a sandbox and a shell whose AWS CLI talks to it
	@exec $(ENVIRONMENT) run sandbox -m sandbox.shell $(call OPTION,COMMAND,command) \
		$(call OPTION,PORT,port) $(call OPTION,PACKAGE,package)

sandbox.takes = PORT=4566 PACKAGE=path SANDBOX_SAGEMAKER_ENDPOINTS=checked SANDBOX_SAGEMAKER_ARN_CASE=lower
sandbox: ## run AWS on 127.0.0.1, and a package as Lambda does
	@exec $(ENVIRONMENT) run sandbox -m sandbox $(call OPTION,PORT,port) $(call OPTION,PACKAGE,package)

env.takes = PORT=4566
env: ## point this shell at a sandbox: eval "$(make -s env)"
	@exec $(ENVIRONMENT) run sandbox -m sandbox.env $(call OPTION,PORT,port)

##@ Use it

validate.takes = TEMPLATE=paths TYPE_NAME=names FORMAT=json REGIONS=us-east-1 IGNORE=W
validate: ## find mistakes in templates before they deploy
	@exec $(ENVIRONMENT) run validation -m validation $(call OPTION,TEMPLATE,template) \
		$(call OPTION,TYPE_NAME,type-name) $(call OPTION,FORMAT,format) \
		$(call OPTION,REGIONS,regions) $(call OPTION,IGNORE,ignore-checks)

template.takes = DEFINITION=name REGION=us-east-1 TYPE_NAME=name LOGICAL_ID=id
template: ## print an existing definition as a template
	@exec $(ENVIRONMENT) run sandbox -m tools.template $(call OPTION,DEFINITION,definition) \
		$(call OPTION,REGION,region) $(call OPTION,TYPE_NAME,type-name) \
		$(call OPTION,LOGICAL_ID,logical-id)

cdk-construct.takes = TYPE_NAME=YourOrg::SageMaker::Name
cdk-construct: ## print a typed construct for CDK apps in Python
	@exec $(ENVIRONMENT) run sandbox -m tools.cdk_construct $(call OPTION,TYPE_NAME,type-name)

# YES counts on the command line only: a variable of somebody's environment must not write anything.
sql.takes = QUERY=sql FILE=path REGIONS=us-* PROFILES=names OUTPUT=csv OUT=path YES=1 DRY_RUN=1 TIMING=1
sql: ## ask with SQL, in all accounts and regions
	@exec $(ENVIRONMENT) run inventory -m inventory $(call OPTION,QUERY,query) \
		$(call OPTION,FILE,file) $(call OPTION,REGIONS,regions) $(call OPTION,PROFILES,profiles) \
		$(call OPTION,OUTPUT,output) $(call OPTION,OUT,out) \
		$(if $(filter YES,$(GIVEN)),$(call FLAG,YES,yes)) \
		$(call FLAG,DRY_RUN,dry-run) $(call FLAG,TIMING,timing)

package.takes = TYPE_NAME=YourOrg::SageMaker::Name DIST=dist
package: ## build the registry's package
	@exec $(DEV) -m tools.packaging $(call OPTION,TYPE_NAME,type-name) $(call OPTION,DIST,folder)

contract.takes = PACKAGE=path SETUP=path TYPE_CONFIGURATION=path
contract: ## run the CloudFormation CLI's contract tests
	@exec $(DEV) -m tools.contract $(call OPTION,PACKAGE,package) $(call OPTION,SETUP,setup) \
		$(call OPTION,TYPE_CONFIGURATION,type-configuration)

submit.takes = TYPE_NAME=YourOrg::SageMaker::Name REGION=us-east-1 PASSABLE_ROLES=monitoring/* ROLE_ARN=arn DRY_RUN=1
submit: ## register the type in an account
	@exec $(DEV) -m tools.submit $(call OPTION,TYPE_NAME,type-name) \
		$(call OPTION,REGION,region) $(call OPTION,ROLE_ARN,role-arn) \
		$(call OPTION,PASSABLE_ROLES,passable-roles) $(call FLAG,DRY_RUN,dry-run)

IN_AN_ACCOUNT = --role-arn="$$ROLE_ARN" $(call OPTION,REGION,region) \
	$(call OPTION,TYPE_NAME,type-name) $(call FLAG,SCHEDULE,schedule) $(call OPTION,ENDPOINT,endpoint) \
	$(call FLAG,GENERATOR,generator)
FOR_AN_ACCOUNT = $(sort $(filter ROLE_ARN REGION TYPE_NAME SCHEDULE ENDPOINT GENERATOR,$(GIVEN)))
ONLY_IN_AN_ACCOUNT = $(if $(1),$(error make conformance takes $(call LISTED,$(1)) only with AWS=1, which checks in an account))

conformance.takes = ONLY=numbers AWS=1 ROLE_ARN=arn REGION=us-east-1 TYPE_NAME=name SCHEDULE=1 ENDPOINT=name GENERATOR=1
conformance: ## check assumptions about AWS in a sandbox, or in an account
	@exec $(ENVIRONMENT) run sandbox -m conformance $(call OPTION,ONLY,only) \
		$(if $(call FLAG,AWS,aws),--aws $(IN_AN_ACCOUNT),$(call ONLY_IN_AN_ACCOUNT,$(FOR_AN_ACCOUNT)))

##@ Work on it

test: ## check format, lint and types, and run all tests
	@exec $(MAKE) test-here PYTHON="$(PREFERRED)"

# Environments are made before pytest starts: the time limit of a test is not for making one. Some
# need a Python that may be missing. Tests that need such an environment fail and say why; the others
# can run.
WITHOUT = echo "Some environments could not be made. Tests that need them will fail."
test-here:
	@case "$$($(PYTHON) -V)" in "Python $(LAMBDA_PYTHON)."*) note=", which Lambda runs";; \
		*) note="; Lambda runs Python $(LAMBDA_PYTHON)";; esac; \
	echo "make test runs on $$($(PYTHON) -V)$$note."
	@$(ENVIRONMENT) make dev
	@started=$$(date +%s); $(MAKE) --keep-going --jobs 2 lint types possible-environments && \
	echo "Format, lint, types and environments took $$(($$(date +%s) - started)) s."
	@$(DEV) -m pytest $(PYTEST_ARGS)

possible-environments:
	@$(MAKE) environments || $(WITHOUT)

test-compat: ## run the tests that depend on the version of Python
	@$(ENVIRONMENT) make dev sandbox validation schema-linter lambda-runtime || $(WITHOUT)
	@$(DEV) -m pytest $(PYTEST_ARGS) -m 'not once'

print-python:
	@echo "$(PREFERRED)"

format: ## format the code, and fix what the linter can fix
	@$(DEV) -m ruff format
	@$(DEV) -m ruff check --fix

lint: ## check format and lint
	@$(DEV) -m ruff format --check
	@$(DEV) -m ruff check

types: ## check the types
	@$(DEV) -m mypy

generate.takes = CHECK=1
generate: ## generate code, docs/, the role and pages of guide/
	@$(DEV) -m tools.generate $(call FLAG,CHECK,check)

picture: ## make the picture of the demo, guide/demo.svg
	@exec $(ENVIRONMENT) run sandbox -m tools.demo.picture

site: ## build the documentation site in dist/site/
	@exec $(ENVIRONMENT) run site -m tools.site

fuzz.takes = COUNT=2000 FUZZ_SEED=1 ONLY=number
fuzz: ## send broken templates to a sandbox
	@exec $(ENVIRONMENT) run sandbox -m tools.fuzz $(call OPTION,COUNT,count) \
		$(call OPTION,FUZZ_SEED,seed) $(call OPTION,ONLY,only)

bench.takes = QUICK=1
bench: ## measure the handlers beside a textbook provider
	@exec $(MAKE) bench-here PYTHON="$(PREFERRED)"

bench-here:
	@exec $(DEV) -m benchmarks $(call FLAG,QUICK,quick)

bench-sql.takes = QUICK=1
bench-sql: ## measure the SQL inventory beside a boto3 loop
	@exec $(MAKE) bench-sql-here PYTHON="$(PREFERRED)"

bench-sql-here:
	@exec $(DEV) -m benchmarks.inventory $(call FLAG,QUICK,quick)

environments: ## make all environments, to work without a network later
	@$(ENVIRONMENT) make sandbox validation inventory dev sam cdk sagemaker-sdk schema-linter site lambda-runtime

UV = .venv/uv/bin/uv
# Without --no-emit-index-url a lock file would name the package index of the machine that made it.
COMPILE = UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet \
	--universal --python-version 3.10 --generate-hashes --no-emit-index-url --annotation-style line \
	$(call FLAG,UPGRADE,upgrade)

lock.takes = UPGRADE=1
lock: ## lock requirements/*.in again, or take newer versions
	@$(ENVIRONMENT) make uv
	@$(COMPILE) requirements/lambda.in --output-file requirements.txt
	@$(COMPILE) requirements/dev.in --constraint requirements.txt --output-file requirements/dev.txt
	@$(COMPILE) requirements/sandbox.in --constraint requirements/dev.txt --output-file requirements/sandbox.txt
	@$(COMPILE) requirements/validation.in --constraint requirements/dev.txt --output-file requirements/validation.txt
	@$(COMPILE) requirements/inventory.in --constraint requirements/dev.txt --output-file requirements/inventory.txt
	@$(COMPILE) requirements/schema-linter.in --no-deps --output-file requirements/schema-linter.txt
	@$(COMPILE) requirements/lambda-runtime.in --output-file requirements/lambda-runtime.txt
	@$(COMPILE) requirements/sam.in --output-file requirements/sam.txt
	@$(COMPILE) requirements/cdk.in --output-file requirements/cdk.txt
	@$(COMPILE) requirements/sagemaker-sdk.in --output-file requirements/sagemaker-sdk.txt
	@$(COMPILE) requirements/site.in --output-file requirements/site.txt
	@$(COMPILE) requirements/uv.in --output-file requirements/uv.txt

release-check.takes = TYPE_NAME=YourOrg::SageMaker::Name TAG=v1.2.3
release-check: ## prepare a release in dist/release/, publish nothing
	@exec $(DEV) -m tools.release $(call OPTION,TYPE_NAME,type-name) $(call OPTION,TAG,tag)

# __pycache__ is what Python leaves where it runs without make.
clean: ## remove environments, caches and build results
	@rm -rf .venv build dist .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis rpdk.log* guard-rail.log
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is given on make's command line has to be a target, or a variable for one of the targets or for
# the programs that any target runs. A make that another make starts inherits variables, and checks
# none. Shells that complete targets ask for a special one, such as .DEFAULT.
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
FOR_ALL = PYTHON PYTEST_ARGS ENVIRONMENT COMPILE AWS_% PIP_% UV_% PYTHON% %_PROXY %_proxy
TAKEN_BY = $(foreach target,$(1),$(foreach word,$($(target).takes),$(if $(findstring =,$(word)),$(firstword $(subst =, ,$(word))))))
GOALS := $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))
TAKEN := $(strip $(call TAKEN_BY,$(GOALS)))
TAKEN_BY_ANY := $(call TAKEN_BY,$(TARGETS))
UNKNOWN := $(firstword $(filter-out $(TARGETS),$(GOALS)))
REFUSED := $(if $(filter 0,$(MAKELEVEL)),$(firstword $(filter-out $(FOR_ALL) $(TAKEN),$(GIVEN))))

QUOTED = '$(subst ','\'',$(1))'
SIMILAR = import difflib, sys; names = {name.lower(): name for name in sys.argv[2:]}; \
	print(*map(names.get, difflib.get_close_matches(sys.argv[1].lower(), names, 1)))
NEAREST = $(shell $(PYTHON) -c '$(SIMILAR)' $(call QUOTED,$(1)) $(2) 2>/dev/null)
DID_YOU_MEAN = $(if $(1), Did you mean $(1)?)
COMMA = ,
LISTED = $(subst $(COMMA),$(COMMA) ,$(subst $() $(),$(COMMA),$(1)))
BEFORE_MAKE = $(if $(filter $(REFUSED),$(TAKEN_BY_ANY)),,. An environment variable goes before make: $(REFUSED)=... make $(GOALS))
HINT = $(call DID_YOU_MEAN,$(1)) It takes $(or $(call LISTED,$(TAKEN)),no variables of its own)$(if $(1),,$(BEFORE_MAKE))
ITS_VARIABLE = $(if $(TAKEN), If that is a value$(COMMA) give it to a variable: $(call LISTED,$(TAKEN)).)
ifeq ($(filter $(INTERNAL) .%,$(GOALS)),)
ifneq ($(UNKNOWN),)
$(error There is no target $(UNKNOWN).$(or $(call DID_YOU_MEAN,$(call NEAREST,$(UNKNOWN),$(TARGETS))),$(ITS_VARIABLE)) make alone lists all targets)
endif
ifneq ($(REFUSED),)
$(error make $(GOALS) does not take $(REFUSED).$(call HINT,$(call NEAREST,$(REFUSED),$(TAKEN))))
endif
endif

# make would expand what begins with a dollar sign in a value. $(value) is what was given, byte for
# byte, but for blanks before it, which make removes.
$(foreach name,$(filter $(TAKEN_BY_ANY),$(GIVEN)),\
	$(eval override $(name) := $$(value $(name)))$(eval export $(name)))
