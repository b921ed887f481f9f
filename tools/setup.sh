#!/bin/sh
# Makes .venv with Podium and its development tools in it, and installs bubblewrap where that is allowed.
# Needs Python 3.11 or newer and git. Says what it installs; run again, it does what is left to do.
set -eu
cd "$(dirname "$0")/.."

. tools/apt.sh

find_python() {
    for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            echo "$python"
            return
        fi
    done
    echo "error: Podium needs Python 3.11 or newer; set PYTHON=/path/to/python3" >&2
    exit 1
}

command -v git >/dev/null || install git || { echo "error: Podium needs git 2.38 or newer" >&2; exit 1; }
command -v bwrap >/dev/null || install bubblewrap ||
    echo "note: bubblewrap could not be installed here (apt-get install bubblewrap); the demo says which weaker sandbox it uses"

python=$(find_python)
if [ ! -x .venv/bin/pip ]; then
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 || { install python3-venv && "$python" -m venv .venv; }
fi
echo "installing Podium and its tools into .venv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
touch .venv/ready
