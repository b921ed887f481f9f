#!/bin/sh
# The whole example: fetch the package, run the spec, gate every commit of main again. run.sh [DIRECTORY]
# Needs podium, pytest and ruff on the PATH; `make modernise` sees to that.
set -eu
directory=${1:-"$(dirname "$0")/work"}

"$(dirname "$0")/fetch.sh" "$directory"
podium run --repo "$directory" "$directory/modernise.md"
podium audit --repo "$directory" --rerun
