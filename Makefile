# Every target makes what it needs and nothing more; what is made already is not made again.
# pip reads its usual settings (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, pip.conf, ...) by itself.

VENV   ?= .venv
PYTHON ?=
RUNS   ?= 60
SECONDS ?= 600
IMAGES ?= $(wildcard images/*.jpg images/*.png)
ARGS   ?=

BIN     := $(VENV)/bin
RIE     := .rie/aws-lambda-rie
LOCUST  := .locust/bin/locust
GOALS   := goals gateway harness scale start_up
PYTHONS := $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help compare doctor test test-aws lint audit bench fuzz venv clean

help: ## Show this list
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo "Variables:"
	@echo "  RUNS=60          local and remote pairs that compare measures"
	@echo "  IMAGES=...       photographs that compare classifies (default: images/*.jpg images/*.png)"
	@echo "  SECONDS=600      CPU time for which fuzz tries inputs"
	@echo "  ARGS=...         further arguments of compare, doctor, test (pytest) or bench (goals.py)"
	@echo "  PYTHON=...       the Python, 3.11 or later, that $(VENV) is made with"

compare: $(VENV)/installed ## Classify the photographs here and on the emulated Lambda, side by side
	$(BIN)/resnet-bench compare $(IMAGES) --runs $(RUNS) $(ARGS)

doctor: $(VENV)/installed ## Examine this machine: what can be trusted here, and what to mend
	$(BIN)/resnet-bench doctor $(ARGS)

test: $(VENV)/installed-dev $(RIE) $(LOCUST) ## Run the tests
	$(BIN)/python -m pytest $(ARGS)

# What it makes is removed again, also after a failure; the price is asked of AWS and said before anything is made.
test-aws: $(VENV)/installed-dev ## Run the whole journey on your own AWS account: says its price, asks first
	@$(BIN)/resnet-bench deploy --stack resnet-bench-test --weights random --dry-run
	@printf 'Make this on your AWS account, call it some 30 times, and remove it again? [y/N] '; \
	    read -r answer; test "$$answer" = y || { echo "Nothing was made."; exit 1; }
	RESNET_BENCH_TEST_AWS=1 $(BIN)/python -m pytest tests/integration/test_stack_journey.py --timeout 3600 $(ARGS)

lint: $(VENV)/installed-dev ## Check style, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

audit: $(VENV)/installed-dev ## Look for weaknesses: in this code (bandit), and known ones in what it uses (pip-audit)
	$(BIN)/bandit --quiet --recursive src --configfile pyproject.toml
	$(BIN)/python .ci/audit.py $(ARGS)

# The goals first, on a machine as quiet as it will be. Four of the scripts are among their groups, and do not run again.
bench: $(VENV)/installed $(RIE) ## Measure every goal into benchmarks/RESULTS.md, then run the other scripts there
	@failed=; echo "== benchmarks/goals.py"; $(BIN)/python benchmarks/goals.py $(ARGS) || failed=" benchmarks/goals.py"; \
	for script in $(filter-out $(GOALS:%=benchmarks/%.py),$(wildcard benchmarks/*.py)); do \
	    echo "== $$script"; $(BIN)/python $$script || failed="$$failed $$script"; \
	done; test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

# With the least claim to the machine: it may take an hour. Where atheris has no wheel there is nothing to run it with.
fuzz: $(VENV)/installed-dev ## Throw changed inputs at whatever reads what others have written, for SECONDS of CPU time
	PYTHONPATH=tests nice -n 19 $(BIN)/python -m fuzz.drive --seconds $(SECONDS) $(ARGS)

venv: $(VENV)/created ## Make the virtual environment, still empty

clean: ## Remove the virtual environment and caches; results/ stays
	rm -rf $(VENV) .rie .locust .base build dist .fuzz .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(wildcard src tests benchmarks) -name __pycache__ -prune -exec rm -rf {} +

# Each candidate is run and not just looked up: a version manager's shim may exist without its Python.
$(VENV)/created:
	@for candidate in $(PYTHONS); do \
	    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    found="$$candidate"; \
	    "$$candidate" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	    echo "Making $(VENV) with $$("$$candidate" --version)"; \
	    "$$candidate" -m venv "$(VENV)" && touch "$@" && exit 0; \
	    exit 1; \
	done; \
	if test -n "$$found"; then \
	    echo "$$found has no venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	else \
	    echo "No Python 3.11 or later among: $(PYTHONS). Install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
	fi; exit 1

# pip stays talkative, because its -q also hides the progress of a download of several minutes.
$(VENV)/installed: pyproject.toml | $(VENV)/created
	@echo "Installing resnet-bench into $(VENV): the first time downloads PyTorch, which takes a few minutes"
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/created
	@echo "Installing resnet-bench and its test tools into $(VENV): the first time downloads PyTorch, which takes a few minutes"
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --editable '.[dev]'
	@touch $(VENV)/installed $@

# AWS's own emulator, which the tests and benchmarks compare ours with. It comes in aws-sam-cli, of which nothing else is
# needed and which stays out of $(VENV): its dependencies are older than ours.
$(RIE): | $(VENV)/created
	@echo "Fetching AWS's Lambda runtime interface emulator, to compare ours with"
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps --target .rie/sam aws-sam-cli==1.170.0
	cp ".rie/sam/samcli/local/rapid/aws-lambda-rie-$$(uname -m | sed 's/aarch64/arm64/')" $@
	rm -rf .rie/sam

# For the test of load from several processes. It runs by itself and stays out of $(VENV), which it would fill with another
# web framework and patched sockets.
$(LOCUST): | $(VENV)/created
	@echo "Installing Locust, to test the load that it makes"
	$(BIN)/python -m venv .locust
	.locust/bin/python -m pip install --disable-pip-version-check --no-input --quiet locust==2.47.0
