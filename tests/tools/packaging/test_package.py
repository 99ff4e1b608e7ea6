"""What `make package` makes: the thing itself, unpacked and run, and not our source tree."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import botocore.session
import pytest
import yaml
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.regions import EndpointResolver
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from moto.backends import get_backend

from project import ROOT
from project.package_files import INNER
from project.settings import type_name
from project.type_name import EXAMPLE, TypeNameError
from sandbox.process import environment
from tests.harness.documents import Document, readers_environment, working_copy
from tests.harness.lambda_runtime import Said, invoke, runtime
from tests.harness.processes import running
from tests.harness.provider import ACCOUNT, MINIMUM, REGION, Provider, ScriptedAws, serving
from tools.packaging import PackagingError, archive, build, sbom_path
from tools.packaging.__main__ import main
from tools.packaging.assembly import LICENCES_PAGE, MAX_SIZE
from tools.packaging.contents import LEFT_OUT, refuse_compiled
from tools.packaging.lambda_python import compiler, implementation, without_compiler
from tools.packaging.project_copy import write
from tools.packaging.reuse import PACKAGES
from tools.packaging.service_data import OPERATIONS, cut_model
from tools.packaging.wheels import kept_wheels, wheels

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]

ACME = "Acme::SageMaker::ModelQualityJobDefinition"
ACME_MODULE = "acme_sagemaker_modelqualityjobdefinition"
# However the type's own name is written: nothing but letters and digits counts.
OWN_NAME = re.compile(
    rb"aws[^a-z0-9]{0,2}sagemaker[^a-z0-9]{0,2}modelqualityjobdefinition", re.IGNORECASE
)


class Unpacked(NamedTuple):
    """A package, what the registry finds in it, and what Lambda does."""

    package: Path
    registry: Path
    task: Path


@pytest.fixture(scope="module")
def acme(package: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    path = package(ACME)
    registry, task = tmp_path_factory.mktemp("registry"), tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(path) as outer:
        outer.extractall(registry)
    with zipfile.ZipFile(registry / INNER) as inner:
        inner.extractall(task)
    return Unpacked(path, registry, task)


@pytest.fixture(scope="module")
def aws() -> Iterator[ScriptedAws]:
    with serving(ScriptedAws()) as serving_aws:
        yield serving_aws


class Life(NamedTuple):
    """What all handlers of the package said, what they called, and their metrics' namespaces."""

    said: list[Said]
    calls: set[str]
    namespaces: set[str]


@pytest.fixture(scope="module")
def life(acme: Unpacked, aws: ScriptedAws) -> Life:
    """A definition's life in the package, with logs and metrics, from the first event to the last.

    The log group isn't there yet.
    """
    # Other tests use the same moto, for it belongs to the process.
    get_backend("cloudwatch")[ACCOUNT][REGION].reset()
    provider, environ = Provider(aws), environment(aws.url)
    settings = json.loads((acme.registry / ".rpdk-config").read_text("utf-8"))

    def events(*wanted: tuple[str, Any, dict[str, Any]]) -> Said:
        sent = [provider.event(action, properties, **more) for action, properties, more in wanted]
        for event in sent:
            data = event["requestData"]
            data["providerCredentials"] = data["callerCredentials"]
            data["providerLogGroupName"] = "acme"
            event["resourceType"] = ACME
        return invoke(acme.task, settings["entrypoint"], runtime().python, environ, *sent)

    created = events(("CREATE", MINIMUM, {"tags": {"old": "1"}}))
    assert created.answers[0]["status"] == "SUCCESS", created
    # A template with stack tags alone has none in its properties.
    model = {
        key: each for key, each in created.answers[0]["resourceModel"].items() if key != "Tags"
    }
    changed = {"tags": {"new": "2"}, "previous_tags": {"old": "1"}, "previous": model}
    rest = events(
        ("UPDATE", model, changed),
        ("READ", model, {}),
        ("LIST", {}, {}),
        ("DELETE", model, {}),
    )
    # "Logs_20140328.PutLogEvents", "CloudWatch.PutMetricData" or "DeleteTags"
    return Life(
        [created, rest],
        {operation.rpartition(".")[2] for operation, _ in aws.calls},
        namespaces(aws),
    )


