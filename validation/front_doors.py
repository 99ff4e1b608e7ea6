"""Where the command is run from, and what its settings are called there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FrontDoor:
    """The names of settings, for messages about them.

    one_template, templates: what to write for a path, and for several, in place of ``{}``.
    equals: what is between the name of a setting and its value.
    """

    one_template: str
    templates: str
    template: str
    type_name: str
    format: str
    regions: str
    ignored: str
    exit_code: str
    equals: str = "="


FRONT_DOORS = {
    "make": FrontDoor(
        one_template="make validate TEMPLATE={}",
        templates='make validate TEMPLATE="{}"',
        template="TEMPLATE",
        type_name="TYPE_NAME",
        format="FORMAT",
        regions="REGIONS",
        ignored="IGNORE",
        exit_code="--non-zero-exit-code",
    ),
    # Editors, pre-commit and other CI run it, too.
    "script": FrontDoor(
        one_template="validate.sh {}",
        templates="validate.sh {}",
        template="--template",
        type_name="--type-name",
        format="--format",
        regions="--regions",
        ignored="--ignore-checks",
        exit_code="--non-zero-exit-code",
    ),
    # It has no inputs for regions, and for rules to ignore: they are in .cfnlintrc.
    "action": FrontDoor(
        one_template="template: {}",
        templates='template: "{}"',
        template="template",
        type_name="type-name",
        format="format",
        regions="regions",
        ignored="ignore_checks",
        exit_code="exit-code",
        equals=": ",
    ),
}
