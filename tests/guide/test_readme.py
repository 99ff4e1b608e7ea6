"""README and the other pages that people write: their commands are run, their words looked up."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aws_sagemaker_modelqualityjobdefinition.stabilization import BUDGET_SECONDS
from project import ROOT
from project.environment import prepare
from tests.harness.documents import (
    SHELLS,
    Document,
    follow,
    lend_environment,
    save_templates,
    working_copy,
)
from tests.harness.provider import BATCH
from tests.harness.stacks import SCRIPTS, TYPE_NAME, InvokedProvider, Stacks, template_of
from tests.harness.templates import lint, resources, takes_an_hourly_schedule

# Pages and their commands are the same for every Python.
pytestmark = pytest.mark.once

README = Document.read(Path("README.md"))
SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "aws-sagemaker-modelqualityjobdefinition.json").read_text("utf-8")
)
GUIDE = Document.read(Path("guide/README.md"))
# TestReadme, test_from_a_notebook.py and test_sql_page.py run the commands of these.
WALKED_APART = {README.path, Path("guide/from-a-notebook.md"), Path("guide/sql.md")}
WRITTEN = [
    README,
    *(Document.read(Path(name)) for name in ("CHANGELOG.md", "CONTRIBUTING.md")),
    Document.read(Path("examples/README.md")),
    *(Document.read(path.relative_to(ROOT)) for path in sorted(ROOT.glob("guide/*.md"))),
]
GENERATED = [
    Document.read(path.relative_to(ROOT))
    for folder in ("docs", "guide/rules")
    for path in sorted((ROOT / folder).glob("*.md"))
]
PAGES = [*WRITTEN, *GENERATED]
WITH_COMMANDS = [page for page in WRITTEN if page.commands]

# Commands that cannot be run here as they stand: the recipe runs with `true` in the place of what
# runs or makes environments. (`make --dry-run test` would not do: make runs a line that calls make
# again even then, and the tests would start themselves.)
NOTHING = "ENVIRONMENT=true COMPILE=true"
IN_AN_ACCOUNT = (
    "make conformance AWS=1 ROLE_ARN=arn:aws:iam::123456789012:role/monitor REGION=us-east-1"
)
ACME = "Acme::SageMaker::ModelQualityJobDefinition"
REGIONS = ("us-east-1", "eu-west-1")
PACKAGE = f"make package TYPE_NAME={ACME}"
PACKAGED = "dist/acme-sagemaker-modelqualityjobdefinition.zip"
OF_OTHERS = (
    "make contract PACKAGE=acme-settings-entry.zip SETUP=setup.yaml "
    "TYPE_CONFIGURATION=configuration.json"
)
INSTEAD = {
    "make test": f"make test {NOTHING}",  # this test is a part of it
    # The same, on another Python.
    "make test-compat": f"make test-compat {NOTHING}",
    "make environments": f"make environments {NOTHING}",  # `make test` runs in what it makes
    "make types": f"make types {NOTHING}",  # `make test` has just run it on the same files
    "make lock": f"make lock {NOTHING}",  # its answer depends on the package index of the day
    "make lock UPGRADE=1": f"make lock UPGRADE=1 {NOTHING}",  # the same
    # tests/tools/test_release_check.py runs it.
    "make release-check": f"make release-check {NOTHING}",
    "make contract": f"make contract {NOTHING}",  # tests/tools/test_contract.py runs it
    # tests/tools/packaging/test_package.py runs these two.
    PACKAGE: f"{PACKAGE} {NOTHING}",
    "make package": f"make package {NOTHING}",
    # The same test runs it on packages.
    f"make contract PACKAGE={PACKAGED}": f"make contract PACKAGE={PACKAGED} {NOTHING}",
    # tests/sandbox/registry/test_foreign_type.py runs these two, with a package that it makes.
    OF_OTHERS: f"{OF_OTHERS} {NOTHING}",
    "cfn test --endpoint http://127.0.0.1:4566 --region us-east-1": "true",
    "make -s env PORT=4567": f"make -s env PORT=4567 {NOTHING}",  # no sandbox runs at this port
    # tests/tools/fuzz/ runs it on a small template.
    "make fuzz": f"make fuzz {NOTHING}",
    "make fuzz FUZZ_SEED=7": f"make fuzz FUZZ_SEED=7 {NOTHING}",  # the same
    "make site": f"make site {NOTHING}",  # tests/tools/test_site.py runs what it runs
    "make submit": f"make submit {NOTHING}",  # it needs a name; pages that have one run it
    "make template": f"make template {NOTHING}",  # the same
    "make cdk-construct": f"make cdk-construct {NOTHING}",  # the same
    "make validate": f"make validate {NOTHING}",  # it needs a template; pages that have one run it
    "make sql": f"make sql {NOTHING}",  # the same
    "make bench": f"make bench {NOTHING}",  # it takes minutes, and writes a page of this project
    "make bench-sql": f"make bench-sql {NOTHING}",  # the same
    "make bench QUICK=1": f"make bench QUICK=1 {NOTHING}",  # tests/benchmarks/test_quick_run.py
    "sam build": "true",  # tests/project/test_sam_build.py runs it
    "sam local start-lambda": "true",  # it needs Docker
    "cfn test": "true",  # tests/tools/test_contract.py runs it against the sandbox
    # tests/conformance/test_conformance.py runs it.
    "make conformance": f"make conformance {NOTHING}",
    # It needs an account; tests/conformance/ has it work on a sandbox as if that were one.
    IN_AN_ACCOUNT: f"{IN_AN_ACCOUNT} {NOTHING}",
}
# What these do depends on nothing that a page did before: the first page that has one runs it, and
# on the others it is as above.
ON_ONE_PAGE = {"make demo", "make generate"}
# What commands fail, as the page says.
FAILING = {
    README.path: {
        "aws cloudformation deploy --stack-name quality --template-file broken.yaml",
        "make validate TEMPLATE=broken.yaml",
    }
}
# What commands with these words must answer, in the order in which a page has them. Of all others
# it is only known that they end well.
ANSWERS: dict[str, dict[str, list[str]]] = {
    "guide/cdk.md": {
        " run cdk ": ["^$"],  # jsii would warn of a Node.js that it does not know
        "describe-stacks": ["JobDefinitionArn.*:model-quality-job-definition/quality-"],
    },
    "guide/drift.md": {
        "describe-stack-drift-detection-status": ["IN_SYNC"],
        "detect-stack-resource-drift": [
            r"(?s)/Tags/1/Value.*NOT_EQUAL.*test.*changed.*/Tags/\d .*ADD.*null.*Extra",
            r"^IN_SYNC$",
            r"^DELETED$",
        ],
        "describe-stacks": ["DRIFTED"],
        "describe-stack-resource-drifts": [r"(?s)JobDefinition.*MODIFIED"],
    },
    "guide/importing.md": {
        "describe-stack-events": [r"(?s)IMPORT_COMPLETE.*IMPORT_IN_PROGRESS"],
        "detect-stack-resource-drift": [r"^\W*IN_SYNC\W*$"],
    },
    "guide/organization.md": {
        "list-stack-instances --stack-set-name model-quality --output table": [
            r"(?s)SUCCEEDED.*SUCCEEDED.*SUCCEEDED.*SUCCEEDED",
        ],
        **{
            f"registered {account}": [
                *(
                    "^"
                    + "\n".join(f"{account} {region} {ACME} {version}" for region in REGIONS)
                    + "$"
                    for version in ("00000001", "00000002")
                ),
                "^" + "\n".join(f"{account} {region}" for region in REGIONS) + "$",
            ]
            for account in ("123456789012", "210987654321")
        },
    },
    "guide/generating.md": {
        "--query '[Status, StatusReason]'": ["^COMPLETE\\b", "^COMPLETE\\b"],
    },
}
# A page may deploy several stacks, and register the type.
LONG = pytest.mark.timeout(900)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.path))
each_written_page = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.path))


def instead(page: Document, command: str) -> str:
    """What is typed where ``page`` has ``command``."""
    first = next(each for each in WITH_COMMANDS if command in each.commands)
    if command in ON_ONE_PAGE and page is not first:
        return f"{command} {NOTHING}"
    blocks = [fence.text.splitlines() for fence in page.fences]
    if command == "make shell" and not any(command in lines for lines in blocks):
        return f"{command} {NOTHING}"  # the page's commands do not need it
    return INSTEAD.get(command, command)


def followed(page: Document, folder: Path, **variables: str) -> dict[str, list[str]]:
    """Do what ``page`` says, in order; what each of its commands answered, each time."""
    failing = FAILING.get(page.path, set())
    return follow(page, folder, lambda command: instead(page, command), failing, **variables)


@LONG
class TestReadme:
    def test_every_command_in_it_does_what_it_is_for(self, tmp_path: Path) -> None:
        # All of it as readers have it: `aws` is the executable that was installed.
        path = os.pathsep.join([str(SCRIPTS), os.environ["PATH"]])
        answers = followed(README, working_copy(tmp_path / "clone"), PATH=path)

        def answer(words: str) -> list[str]:
            [said] = [answers[command] for command in answers if words in command]
            return said

        before, after = (
            dict(line.split("\t")[1:] for line in tags.splitlines())
            for tags in answer("aws sagemaker list-tags")
        )
        assert before == {"Team": "churn", "Stage": "test"}
        assert after == {"Team": "churn", "Stage": "production"}
        [described] = answer("aws sagemaker describe-model-quality-job-definition")
        app = json.loads(described)["ModelQualityAppSpecification"]
        assert app["ProblemType"] == "BinaryClassification"
        [reason] = answer("aws cloudformation describe-events")
        assert "\n- missing required field" in reason
        assert "EndpointInput.InferenceAttribute." in reason.replace("\n", "")
        assert "None" not in reason
        assert max(map(len, reason.splitlines())) <= 80
        [found] = answer("make validate TEMPLATE")
        assert "EndpointInput has no InferenceAttribute, but ProblemType is 'Regression'" in found
        [left] = answer("aws sagemaker list-model-quality-job-definitions")
        assert json.loads(left) == {"JobDefinitionSummaries": []}


@LONG
@pytest.mark.parametrize(
    "page",
    [page for page in WITH_COMMANDS if page.path not in WALKED_APART],
    ids=lambda page: str(page.path),
)
def test_every_command_of_a_page_does_what_it_is_for(
    page: Document, tmp_path: Path, package: Callable[[str], Path]
) -> None:
    clone = working_copy(tmp_path / "clone")
    if PACKAGE in page.commands and any(PACKAGED in command for command in page.commands):
        (clone / PACKAGED).parent.mkdir()
        shutil.copy(package(ACME), clone / PACKAGED)
    if any(" run cdk " in command for command in page.commands):
        lend_environment("cdk", prepare("cdk").parent, clone)
    answers = followed(page, clone)
    for words, wanted in ANSWERS.get(str(page.path), {}).items():
        said = [each for command in answers if words in command for each in answers[command]]
        for pattern, answer in zip(wanted, said, strict=True):
            assert re.search(pattern, answer.strip()), answer


def test_no_exception_is_made_for_a_command_that_no_page_has() -> None:
    assert INSTEAD.keys() | ON_ONE_PAGE <= {
        command for page in WITH_COMMANDS for command in page.commands
    }


@each_written_page
def test_every_block_says_what_is_in_it_so_that_no_command_goes_unseen(page: Document) -> None:
    others = {"diff", "hcl", "json", "mermaid", "python", "sql", "text", "yaml"}
    assert {fence.language for fence in page.fences} <= SHELLS | others
    assert len(page.fences) * 2 == len(re.findall(r"^\s*```", page.text, re.MULTILINE))


@each_page
def test_every_link_inside_the_project_leads_somewhere(page: Document) -> None:
    for link in page.links:
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = ROOT / page.path.parent / name if name else ROOT / page.path
        assert target.exists(), link
        if anchor:
            assert anchor in Document.read(target.relative_to(ROOT)).anchors, link


def test_the_index_of_the_guide_has_every_page_of_it_and_the_pages_beside_it() -> None:
    listed = {(ROOT / "guide" / link.partition("#")[0]).resolve() for link in GUIDE.links}
    assert {ROOT / page.path for page in WRITTEN if page.path != GUIDE.path} <= listed
    assert ROOT / "docs/README.md" in listed


def test_who_opens_the_types_own_page_is_told_of_the_guide() -> None:
    assert str(GUIDE.path) in Document.read(Path("docs/README.md")).text.partition("\n## ")[0]


def test_readme_can_be_read_at_one_sitting() -> None:
    assert len(README.text.splitlines()) <= 200


def test_readme_has_the_five_differences_that_matter_most_in_the_words_of_their_page() -> None:
    page = Document.read(Path("guide/differences.md")).table("Differences")
    rows = README.table("Why not AWS's own type")
    assert len(rows) == 5
    for row in rows:
        assert row in [{name: each[name] for name in row} for each in page]


def test_readmes_templates_are_clean_by_cfn_lint_against_the_schema(tmp_path: Path) -> None:
    templates = save_templates(README, tmp_path)
    assert templates
    (tmp_path / "schemas").mkdir()
    assert lint(templates, tmp_path / "schemas") == []


def test_the_definition_of_readmes_templates_can_run_on_an_hourly_schedule(tmp_path: Path) -> None:
    definitions = [
        definition
        for template in save_templates(README, tmp_path)
        for definition in resources(template, TYPE_NAME).values()
    ]
    assert definitions
    assert all(takes_an_hourly_schedule(each) for each in definitions)


def test_readme_has_a_row_for_every_property_and_says_what_an_update_of_it_does() -> None:
    def paths(name: str) -> set[str]:
        return {path.removeprefix("/properties/") for path in SCHEMA[name]}

    def update(name: str) -> str:
        if name in paths("readOnlyProperties"):
            return "read-only"
        if name in paths("createOnlyProperties"):
            return "replacement"
        return "no effect on the definition" if name in paths("writeOnlyProperties") else "in place"

    def shown(name: str, schema: dict[str, Any]) -> str:
        structure = schema.get("$ref") or schema.get("items", {}).get("$ref")
        page = f"docs/{structure.rpartition('/')[2].lower()}.md" if structure else None
        return f"[`{name}`]({page})" if page else f"`{name}`"

    rows = README.table("Properties")
    assert all(row["what for"] for row in rows)
    stated = {row["property"]: (row["required"], row["an update"]) for row in rows}
    assert len(stated) == len(rows)
    assert stated == {
        shown(name, schema): ("yes" if name in SCHEMA["required"] else "no", update(name))
        for name, schema in SCHEMA["properties"].items()
    }


def test_a_read_gives_what_the_page_on_drift_says_that_imports_and_drift_detection_see(
    stacks: Stacks, provider: InvokedProvider
) -> None:
    stated = json.loads(json.dumps(BATCH))
    batch = stated["ModelQualityJobInput"]["BatchTransformInput"]
    batch["DatasetFormat"] = {"Json": {}, "Parquet": False}
    template = template_of({**stated, "EndpointName": "churn", "Tags": []})
    arn = stacks.create(template, tags={"Stage": "test"}).physical_id()

    model = provider("READ", {"JobDefinitionArn": arn})["resourceModel"]

    batch["DatasetFormat"] = {"Json": {}}
    batch.update(S3InputMode="File", S3DataDistributionType="FullyReplicated")
    [output] = stated["ModelQualityJobOutputConfig"]["MonitoringOutputs"]
    output["S3Output"]["S3UploadMode"] = "EndOfJob"
    assert model == {
        **stated,
        "JobDefinitionArn": arn,
        "JobDefinitionName": arn.rpartition("/")[2],
        "CreationTime": model["CreationTime"],
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Tags": [{"Key": "Stage", "Value": "test"}],
    }


def test_some_minutes_are_what_the_handlers_wait() -> None:
    assert BUDGET_SECONDS in range(120, 600)
