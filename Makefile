# `make` alone lists the commands.

PYTHON ?= python3
VENV ?= .venv
DIST ?= dist
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV := $(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode
# What the tests need beyond Python packages; installed by `make test` where CI=true.
# Under systemd nginx and caddy are also started, and both want port 80. Whichever loses is installed
# all the same, and the tests start their own, at other ports.
DEBIAN_PACKAGES := prosody chromium-headless-shell nginx-light caddy
# Tests start bots by the hundred: where it is set, each would compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE
APT = $(SUDO) apt-get install -qy --no-install-recommends
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help install demo test tested lint debian quick bench build lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.product ## Install the bot into .venv, with the command .venv/bin/fosdembot

demo: $(VENV)/.dev ## Play a small conference on a real homeserver (ARGS=--once: to its end)
	$(BIN)/fosdembot demo $(ARGS)

test: $(VENV)/.dev ## Check everything: style, types, imports, behaviour (PYTEST=… for a part)
	@+$(MAKE) --no-print-directory $(BESIDE) lint tested

# In a fresh clone checking types keeps one processor busy for a minute or two.
BESIDE := $(if $(filter true,$(CI)),-j 3)

tested: debian
ifeq ($(PYTEST),)
	$(BIN)/python -m pytest -q --forked --durations=25
else
	$(BIN)/python -m pytest $(PYTEST)
endif

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The lists of packages are fetched where something is missing that is not found without.
# npm is not among the packages: where node comes from elsewhere, Debian's would be in its way.
debian:
ifeq ($(CI),true)
	$(APT) $(DEBIAN_PACKAGES) || { $(SUDO) apt-get update -q && $(APT) $(DEBIAN_PACKAGES); }
	command -v npm >/dev/null || $(APT) npm || { $(SUDO) apt-get update -q && $(APT) npm; }
	$(BIN)/python -m simulation.npm_scripts
endif

quick: $(VENV)/.dev lint ## Check style, types and rules in half a minute: no server, database or bot
	$(BIN)/python -m pytest -q --quick --forked

# As docs/operating.md has it run.
bench: export PYTHONMALLOC=malloc
bench: export GLIBC_TUNABLES=glibc.malloc.hugetlb=1
bench: $(VENV)/.dev ## Measure what votes, notices, starts, meetings, transcripts, pages and guests cost (ARGS=--postgresql: on PostgreSQL)
	$(BIN)/python -m bench.votes $(ARGS)
	$(BIN)/python -m bench.starts $(ARGS)
	$(BIN)/python -m bench.meetings
	$(BIN)/python -m bench.transcripts
	$(BIN)/python -m bench.pages
	$(BIN)/python -m bench.guests

build: $(VENV)/.product ## Pack the plugin for a maubot server: dist/*.mbp
	@test -L maubot.yaml && test -e maubot.yaml || { \
	  echo "maubot.yaml is not a symbolic link to plugin.yaml (a download as zip loses it)." >&2; \
	  echo "Restore it: ln -sf plugin.yaml maubot.yaml" >&2; exit 1; }
	@# From a copy: mbc packs whatever lies in the package, compiled files too.
	@rm -rf $(DIST)/.copy $(DIST)/*.mbp
	@mkdir -p $(DIST)/.copy
	@cp -RP fosdembot migrations plugin.yaml maubot.yaml base-config.yaml LICENSE $(DIST)/.copy
	@find $(DIST)/.copy -name __pycache__ -prune -exec rm -rf {} +
	@$(BIN)/mbc build -o $(DIST) $(DIST)/.copy
	@rm -rf $(DIST)/.copy
	@# mbc ends well even where it built nothing.
	@test -e $(DIST)/*.mbp

lock: $(VENV)/.dev ## Choose newer versions of everything, and write them to requirements/
	echo uv | $(BIN)/uv pip compile -q $(LOCK_OPTIONS) -o requirements/uv.txt -
	$(BIN)/uv pip compile -q $(LOCK_OPTIONS) -o requirements/product.txt pyproject.toml
	$(BIN)/uv pip compile -q $(LOCK_OPTIONS) --extra dev -c requirements/product.txt \
	  -o requirements/dev.txt pyproject.toml

LOCK_OPTIONS := --universal --python-version 3.11 --upgrade --generate-hashes \
  --no-annotate --custom-compile-command "make lock"

clean: ## Remove everything that was installed or built
	rm -rf $(VENV) dist demo-summary.json demo-transcripts *.egg-info .hypothesis .import_linter_cache .mypy_cache \
	  .pytest_cache .ruff_cache

$(VENV)/.product: requirements/product.txt requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "fosdembot needs Python 3.11 or later, and $(PYTHON) is none." >&2; \
	  echo "Name another: make install PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python cannot make virtual environments yet. On Debian and Ubuntu:" >&2; \
	  echo "  sudo apt install python3-venv" >&2; exit 1; }
	@echo "Installing the bot into $(VENV): 40 packages, some seconds …"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install -qq -r requirements/uv.txt
	@# uv is faster by far; only pip reads a pip.conf, where packages come from elsewhere.
	@$(UV) -r requirements/product.txt || $(PIP) install -qq -r requirements/product.txt
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@
	@echo "… installed."

$(VENV)/.dev: requirements/dev.txt $(VENV)/.product
	@echo "Installing a homeserver and the tools of the tests into $(VENV): half a minute …"
	@$(UV) -r requirements/dev.txt || $(PIP) install -qq -r requirements/dev.txt
	@touch $@
	@echo "… installed."
