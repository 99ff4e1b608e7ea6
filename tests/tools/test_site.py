"""The documentation site, as ``make site`` builds it."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from project import ROOT
from project.environment import prepare

# The site is made in an environment of its own, by one Python.
pytestmark = pytest.mark.once


def build(source: Path, output: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(prepare("site") / "python", "-m", "tools.site"),
            *("--source", source, "--output", output),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Page(HTMLParser):
    """What a page links to, and where its parts can be linked to."""

    path: Path
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    text: str = ""
    menu: list[str] = field(default_factory=list)
    in_menu: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text("utf-8"))

    def handle_starttag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.links += [link for name in ("href", "src") if (link := given.get(name))]
        self.anchors |= {anchor for name in ("id", "name") if (anchor := given.get(name))}

        if "sidebar-tree" in (given.get("class") or ""):
            self.in_menu = True
        elif "main" in (given.get("class") or "").split():
            self.in_menu = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.in_menu:
            self.menu.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("site") / "site"
    built = build(ROOT, output)
    assert built.returncode == 0, built.stderr
    assert built.stdout == f"The site is complete. Open {output / 'index.html'} in a browser.\n"
    return output


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_link_within_the_site_leads_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    local = 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            local += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_relative_to(site), f"{path}: {link}"
            assert target.exists(), f"{path}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, f"{path}: {link}"
    assert local > 1000


def test_the_menu_of_the_first_page_leads_to_every_page(pages: dict[Path, Page]) -> None:
    [first] = [page for path, page in pages.items() if path.name == "index.html"]
    written = {
        path.relative_to(ROOT).with_suffix(".html").as_posix()
        for folder in (ROOT, ROOT / "guide", ROOT / "docs", ROOT / "examples")
        for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
    }
    assert written - {"README.html"} <= set(first.links)


def test_the_menu_names_pages_as_the_index_does_and_in_the_order_of_its_tables(
    pages: dict[Path, Page],
) -> None:
    [page] = [page for path, page in pages.items() if path.match("guide/rules/README.html")]
    names = [name.strip() for name in page.menu if name.strip()]
    assert names[: names.index("Examples")] == ["Guide", "Use the type"]
    rules = [name.partition(":")[0] for name in names if re.match(r"[EW]\d{4}: ", name)]
    assert len(rules) > 1
    assert rules == sorted(rules, key=lambda name: name[1:])
    # Without the name of the type, and with no list of pages where there are none.
    structure = names.index("ModelQualityAppSpecification")
    assert names[structure + 1] == "ModelQualityAppSpecification Environment"
    assert names[names.index("Examples") + 1] == "The type's pages"


def test_a_search_finds_words_of_the_pages(site: Path) -> None:
    index = json.loads(
        re.sub(r"^Search\.setIndex\((.+)\)$", r"\1", (site / "searchindex.js").read_text("utf-8"))
    )
    names = index["docnames"]
    found = index["terms"]["throttl"]
    assert "guide/faults" in [names[number] for number in found]


def test_quotes_and_hyphens_of_an_example_are_shown_as_they_are(pages: dict[Path, Page]) -> None:
    [page] = [
        p for path, p in pages.items() if path.match("docs/modelqualityappspecification.html")
    ]
    assert 'such as ["--label", "churned"].' in page.text


def test_patterns_of_the_properties_are_shown_as_they_are(pages: dict[Path, Page]) -> None:
    [page] = [page for path, page in pages.items() if path.match("docs/s3output.html")]
    schema = json.loads((ROOT / "aws-sagemaker-modelqualityjobdefinition.json").read_text("utf-8"))
    assert schema["definitions"]["S3Output"]["properties"]["S3Uri"]["pattern"] in page.text


def test_a_broken_link_and_a_page_that_the_index_forgets_fail_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With it Sphinx writes in colour, even into a file.
    monkeypatch.setenv("CI", "true")
    source = tmp_path / "source"
    (source / "guide").mkdir(parents=True)
    links = ["guide/nowhere.md", "guide/README.md#no-heading", "nowhere.yaml"]
    (source / "README.md").write_text(
        "\n\n".join(["# A page", *(f"[it]({link})" for link in links)])
    )
    (source / "guide" / "README.md").write_text("# Guide\n")
    (source / "guide" / "forgotten.md").write_text("# Forgotten\n")
    built = build(source, tmp_path / "site")
    assert built.returncode == 1
    warnings = [line for line in built.stderr.splitlines() if "WARNING" in line]
    for number, link in enumerate(links):
        place = f"{source / 'README.md'}:{3 + 2 * number}: WARNING: "
        [warning] = [line for line in warnings if line.startswith(place)]
        assert link.rpartition("#")[-1] in warning
    [forgotten] = [line for line in warnings if "forgotten.md" in line]
    assert "isn't included in any toctree" in forgotten
    assert len(warnings) == len(links) + 1
    assert built.stderr.endswith("The site has faults. Mend what is named above.\n")
    assert "complete" not in built.stdout


def test_what_is_published_is_what_make_site_builds_and_nothing_else() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text("utf-8"))["jobs"]
    steps = jobs["build"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["make site"]
    [uploaded] = [
        step["with"]["path"] for step in steps if "pages-artifact" in step.get("uses", "")
    ]
    assert uploaded == "dist/site"
    assert jobs["publish"]["needs"] == "build"
