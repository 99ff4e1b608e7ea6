"""The content of a package from ``cfn submit``, and the functions that Lambda runs from it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from project.package_files import INNER, SCHEMA, SETTINGS, sbom_path
from project.type_name import hyphenated

ENTRY_POINTS = {"TypeFunction": "entrypoint", "TestEntrypoint": "testEntrypoint"}
"""The functions of template.yml, and the settings that name their entry points."""


class PackageInvalid(ValueError):
    """The sandbox cannot run the file as a package; the message says why and what to do."""


@dataclass(frozen=True)
class Function:
    """A function and its configuration in Lambda.

    runtime: such as python3.12. timeout: seconds. memory: MB.
    """

    name: str
    handler: str
    runtime: str
    timeout: float
    memory: int


@dataclass(frozen=True)
class PackageFile:
    """The zip that the registry takes: schema.json, .rpdk-config, inputs/, ResourceProvider.zip."""

    path: Path

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The resource type schema. Raises PackageInvalid if it cannot be read."""
        return self._document(SCHEMA)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings of the CloudFormation CLI. Raises PackageInvalid if they cannot be read."""
        return self._document(SETTINGS)

    @property
    def version(self) -> str | None:
        """The version of the code; None if it is not known.

        The package itself does not contain it. The bill of materials next to a package of this
        project names it, together with the checksum of the package.
        """
        try:
            materials = json.loads(sbom_path(self.path).read_text("utf-8"))
            described = materials["metadata"]["component"]
            sums = {each["content"] for each in described["hashes"]}
        except (OSError, ValueError, LookupError):
            return None
        of_this = hashlib.sha256(self.path.read_bytes()).hexdigest() in sums
        return str(described["version"]) if of_this else None

    def functions(self, template: Path) -> Mapping[str, Function]:
        """The functions of the package, by name.

        A package determines the code and the runtime. CloudFormation sets the time limit and the
        memory of a registered type. Here they are taken from `template`, with which the CLI and
        SAM run the handlers.

        Raises PackageInvalid if a setting is missing.
        """
        document = yaml.safe_load(template.read_text("utf-8"))
        shared = document.get("Globals", {}).get("Function", {})
        functions = {}
        for name, setting in ENTRY_POINTS.items():
            properties = {**shared, **document["Resources"][name]["Properties"]}
            functions[name] = Function(
                name=name,
                handler=self._setting(setting),
                runtime=self._setting("runtime"),
                timeout=properties["Timeout"],
                memory=properties["MemorySize"],
            )
        return functions

    def unpack_code(self, folder: Path) -> None:
        """Unpack the code into `folder`, and make it read-only like Lambda's task root.

        Raises PackageInvalid if the package has no code.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(self._read(INNER))) as code:
                code.extractall(folder)
        except zipfile.BadZipFile as error:
            raise self._invalid(f"its {INNER} is not a zip file") from error
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)

    def unpack_project(self, folder: Path) -> None:
        """Unpack the package into `folder` in the layout of a project, for ``cfn test``.

        Raises PackageInvalid if it cannot be read.
        """
        with self._open() as package:
            package.extractall(folder)
        (folder / SCHEMA).rename(folder / f"{hyphenated(self.schema['typeName'])}.json")

    def _setting(self, name: str) -> str:
        if name not in self.settings:
            raise self._invalid(f"its {SETTINGS} has no {name}")
        return str(self.settings[name])

    def _document(self, name: str) -> dict[str, Any]:
        text = self._read(name)
        try:
            document = json.loads(text)
        except ValueError as error:
            raise self._invalid(f"its {name} is not JSON: {error}") from error
        if not isinstance(document, dict):
            raise self._invalid(f"its {name} is not a JSON object")
        return document

    def _read(self, name: str) -> bytes:
        with self._open() as package:
            try:
                return package.read(name)
            except KeyError:
                raise self._invalid(f"it has no {name}") from None

    def _open(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.path)
        except OSError as error:
            raise self._invalid(error.strerror or str(error)) from error
        except zipfile.BadZipFile:
            raise self._invalid("it is not a zip file") from None

    def _invalid(self, reason: str) -> PackageInvalid:
        return PackageInvalid(
            f"The package {self.path} cannot be used: {reason}. Use one made by `make package` or "
            "`cfn submit --dry-run`."
        )
