#!/bin/sh
# make validate for other folders: a command that takes what cfn-lint takes, besides --type-name.
# Editors, pre-commit and the GitHub Action run it. On its first run it makes its environment.

project=$(dirname "$(dirname "$(readlink -f "$0")")")
# Both are run by their path: with -m, a folder of the same name in the working directory would be
# imported instead.
PYTHONPATH=$project exec "${PYTHON:-python3}" -B "$project/project/environment.py" \
    run validation "$project/validation" "$@"
