# Two commands do everything: `./capsule run FILE` runs a task, `make test` passes the tests.
PYTHON ?= python3

.PHONY: build test fuzz format bench clean

build:
	@./capsule build

# Builds, then runs every test and linter; the last line has the totals.
test:
	@$(PYTHON) tools/check.py

# Feeds every parser of untrusted input for so long each; docs/security.md.
SECONDS ?= 600
FUZZ ?= *FuzzTest
fuzz: build
	@./mvnw --quiet --projects sidecar --also-make test -Dsurefire.failIfNoSpecifiedTests=false -Dtest='$(FUZZ)' -Dfuzz.seconds=$(SECONDS)

format:
	@$(PYTHON) tools/format.py

bench:
	@./capsule build
	@bench/run

# Downloads of Maven and pip, and the user's cache of compiled guests, stay.
clean:
	rm -rf build target protocol/target wasmtime/target guests/flatten/target sidecar/target repl/target
