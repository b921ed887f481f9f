#!/bin/sh
# Fetches sqlparse 0.3.1 from PyPI and makes it a repository with podium.toml and the spec in it: fetch.sh DIRECTORY
# Needs pip, and the network for it. The directory must not be there yet.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=${1:?"usage: fetch.sh DIRECTORY"}
[ ! -e "$directory" ] || { echo "error: $directory is there already" >&2; exit 2; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$scratch" sqlparse==0.3.1
mkdir -p "$directory"
tar -xzf "$scratch"/sqlparse-0.3.1.tar.gz --strip-components=1 -C "$directory"
cp "$here/podium.toml" "$here/modernise.md" "$directory"

cd "$directory"
git init --quiet --initial-branch=main
git var GIT_AUTHOR_IDENT >/dev/null 2>&1 || { git config user.name "Podium Example"; git config user.email "example@podium.invalid"; }
git add --all
git -c commit.gpgsign=false commit --quiet --message="sqlparse 0.3.1, as released"
