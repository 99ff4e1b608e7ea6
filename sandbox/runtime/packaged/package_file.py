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

TEMPLATE = "template.yml"
ENTRY_POINTS = {"TypeFunction": "entrypoint", "TestEntrypoint": "testEntrypoint"}
"""The functions of template.yml, and the settings that name their entry points."""


LIMITS = {"Timeout": 60, "MemorySize": 1024}
"""The limits of a function whose package comes without a template.yml: seconds and MB.

CloudFormation waits 60 seconds for a handler. How much memory it gives one is documented nowhere.
This is enough for a package that brings all of botocore."""


class PackageInvalid(ValueError):
    """The sandbox cannot run the file as a package; the message says why and what to do.

    reason: why, without the path of the package.
    """

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason or message


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

    def functions(self, template: Path | None = None) -> Mapping[str, Function]:
        """The functions of the package, by name. A package may lack the TestEntrypoint.

        A package determines the code and the runtime. It has no limits, which CloudFormation sets
        for a registered type. Here they come from `template`, with which the CLI and SAM run the
        handlers: by default the project's own, if the package is still where the CLI or
        `make package` has put it, and else from `LIMITS`.

        Raises PackageInvalid if the sandbox cannot run the package's handlers.
        """
        self.check_language()
        document = _read_template(template or self._template)
        shared = _mapping(_mapping(document, "Globals"), "Function")
        code = self._modules()
        functions = {}
        for name, setting in ENTRY_POINTS.items():
            if name == "TestEntrypoint" and not self.settings.get(setting):
                continue
            own = _mapping(_mapping(_mapping(document, "Resources"), name), "Properties")
            limits = {**LIMITS, **shared, **own}
            functions[name] = Function(
                name=name,
                handler=self._entry_point(setting, code),
                runtime=self._setting("runtime"),
                timeout=limits["Timeout"],
                memory=limits["MemorySize"],
            )
        return functions

    def check_language(self) -> None:
        """Raise PackageInvalid unless the package is that of a resource type in Python."""
        kind = str(self.settings.get("artifact_type", "RESOURCE"))
        if kind != "RESOURCE":
            raise self._invalid(f"it is a {kind}, and the sandbox runs only resource types")
        runtime = str(self.settings.get("runtime") or self._setting("language"))
        if not runtime.startswith("python"):
            language = self.settings.get("language", "another language")
            raise self._invalid(
                f"its handlers are in {language} (runtime {runtime}), and the sandbox runs only "
                "handlers in Python"
            )

    @property
    def _template(self) -> Path | None:
        """The template of the project beside the package, if it is for these functions."""
        beside = (self.path.with_suffix("") / TEMPLATE, self.path.parent / TEMPLATE)
        for path in beside:
            functions = _mapping(_read_template(path), "Resources")
            handler = _mapping(_mapping(functions, "TypeFunction"), "Properties").get("Handler")
            if handler == self.settings.get(ENTRY_POINTS["TypeFunction"]):
                return path
        return None

    def _entry_point(self, setting: str, code: frozenset[str]) -> str:
        """The module and function that a setting names. The module must be in the package."""
        handler = self._setting(setting)
        module = handler.rpartition(".")[0].replace(".", "/")
        if not module:
            raise self._invalid(
                f"the {setting} in its {SETTINGS} is {handler}, which names no module and function"
            )
        if module not in code:
            raise self._invalid(
                f"the {setting} in its {SETTINGS} is {handler}, and its {INNER} has no module "
                f"{module.replace('/', '.')}"
            )
        return handler

    def _modules(self) -> frozenset[str]:
        """The paths of the modules in the code, without suffixes.

        Raises PackageInvalid if the package has no code.
        """
        with self._open_code() as code:
            paths = [name.partition(".") for name in code.namelist()]
        modules = {stem for stem, _, suffix in paths if suffix.endswith(("py", "pyc", "so"))}
        return frozenset(
            modules | {m.removesuffix("/__init__") for m in modules if m.endswith("/__init__")}
        )

    def unpack_code(self, folder: Path) -> None:
        """Unpack the code into `folder`, and make it read-only like Lambda's task root.

        Raises PackageInvalid if the package has no code.
        """
        with self._open_code() as code:
            code.extractall(folder)
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
        if not self.settings.get(name):
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

    def _open_code(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(io.BytesIO(self._read(INNER)))
        except zipfile.BadZipFile as error:
            raise self._invalid(f"its {INNER} is not a zip file") from error

    def _invalid(self, reason: str) -> PackageInvalid:
        return PackageInvalid(
            f"The package {self.path} cannot be used: {reason}. Use one made by `make package` or "
            "`cfn submit --dry-run`.",
            reason,
        )


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template without the values of its tags, such as !Ref, none of which matters here."""


_TemplateLoader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def _read_template(path: Path | None) -> Any:
    """The template's document. Empty if there is none that can be read."""
    try:
        return yaml.load(path.read_text("utf-8"), _TemplateLoader) if path else {}  # noqa: S506 - it is a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}


def _mapping(document: Any, name: str) -> Mapping[str, Any]:
    """The member `name` of a document if both are mappings, or an empty mapping."""
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}
