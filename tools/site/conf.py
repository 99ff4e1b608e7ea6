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
# The name and the page that a row of a table is about; a link to a part of a page does not count.
PAGE = re.compile(r"^\| \[([^\]]+)\]\(([^)#]+)\.md\)", re.MULTILINE)
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

# Pages have values to copy that are not marked as code, such as ["--label", "churned"].
smartquotes = False

html_theme = "furo"
# The theme's own style has no colour for what a difference adds.
pygments_style = "default"
html_title = f"{project} {release}"
html_show_copyright = False
html_copy_source = False
# It is empty: it would list objects of code.
html_use_index = False


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
        text += menu({INDEX: "Guide"})
        text += "".join(menu(pages, title) for title, pages in sections.items())
    elif posixpath.basename(page) == "README" and page != INDEX:
        elsewhere = {page}.union(*sections.values())
        below = [each for each in app.env.found_docs - elsewhere if is_below(each, page)]
        text += menu(entries_below(Path(app.srcdir), page, below))
    source[0] = text


def read_sections(folder: Path) -> dict[str, dict[str, str]]:
    """The pages of each section of the guide's index, by the section's title, with their names."""
    _, *parts = SECTION.split(read(folder, INDEX))
    return {
        title: read_rows(text, INDEX) for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def read_rows(text: str, page: str) -> dict[str, str]:
    """The pages that the tables of a page list, with the names that they have there."""
    folder = posixpath.dirname(page)
    return {
        posixpath.normpath(posixpath.join(folder, link)): name for name, link in PAGE.findall(text)
    }


def entries_below(folder: Path, index: str, pages: list[str]) -> dict[str, str]:
    """The pages below an index in the order of its table, and those that it lacks behind them.

    Their names are their headings, without the heading of the index if they begin with it.
    """
    text = read(folder, index)
    order = [*read_rows(text, index), *sorted(pages)]
    return {
        page: heading(read(folder, page)).removeprefix(f"{heading(text)} ")
        for page in sorted(pages, key=order.index)
    }


def read(folder: Path, page: str) -> str:
    """The text of a page."""
    return (folder / f"{page}.md").read_text("utf-8")


def heading(text: str) -> str:
    """The first heading of a page."""
    return text.partition("\n")[0].removeprefix("# ")


def is_below(page: str, index: str) -> bool:
    """Whether a page is in the folder of an index, or in a folder of that one."""
    return PurePosixPath(page).is_relative_to(PurePosixPath(index).parent)


def menu(pages: dict[str, str], title: str = "") -> str:
    """A list of contents in MyST's syntax, which no page shows; nothing if there are no pages.

    pages: the name of each page in the menu.
    """
    if not pages:
        return ""
    caption = f":caption: {title}\n" if title else ""
    entries = "\n".join(f"{name} </{page}>" for page, name in pages.items())
    return f"\n\n```{{toctree}}\n:hidden:\n{caption}\n{entries}\n```\n"


def add_first_page(app: Sphinx, failure: Exception | None) -> None:
    """Make README the page that a web server shows for the site's address."""
    if not failure:
        shutil.copyfile(app.outdir / f"{root_doc}.html", app.outdir / "index.html")
