"""`make package`: builds the package of the type, and what goes with it, in dist/."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

from project import ROOT
from project.command_line import ArgumentParser, run
from project.settings import type_name
from project.type_name import EXAMPLE, TypeNameError, check_name, hyphenated, is_reserved
from tools.packaging import PackagingError, sbom_path
from tools.packaging.project_copy import SCHEMA_FOLDER, replace
from tools.packaging.reuse import build_if_changed


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit code."""
    parser = ArgumentParser(prog="make package", description=__doc__)
    parser.add_argument("--type-name", default=type_name())
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    asked = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        check_name(asked.type_name)
        print(f"Packaging {asked.type_name} ...", file=sys.stderr)
        package = build_if_changed(asked.type_name, asked.folder)
        project = replace(asked.type_name, asked.folder / hyphenated(asked.type_name))
    except (TypeNameError, PackagingError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{asked.type_name}, in {time.monotonic() - started:.0f} s:")
    for path in (package, sbom_path(package)):
        content = path.read_bytes()
        print(f"  {path}\n    {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    print(f"  {project}/\n    its schema, docs, examples, template.yml and resource-role.yaml")
    print(f"  {project / SCHEMA_FOLDER}/\n    the schema alone, for cfn-lint --registry-schemas")
    if is_reserved(asked.type_name):
        print(f"You can run and test it. To register it, name it: make package TYPE_NAME={EXAMPLE}")
    return 0


if __name__ == "__main__":
    sys.exit(run(main, sys.argv[1:], interrupted="Interrupted. Run it again."))
