# Two commands for a newcomer: `make run` and `make test`. The rest is for those who change Estate.
# Those that make all they need; the others want a register of a million, an own environment or minutes: see each.
BENCHMARKS = import_rows map_page map_served proposal_district start
.PHONY: run test setup setup-test check lint bench demo-reset

run: setup
	@exec .venv/bin/estate run

test: setup-test
	@.venv/bin/pytest --numprocesses auto --maxprocesses 8 --dist worksteal

setup:
	@scripts/setup

setup-test:
	@scripts/setup test

lint: setup-test
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

check: lint test

bench: setup-test
	@for name in $(BENCHMARKS); do .venv/bin/python benchmarks/$$name.py || exit 1; done

demo-reset: setup
	@.venv/bin/estate demo reset
