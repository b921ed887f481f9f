# The two commands a newcomer needs:
#   make demo   sets everything up and shows the whole story on a sample repository; no model key needed
#   make test   formats, types, import contracts, and every test
.PHONY: demo test lint bench modernise clean

PODIUM := .venv/bin/podium
READY := .venv/ready

demo: $(READY)
	@$(PODIUM) demo demo

# Tests are handed out one by one: the slow ones come first, and would else all go to the first worker. Three for two
# cores, as many tests wait as much as they work.
test: $(READY) lint
	@tools/agents.sh
	@.venv/bin/python -m compileall -q src  # hundreds of Podiums are started, wherever bytecode is not kept by itself
	.venv/bin/pytest -n 3 --maxschedchunk 1 -q

lint: $(READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: $(READY)
	.venv/bin/python bench/run.py

modernise: $(READY)
	PATH="$(CURDIR)/.venv/bin:$$PATH" examples/modernise/run.sh

$(READY): pyproject.toml tools/setup.sh
	@tools/setup.sh

clean:
	rm -rf .venv .cache demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
