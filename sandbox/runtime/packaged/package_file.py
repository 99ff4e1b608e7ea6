"""What is in a package that ``cfn submit`` makes, and how Lambda is to run it."""

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
"""The functions of template.yml, and the settings that name what they run."""


class PackageInvalid(ValueError):
    """The sandbox cannot run the file as a package; the message says why, and what to do."""


@dataclass(frozen=True)
class Function:
    """A function, as it is configured in Lambda.

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
        """The resource type schema. Raises PackageInvalid."""
        return self._document(SCHEMA)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings of the CloudFormation CLI. Raises PackageInvalid."""
        return self._document(SETTINGS)

    @property
    def version(self) -> str | None:
        """The version of the code; None if it is not known.

        A package itself has no place for it. The bill of materials beside a package of this
        project names it, together with the checksum of the file that it is for.
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

        A package says which code runs, and on which runtime. CloudFormation sets the time limit and
        the memory of a registered type. Here they are those of `template`, which the CLI and SAM
        use to run the handlers.
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
        """Unpack the code into `folder`, and make it read-only like Lambda's task root."""
        try:
            with zipfile.ZipFile(io.BytesIO(self._read(INNER))) as code:
                code.extractall(folder)
        except zipfile.BadZipFile as error:
            raise self._invalid(f"its {INNER} is not a zip file") from error
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)

    def unpack_project(self, folder: Path) -> None:
        """Lay `folder` out as the project that the package was made from, for ``cfn test``."""
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
                raise self._invalid(f"there is no {name} in it") from None

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
