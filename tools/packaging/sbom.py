"""The software bill of materials of a package, as CycloneDX JSON (https://cyclonedx.org/docs/1.6/).

It lists what is in the folder that goes to Lambda, not what was requested.
"""

from __future__ import annotations

import json
import uuid
import zlib
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.packaging import contents

CHANGED = {
    "botocore": "The code is unchanged. The service data is cut to what the handlers call.",
}
"""Changes to packages, apart from files that are left out."""


def sbom(
    folder: Path, type_name: str, version: str, sha256: str, compiler: tuple[str, str] | None
) -> str:
    """The bill of materials of ``folder``, which was packed into an archive with this hash.

    compiler: the name and version of the Python that compiled the bytecode in it, if there is any.
    The same contents and tools give the same text: it has no time, and its serial number is derived
    from the hash.
    """
    root = Component(
        name=type_name,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=type_name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)],
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, sha256))
    bom.metadata.component = root
    packages = {
        canonicalize_name(package.name): (package, _component(package))
        for package in contents.packages(folder)
    }
    for _, component in packages.values():
        bom.components.add(component)
    bom.register_dependency(root, [component for _, component in packages.values()])
    for package, component in packages.values():
        needed = {canonicalize_name(name) for name in _requirements(package)} & packages.keys()
        bom.register_dependency(component, [packages[name][1] for name in sorted(needed)])
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    document = json.loads(text)
    del document["metadata"]["timestamp"]
    # cyclonedx-python-lib does not support it yet.
    document["formulation"] = [{"components": _means(compiler)}]
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _component(package: Distribution) -> Component:
    purl = PackageURL("pypi", None, canonicalize_name(package.name), package.version)
    changed = CHANGED.get(package.name)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        description=contents.field(package, "Summary"),
        licenses=[LicenseFactory().make_from_string(contents.licence(package))],
        pedigree=Pedigree(notes=changed) if changed else None,
    )


def _means(compiler: tuple[str, str] | None) -> list[dict[str, Any]]:
    """The tools that the bytes of the archive depend on, as components."""
    means = [("library", "zlib", zlib.ZLIB_RUNTIME_VERSION, "It compressed the files.")]
    if compiler:
        means.append(("platform", *compiler, "It compiled the bytecode."))
    keys = ("type", "name", "version", "description")
    return [dict(zip(keys, each, strict=True)) for each in means]


def _requirements(package: Distribution) -> list[str]:
    """The names of the packages that a package requires, without its extras."""
    requirements = map(Requirement, package.requires or ())
    return [
        requirement.name
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]
