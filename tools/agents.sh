#!/bin/sh
# Installs the real agents that the tests drive, and a Node to run them, into .cache/agents; their programs are in its bin.
# Needs npm and the network the first time. Says of each agent whether it is there: what is not, the tests say they left out.
set -eu
cd "$(dirname "$0")/.."
. tools/apt.sh

cache=$PWD/.cache/agents
mkdir -p "$cache/bin"
exec 9>"$cache/lock"
flock 9

# have NAME VERSION PROGRAM PACKAGE... : each agent has a folder of its own, so that one that cannot be had costs no other.
have() {
    name=$1 version=$2 program=$3
    shift 3
    if [ "$(cat "$cache/$name/installed" 2>/dev/null)" != "$*" ]; then
        fetch "$@" || { echo "note: $name could not be installed: $(reason)"; return 0; }
        echo "$*" >"$cache/.new/installed"
        rm -rf "${cache:?}/$name"
        mv "$cache/.new" "$cache/$name"
    fi
    ln -sfn "../$name/node_modules/.bin/$program" "$cache/bin/$program"
    echo "$name $version installed"
}

fetch() {
    rm -rf "$cache/.new"
    mkdir "$cache/.new"
    echo '{"private": true}' >"$cache/.new/package.json"
    command -v npm >/dev/null || install npm >"$cache/log" 2>&1 || { echo "there is no npm" >"$cache/log"; return 1; }
    timeout 900 npm install --prefix "$cache/.new" --ignore-scripts --no-audit --no-fund --no-package-lock \
        --fetch-retries 1 --fetch-retry-mintimeout 1000 --fetch-timeout 120000 "$@" >"$cache/log" 2>&1 || return 1
    # What nothing here runs: builds for another C library, which npm 9 takes as well (300 MB), and Node's headers.
    rm -rf "$cache/.new"/node_modules/*/*-linux-*-musl "$cache/.new"/node_modules/node-linux-*/include
}

# The first thing npm says that is no warning and no bare code.
reason() {
    grep -m 1 -vE '^npm (warn|WARN|(error|ERR!) (code|syscall|errno))' "$cache/log" | cut -c 1-200
}

case $(uname -m) in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
have node 24.21.0 node "node-linux-$machine@24.21.0"
have gemini 0.61.0 gemini @google/gemini-cli@0.61.0
have codex 2.6.0 codex-acp @agentclientprotocol/codex-acp@2.6.0 @openai/codex@0.166.0
have claude 0.100.0 claude-agent-acp @agentclientprotocol/claude-agent-acp@0.100.0
