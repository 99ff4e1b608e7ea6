"""Makes guide/rules/: a page for each lint rule, and their index.

A page is made of what the rule says of itself, of the templates in validation/examples/, and of
what the rule finds in them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from validation.examples import Mistaken, mistaken
from validation.lint import lint
from validation.rules import RULES
from validation.rules._rule import Rule

FOLDER = Path("guide/rules")
_WIDTH = 100
# Of a block of code: what the documentation site shows without scrolling.
_BLOCK_WIDTH = 88
_INDEX = """\
# Lint rules

`make generate` writes these pages from the rules in `validation/rules/`. They find mistakes that
deploy without an error, or that only SageMaker refuses. They need cfn-lint (1.58.0 is tested) and
nothing else of this project:

```sh
cfn-lint --append-rules validation/rules --template template.yaml
```

They look at every resource whose type's name ends in `::SageMaker::ModelQualityJobDefinition`:
AWS's own type, and one that is registered under a name of your own. For any other name,
pass the type's schema with `--registry-schemas`.

An **error** is refused by SageMaker, or makes every run fail. A **warning** may make a run fail, or
was probably not meant. Each finding is about a deployment that the template allows, and says for
which conditions, parameters and region:

- A parameter can take any of its `AllowedValues`. Without them it can be its `Default`, `MinValue`
  and `MaxValue`, as in cfn-lint's own rules. Other values are not judged.
- Each branch of `Fn::If` is judged, with what the same conditions mean for other properties.
  Combinations are judged only if there are values of the parameters that lead to them: values that
  `AllowedValues`, `AllowedPattern` and the like accept, and with which the template's `Rules` hold.
  If a condition or a rule has a function that cannot be followed, such as `Fn::Length` or
  `Fn::ValueOf`, it is not combined with another one of the same parameters.
- `Fn::Sub`, `Fn::Join`, `Fn::FindInMap` and the like are judged if all their parts are known. What
  is looked up by `AWS::Region` or `AWS::AccountId` is judged for each key. What only the deployment
  knows, such as `Fn::ImportValue`, `Fn::GetAtt` and dynamic references, is not judged. Where the
  beginning of a text decides, as with paths and the keys of tags, it has to be known.

To switch a rule off for one resource, list its id under `Metadata`, `cfn-lint`, `config`,
`ignore_checks` of the resource, as for cfn-lint's own rules.

| rule | severity | what it says |
| --- | --- | --- |
"""
_RULES_ROW = "| [{id}]({id}.md) | {severity} | {shortdesc} |\n"


def pages() -> dict[Path, str]:
    """Return the pages, by their paths in the project."""
    rules = [rule() for rule in RULES]
    index = _INDEX + "".join(
        _RULES_ROW.format(id=rule.id, severity=rule.severity, shortdesc=rule.shortdesc)
        for rule in rules
    )
    return {
        FOLDER / "README.md": index,
        **{FOLDER / f"{rule.id}.md": "\n".join(_page(rule)) for rule in rules},
    }


def _page(rule: Rule) -> Iterator[str]:
    yield f"# {rule.id}: {rule.shortdesc}\n"
    yield _filled(f"{rule.severity.capitalize()}. {rule.description}")
    yield _filled(f"Source: {_link(rule.source_url)}.")
    if rule.background:
        yield f"{rule.background.strip()}\n"
    for example in mistaken(rule.id):
        yield f"## {example.title}\n"
        yield "```text"
        for found in lint(example.text):
            yield _filled(f"{found.rule.id} {found.message}", _BLOCK_WIDTH).removesuffix("\n")
            yield f"{example.path.name}:{found.linenumber}"
        yield "```\n"
        yield "The fix:\n"
        yield f"```diff\n{''.join(_difference(example))}```\n"
    yield f"The templates are in `validation/examples/{rule.id}/`.\n"


def _difference(example: Mistaken) -> Iterator[str]:
    lines = unified_diff(
        example.unmarked.splitlines(keepends=True),
        example.sound.read_text("utf-8").splitlines(keepends=True),
        n=2,
    )
    # Without the two lines that name the files.
    return islice(lines, 2, None)


def _link(url: str) -> str:
    parts = url.rstrip("/").split("/")
    on_github = parts[2] == "github.com"
    name = f"{parts[3]}/{parts[4]} {parts[-1]}" if on_github else parts[-1].removesuffix(".html")
    return f"[{name}]({url})"


def _filled(text: str, width: int = _WIDTH) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False) + "\n"
