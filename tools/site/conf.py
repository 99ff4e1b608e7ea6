"""Settings of the documentation site, which Sphinx reads: ``make site``.

The pages are the ones that people read on GitHub, where they are. Nothing is copied or written
twice: the menu is made of the tables of guide/README.md.
"""

import posixpath
import re
import shutil
from pathlib import Path, PurePosixPath

from sphinx.application import Sphinx

INDEX = "guide/README"
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
# The page that a row of a table is about; a link to a part of a page does not count.
PAGE = re.compile(r"^\| \[[^\]]+\]\(([^)#]+)\.md\)", re.MULTILINE)
# `cfn generate` writes patterns this way, and Markdown would read links and emphasis in them. It
# writes links in the syntax this way.
CODE = re.compile(r"<code>(.+?)</code>")
LINK = re.compile(r'(<a href="[\w-]+)\.md\b')

project = "Model quality job definitions for CloudFormation"
release = Path(__file__).parents[2].joinpath("VERSION").read_text("utf-8").strip()

root_doc = "README"
include_patterns = ["*.md", "guide/**.md", "docs/*.md", "examples/*.md"]
# The second adds the file that makes GitHub Pages leave folders such as _static alone.
extensions = ["myst_parser", "sphinx.ext.githubpages", "sphinx_copybutton", "sphinxcontrib.mermaid"]

# What GitHub's Markdown has beyond CommonMark.
myst_enable_extensions = ["alert"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
# The headings are those of `cfn generate`, and the SQL is DuckDB's, which Pygments does not know.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

html_theme = "furo"
html_title = f"{project} {release}"
html_show_copyright = False
html_copy_source = False


def setup(app: Sphinx) -> None:
    """Register what is done beside what Sphinx does."""
    app.connect("source-read", adapt)
    app.connect("build-finished", add_first_page)


def adapt(app: Sphinx, page: str, source: list[str]) -> None:
    """Change the text of a page from what GitHub shows to what Sphinx needs.

    Pages that lead to others get a hidden list of them, which the menu is made of.
    """
    text = source[0]
    sections = read_sections(app.srcdir)
    if page.startswith("docs/"):
        text = LINK.sub(r"\1.html", CODE.sub(r"``\1``", text))
    if page == root_doc:
        text += menu([INDEX])
        text += "".join(menu(pages, title) for title, pages in sections.items())
    elif posixpath.basename(page) == "README" and page != INDEX:
        listed = {page}.union(*sections.values())
        text += menu([each for each in sorted(app.env.found_docs - listed) if is_below(each, page)])
    source[0] = text


def read_sections(folder: Path) -> dict[str, list[str]]:
    """The pages of each section of the guide's index, by the section's title."""
    _, *parts = SECTION.split((folder / INDEX).with_suffix(".md").read_text("utf-8"))
    return {
        title: [
            posixpath.normpath(posixpath.join(posixpath.dirname(INDEX), page))
            for page in PAGE.findall(text)
        ]
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def is_below(page: str, index: str) -> bool:
    """Whether a page is in the folder of an index, or in a folder of that one."""
    return PurePosixPath(page).is_relative_to(PurePosixPath(index).parent)


def menu(pages: list[str], title: str = "") -> str:
    """A list of contents in MyST's syntax, which no page shows."""
    caption = f":caption: {title}\n" if title else ""
    entries = "\n".join(f"/{page}" for page in pages)
    return f"\n\n```{{toctree}}\n:hidden:\n{caption}\n{entries}\n```\n"


def add_first_page(app: Sphinx, failure: Exception | None) -> None:
    """Make README the page that a web server shows for the site's address."""
    if not failure:
        shutil.copyfile(app.outdir / f"{root_doc}.html", app.outdir / "index.html")
