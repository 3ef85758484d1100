# make demo | test | lint | audit | wheel | bench | bench-full | container | lock     needs git, make and Python 3.11 to 3.13

PORT ?= 8000
KINDRED_MODELS ?= models/store
export KINDRED_MODELS

suits = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(firstword $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(suits)' 2>/dev/null && echo $$p; done))
bin := .venv/bin
# of pyproject.toml, each with a lock of its own
extras := train spark map s3 gs redis otel
# what is imported is compiled then: all of it beforehand takes longer than to install it
pip := $(bin)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: demo test lint audit wheel bench bench-full container image-arguments lock clean

## serve similar movies on PORT, trained on the built-in sample unless something is published already
demo: .venv/train
	@test -s $(KINDRED_MODELS)/current || { $(bin)/python -m sample build/sample && \
	  $(bin)/kindred train build/sample/ratings.csv --movies build/sample/movies.csv \
	    --deterministic --label "simulated viewers (built-in sample)"; }
	@echo; echo "Try, from another terminal:"; echo
	@echo "  curl -s 'localhost:$(PORT)/similar/592'"
	@echo "  curl -s 'localhost:$(PORT)/movies?query=godfahter'"
	@echo "  curl -s 'localhost:$(PORT)/vectors/592?model=deepwalk'"
	@echo; echo "The explorer: http://localhost:$(PORT)/    All requests, to try: http://localhost:$(PORT)/docs"; echo
	@exec $(bin)/kindred serve --port $(PORT)

## the whole test suite, on all cores
test: .venv/dev
	$(bin)/python -m pytest -n auto

## format, lint and types
lint: .venv/dev
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy

## known vulnerabilities (a service on the network; AUDIT=--offline does without) and licences of all that is pinned
audit: .venv/dev .venv/spark .venv/gs # with these all extras are there
	$(bin)/python -m deploy.supply audit $(AUDIT)

## the wheel of HEAD in dist/, the same bytes wherever and whenever it is built
wheel: .venv/dev
	$(bin)/python -m deploy.supply wheel

## speed and quality beside peers, in one run
bench: .venv/dev
	$(bin)/python -m bench

## the same with the larger sizes
bench-full: .venv/dev
	$(bin)/python -m bench --full

## build the images and try them for real
container:
	.ci/container

## docker build $(make -s image-arguments) --target serve --tag kindred:serve .      what the image's labels say
image-arguments:
	@git log -1 --format='--build-arg REVISION=%H --build-arg SOURCE_DATE_EPOCH=%ct' | tr '\n' ' '
	@TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format='--build-arg CREATED=%cd'

## pin again what pyproject.toml asks for (needs uv)
compile = uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url \
	--no-header --no-annotate
lock:
	$(compile) requirements/build.in --output-file requirements/build.lock
	$(compile) pyproject.toml --extra dev --output-file requirements/dev.lock
	$(compile) requirements/sbom.in --constraints requirements/dev.lock --output-file requirements/sbom.lock
	for extra in $(extras); do $(compile) pyproject.toml --extra $$extra --constraints requirements/dev.lock \
	  --output-file requirements/$$extra.lock || exit 1; done
	$(compile) pyproject.toml --constraints requirements/dev.lock --output-file requirements/serve.lock
	for peer in requirements/bench-*.in; do $(compile) $$peer --output-file $${peer%.in}.lock || exit 1; done

clean:
	rm -rf .venv build

.venv/dev $(extras:%=.venv/%): .venv/%: requirements/%.lock requirements/build.lock pyproject.toml
	$(if $(PYTHON),,$(error Kindred needs Python 3.11 to 3.13; none found on the PATH))
	test -x $(bin)/python || $(PYTHON) -m venv .venv
	$(pip) --require-hashes --requirement $< --requirement requirements/build.lock
	$(pip) --no-deps --no-build-isolation --editable .
	@touch $@