def namespaces(aws: ScriptedAws) -> set[str]:
    """The namespaces of all metrics there are."""
    client = boto3.client(
        "cloudwatch",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id="tests",
        aws_secret_access_key="secret",
    )
    return {metric["Namespace"] for metric in client.list_metrics()["Metrics"]}


def test_the_package_is_what_the_cli_puts_together_for_the_registry(acme: Unpacked) -> None:
    assert acme.package.name == "acme-sagemaker-modelqualityjobdefinition.zip"
    found = {path.relative_to(acme.registry) for path in acme.registry.rglob("*") if path.is_file()}
    inputs = {path.relative_to(ROOT) for path in ROOT.glob("inputs/*")}
    sources = {Path("src", ACME_MODULE, path.name) for path in ROOT.glob("src/*/*.py")}
    fixed = {Path(name) for name in ("schema.json", ".rpdk-config", ".cfn_metadata.json", INNER)}
    assert found == inputs | sources | fixed


def test_the_package_has_the_name_everywhere_and_no_trace_of_the_one_it_replaces(
    acme: Unpacked,
) -> None:
    schema = json.loads((acme.registry / "schema.json").read_text("utf-8"))
    settings = json.loads((acme.registry / ".rpdk-config").read_text("utf-8"))
    assert schema["typeName"] == settings["typeName"] == ACME
    assert settings["entrypoint"] == f"{ACME_MODULE}.handlers.resource"
    assert settings["testEntrypoint"] == f"{ACME_MODULE}.handlers.test_entrypoint"
    assert f'TYPE_NAME = "{ACME}"' in (acme.task / ACME_MODULE / "handlers.py").read_text("utf-8")
    for folder in (acme.registry, acme.task):
        for path in folder.rglob("*"):
            assert not OWN_NAME.search(bytes(path.relative_to(folder)))
            assert path.is_dir() or not OWN_NAME.search(path.read_bytes()), path
    assert not OWN_NAME.search(sbom_path(acme.package).read_bytes())


def test_docs_template_role_and_examples_are_renamed_with_it(tmp_path: Path) -> None:
    project = write(ACME, tmp_path / "project")
    texts = {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file()
    }
    assert [name for name, text in texts.items() if OWN_NAME.search(name.encode() + text)] == []
    named = {name for name, text in texts.items() if ACME.encode() in text}
    assert {"docs/README.md", "docs/csv.md", "examples/regression.yaml", "template.yml"} < named
    assert b"/Acme-SageMaker-ModelQualityJobDefinition/*" in texts["resource-role.yaml"]
    template = yaml.safe_load(texts["template.yml"])
    handler = template["Resources"]["TypeFunction"]["Properties"]["Handler"]
    assert handler == f"{ACME_MODULE}.handlers.resource"


def test_pages_that_go_along_are_true_under_any_name_and_lead_to_what_goes_along(
    tmp_path: Path,
) -> None:
    project = write(ACME, tmp_path / "project")
    pages = [Document(path, path.read_text("utf-8")) for path in sorted(project.rglob("*.md"))]
    assert len(pages) > 20
    for page in pages:
        # Under another name it is that organization's.
        assert "AWS's own type" not in page.text, page.path
        for target in (link.partition("#")[0] for link in page.links if ":" not in link):
            assert (page.path.parent / target).exists(), (page.path, target)


def test_nothing_differs_but_the_name(tmp_path: Path) -> None:
    there = write(ACME, tmp_path / "there")
    back = write(type_name(), tmp_path / "back", there)
    for path in back.rglob("*"):
        original = ROOT / path.relative_to(back)
        assert path.is_dir() or path.read_text("utf-8") == original.read_text("utf-8"), path


def test_the_handlers_work_with_nothing_but_the_package_on_their_path(life: Life) -> None:
    for answer in (answer for said in life.said for answer in said.answers):
        assert answer["status"] == "SUCCESS", answer


def test_the_operations_that_are_kept_are_those_that_the_handlers_call(life: Life) -> None:
    kept = [operation for operations in OPERATIONS.values() for operation in operations]
    assert sorted(life.calls) == sorted(kept)


def test_metrics_are_published_under_the_types_own_name(life: Life) -> None:
    assert life.namespaces == {"AWS/CloudFormation/Acme/SageMaker/ModelQualityJobDefinition"}


