#!/bin/sh
# Pins every dependency with hashes: dev.lock for tests, run.lock (a subset, same versions) for use.
set -eu
cd "$(dirname "$0")/.."
pin="uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q"
PATH="$PWD/.venv/bin:$PATH"
$pin --group dev -o requirements/dev.lock
$pin -c requirements/dev.lock -o requirements/run.lock
