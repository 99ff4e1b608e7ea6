#!/bin/sh
# make validate for other folders: a command that takes what cfn-lint takes, besides --type-name.
# Editors, pre-commit and the GitHub Action run it. On its first run it makes its environment.

project=$(dirname "$(dirname "$(readlink -f "$0")")")
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "Python 3.10 or later is needed; $python is older or missing." \
        "Name another one in the variable PYTHON, such as python3.12." >&2
    exit 1
fi
# Both are run by their path: with -m, a folder of the same name in the working directory would be
# imported instead.
PYTHONPATH=$project exec "$python" -B "$project/project/environment.py" \
    run validation "$project/validation" --front-door=script "$@"