def test_every_package_that_comes_along_is_used(acme: Unpacked, life: Life) -> None:
    imported = {
        Path(file).relative_to(acme.task).parts[0]
        for said in life.said
        for file in said.files
        if file.startswith(str(acme.task))
    }
    brought = {path.name for path in acme.task.iterdir() if not path.name.endswith(".dist-info")}
    other = {"LICENSE", LICENCES_PAGE, "__pycache__"}
    assert brought - other == imported
    assert not brought & set(LEFT_OUT)


def test_lambda_finds_its_bytecode_and_need_not_compare_it_with_the_sources(
    acme: Unpacked,
) -> None:
    python = compiler()
    sources = set(acme.task.rglob("*.py"))
    compiled = set(acme.task.rglob("*.pyc"))
    if python is None:
        assert not compiled
        return
    ask = (
        "import importlib.util as i, sys; print(i.MAGIC_NUMBER.hex(), sys.implementation.cache_tag)"
    )
    answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    magic, tag = answer.stdout.split()
    assert compiled == {path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc" for path in sources}
    # Of the flags, 1 is a hash in the place of a time, and 2 the wish to have it checked (PEP 552).
    assert {path.read_bytes()[:8].hex() for path in compiled} == {f"{magic}01000000"}
    assert not any(bytes(acme.task) in path.read_bytes() for path in compiled)


def test_where_no_python_can_compile_for_lambda_a_package_is_made_with_a_warning(
    acme: Unpacked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert acme.package.is_file()  # the wheels are there
    monkeypatch.setenv("PATH", str(tmp_path))
    package = build(ACME, tmp_path)
    with zipfile.ZipFile(package) as outer, zipfile.ZipFile(outer.open(INNER)) as inner:
        compiled = [name for name in inner.namelist() if name.endswith(".pyc")]
    materials = json.loads(sbom_path(package).read_text("utf-8"))
    means = [each["name"] for each in materials["formulation"][0]["components"]]
    # Only where these tests run on another Python than Lambda's is there none now.
    missing = compiler() is None
    assert (not compiled, means == ["zlib"], without_compiler() in caplog.messages) == (
        missing,
    ) * 3


def test_make_package_in_another_clone_makes_the_same_bytes_and_says_what_it_made(
    acme: Unpacked, tmp_path: Path
) -> None:
    clone = working_copy(tmp_path / "some where else")
    (clone / ".venv" / PACKAGES.name).unlink()  # so that it is built there
    for path in (path for path in clone.rglob("*") if ".venv" not in path.parts):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)
    made = subprocess.run(
        ["make", "package", f"TYPE_NAME={ACME}"],
        cwd=clone,
        env=readers_environment(TZ="Pacific/Chatham", PYTHONHASHSEED="7"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    dist = clone / "dist"
    stem = acme.package.stem
    assert {path.name for path in dist.iterdir()} == {stem, f"{stem}.zip", f"{stem}.cdx.json"}
    for path in (acme.package, sbom_path(acme.package)):
        content = path.read_bytes()
        assert (dist / path.name).read_bytes() == content
        assert str(dist / path.name) in made.stdout
        assert f"{len(content):,} bytes" in made.stdout
        assert hashlib.sha256(content).hexdigest() in made.stdout


def test_files_have_fixed_times_and_can_be_read_by_lambda(acme: Unpacked) -> None:
    for archive_path in (acme.package, acme.registry / INNER):
        with zipfile.ZipFile(archive_path) as opened:
            entries = opened.infolist()
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
        assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_the_package_is_at_most_four_megabytes(
    acme: Unpacked, record_property: Callable[[str, object], None]
) -> None:
    size = acme.package.stat().st_size
    record_property("table", f"{size:,} bytes, of {MAX_SIZE:,}")
    assert size <= MAX_SIZE == 4 * 2**20


# --- botocore's data ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cut(acme: Unpacked) -> Loader:
    data = acme.task / "botocore" / "data"
    return Loader(extra_search_paths=[str(data)], include_default_search_paths=False)


@pytest.fixture(scope="module")
def whole() -> Loader:
    """The data of the botocore that is installed here; requirements/ hold it to what ships."""
    return botocore.session.Session().get_component("data_loader")


def walk(shape: Shape | None, seen: dict[str, Any]) -> dict[str, Any]:
    """All that botocore reads from a model about a shape and those within it, by name."""
    if shape is None or shape.name in seen:
        return seen
    inner: dict[str, Shape] = dict(getattr(shape, "members", None) or {})
    for name in ("member", "key", "value"):
        if hasattr(shape, name):
            inner[name] = getattr(shape, name)
    seen[shape.name] = {
        "type": shape.type_name,
        "metadata": dict(shape.metadata),
        "serialization": dict(shape.serialization),
        "members": {name: (each.name, dict(each.serialization)) for name, each in inner.items()},
    }
    for each in inner.values():
        walk(each, seen)
    return seen


def without_prose(document: Any) -> Any:
    def drop(part: dict[str, Any]) -> dict[str, Any]:
        return {
            key: value
            for key, value in part.items()
            if not (key == "documentation" and isinstance(value, str))
        }

    return json.loads(json.dumps(document), object_hook=drop)


@pytest.mark.parametrize("service", OPERATIONS)
def test_a_cut_model_says_what_botocores_does_about_the_operations_that_are_called(
    service: str, cut: Loader, whole: Loader
) -> None:
    raw = [loader.load_service_model(service, "service-2") for loader in (cut, whole)]
    models = [ServiceModel(model, service) for model in raw]
    assert models[0].operation_names == list(OPERATIONS[service])
    assert models[0].metadata == models[1].metadata
    assert [shape.name for shape in models[0].error_shapes] == sorted(
        shape.name for shape in models[1].error_shapes
    )
    for name in OPERATIONS[service]:
        assert raw[0]["operations"][name] == without_prose(raw[1]["operations"][name])
        seen = []
        for model in models:
            operation = model.operation_model(name)
            walked: dict[str, Any] = {}
            for shape in (operation.input_shape, operation.output_shape, *operation.error_shapes):
                walk(shape, walked)
            seen.append(walked)
        assert seen[0] == seen[1]
        assert seen[0]
    for name, shape in raw[0]["shapes"].items():
        assert shape == without_prose(raw[1]["shapes"][name])


@pytest.mark.parametrize("service", OPERATIONS)
def test_endpoints_are_botocores_in_every_region(service: str, cut: Loader, whole: Loader) -> None:
    rules = [loader.load_service_model(service, "endpoint-rule-set-1") for loader in (cut, whole)]
    assert rules[0] == rules[1]
    prefix = cut.load_service_model(service, "service-2")["metadata"]["endpointPrefix"]
    short, full = (EndpointResolver(loader.load_data("endpoints")) for loader in (cut, whole))
    assert short.get_available_partitions() == full.get_available_partitions()
    for partition in full.get_available_partitions():
        regions = full.get_available_endpoints(prefix, partition, allow_non_regional=True)
        assert regions == short.get_available_endpoints(prefix, partition, allow_non_regional=True)
        for region in [*regions, "us-east-1", "mars-north-1"]:
            theirs = full.construct_endpoint(prefix, region, partition)
            assert short.construct_endpoint(prefix, region, partition) == theirs


def test_what_every_client_reads_is_whole_and_nothing_else_is_there(
    acme: Unpacked, cut: Loader, whole: Loader
) -> None:
    for name in ("_retry", "partitions", "sdk-default-configuration"):
        assert cut.load_data(name) == whole.load_data(name)
    assert set(cut.list_available_services("service-2")) == set(OPERATIONS)
    assert len([path for path in (acme.task / "botocore/data").rglob("*") if path.is_file()]) == 10


def test_no_code_of_boto3_or_botocore_is_changed(acme: Unpacked) -> None:
    for package in distributions(path=[str(Path(botocore.__file__).parents[1])]):
        if package.name in {"boto3", "botocore"}:
            for file in package.files or ():
                if file.suffix == ".py" and file.parts[:2] != ("boto3", "examples"):
                    shipped = (acme.task / file).read_bytes()
                    assert shipped == Path(str(file.locate())).read_bytes(), file


# --- what is in it, and whose ---------------------------------------------------------------------


def test_the_bill_of_materials_lists_what_is_in_the_package_and_its_licences(
    acme: Unpacked,
) -> None:
    text = sbom_path(acme.package).read_text("utf-8")
    validator = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    document = json.loads(text)
    inside = {(each.name, each.version) for each in distributions(path=[str(acme.task)])}
    assert {(each["name"], each["version"]) for each in document["components"]} == inside
    for component in document["components"]:
        [licence] = component["licenses"]
        assert licence.get("expression") or licence["license"].get("id"), component
    root = document["metadata"]["component"]
    assert (root["name"], root["version"]) == (ACME, (ROOT / "VERSION").read_text("utf-8").strip())
    [digest] = root["hashes"]
    assert digest["content"] == hashlib.sha256(acme.package.read_bytes()).hexdigest()
    [formula] = document["formulation"]
    means = {each["name"]: each["version"] for each in formula["components"]}
    python = compiler()
    compilers = [implementation(python)] if python else []
    assert means == {"zlib": zlib.ZLIB_RUNTIME_VERSION, **dict(compilers)}
    depends = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert len(depends[ACME]) == len(inside)


def test_the_licence_of_every_package_is_inside(acme: Unpacked) -> None:
    page = (acme.task / LICENCES_PAGE).read_text("utf-8")
    for package in distributions(path=[str(acme.task)]):
        [files] = re.findall(
            rf"^{re.escape(package.name)} {re.escape(package.version)}: .+ \(([^()]+)\)$",
            page,
            re.MULTILINE,
        )
        for file in files.split(", "):
            assert (acme.task / file).read_text("utf-8").strip()
    assert (acme.task / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


# --- what is refused ------------------------------------------------------------------------------


def test_a_wheel_for_one_kind_of_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "quick-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    wheel.write_bytes(archive.pack({"quick.so": b""}))
    lock = tmp_path / "requirements.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(f"quick==1.0 --hash=sha256:{digest}\n", "utf-8")
    shutil.copy(ROOT / ".rpdk-config", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", tmp_path.as_uri())
    with pytest.raises(PackagingError, match=r"(?s)pure Python.*quick==1\.0"):
        wheels(lock)


def test_wheels_of_another_lock_or_for_another_python_are_not_taken_for_these(
    tmp_path: Path,
) -> None:
    kept = set()
    for text, python in (("a==1", "python3.12"), ("a==2", "python3.12"), ("a==1", "python3.13")):
        (tmp_path / "requirements.txt").write_text(text, "utf-8")
        (tmp_path / ".rpdk-config").write_text(json.dumps({"runtime": python}), "utf-8")
        kept.add(kept_wheels(tmp_path / "requirements.txt"))
    assert len(kept) == 3


def test_compiled_code_in_a_wheel_that_claims_to_be_pure_is_refused(tmp_path: Path) -> None:
    refuse_compiled(tmp_path)
    (tmp_path / "quick").mkdir()
    (tmp_path / "quick" / "_speedups.so").write_bytes(b"\x7fELF")
    with pytest.raises(PackagingError, match=r"quick/_speedups\.so"):
        refuse_compiled(tmp_path)


def test_an_operation_that_the_service_does_not_have_is_refused(whole: Loader) -> None:
    model = whole.load_service_model("logs", "service-2")
    with pytest.raises(PackagingError, match=r"no operation PutLogEvent\."):
        cut_model(model, ["PutLogEvent", "CreateLogStream"])


def test_a_malformed_name_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TypeNameError):
        build("Acme", tmp_path)
    folder = ["--folder", str(tmp_path)]
    assert main(["--type-name", "Acme", *folder]) == 1
    assert capsys.readouterr().err.startswith("TYPE_NAME is 'Acme'")
    assert list(tmp_path.iterdir()) == []


def test_one_that_nobody_can_register_is_made_and_told_how_to_name_one_that_can_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--folder", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.err == f"Packaging {type_name()} ...\n"
    assert f"make package TYPE_NAME={EXAMPLE}" in said.out
    assert list(tmp_path.glob("*.zip"))


def test_make_package_that_is_stopped_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    scratch, folder = tmp_path / "scratch", tmp_path / "dist"
    scratch.mkdir()
    # Under a name of its own, which has never been built to the end: nothing can be reused.
    name = ACME.replace("Acme", "Stopped")
    command = [sys.executable, "-m", "tools.packaging", "--type-name", name, "--folder", folder]
    with running([*map(str, command)], ROOT, {"TMPDIR": str(scratch)}) as started:
        until = time.monotonic() + 60
        while not list(scratch.glob("package-*")):
            assert time.monotonic() < until
            time.sleep(0.05)
        started.send(signal.SIGINT, to_all=True)
        assert started.end(60) == 130
    assert "Interrupted. Run it again." in started.errors()
    assert "Traceback" not in started.errors()
    assert list(scratch.glob("package-*")) == []
    assert not folder.exists()
