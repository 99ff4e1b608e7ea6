"""How the demo is printed: on terminals of several widths, and in a pipe."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from rich.console import Console

from sandbox.cloudformation.template.reading import parse
from tools.demo.screen import Screen, utc

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-quality-job-definition/demo-0123456789abcdef"


def printed(show: Callable[[Screen], None], columns: int | None) -> list[str]:
    """The lines that are printed on a terminal with so many columns, or in a pipe."""
    file = io.StringIO()
    terminal = columns is not None
    show(Screen(Console(file=file, width=columns, force_terminal=terminal, color_system=None)))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_text_is_wrapped_between_words_and_a_longer_word_is_left_whole(columns: int) -> None:
    text = f"One-two {'words and ' * 20}{ARN} end"
    lines = printed(lambda screen: screen.say(text, indent=4), columns)
    assert " ".join(line.strip() for line in lines) == text
    assert {line[:4] for line in lines} == {" " * 4}
    assert all(len(line) <= columns for line in lines if ARN not in line)


def test_a_text_is_not_wrapped_in_a_pipe() -> None:
    text = f"{'words and ' * 40}end"
    assert printed(lambda screen: screen.say(f"{text}\nmore", indent=2), None) == [
        f"  {text}",
        "  more",
    ]


@pytest.mark.parametrize(("columns", "line"), [(40, 40), (80, 80), (120, 80), (None, 80)])
def test_the_line_of_a_heading_ends_where_the_terminal_does_or_at_80(
    columns: int | None, line: int
) -> None:
    _, heading, text = printed(lambda screen: screen.chapter("Title", "Text."), columns)
    assert (heading.rstrip("─"), len(heading), text) == ("Title ", line, "Text.")


def test_an_event_has_its_type_in_a_line_of_its_own_only_where_it_must() -> None:
    def event(screen: Screen) -> None:
        screen.event("CREATE_COMPLETE", "JobDefinition", "AWS::SageMaker::Model", "green")

    line = "  CREATE_COMPLETE     JobDefinition   AWS::SageMaker::Model"
    assert printed(event, len(line)) == [line]
    assert printed(event, None) == [line]
    assert printed(event, len(line) - 1) == [
        "  CREATE_COMPLETE     JobDefinition",
        "    AWS::SageMaker::Model",
    ]


def test_an_event_without_a_type_ends_with_its_name() -> None:
    lines = printed(lambda screen: screen.event("CREATE  SUCCESS", "name", "", "green"), 80)
    assert lines == ["  CREATE  SUCCESS  name"]


VALUES = {
    "JobDefinitionArn": ARN,
    "Created": datetime(2026, 1, 2, 3, 4, 5, 678900, timezone.utc),
    "Nested": {"Items": [{"Uri": f"s3://{'bucket' * 11}", "Text": "0", "Number": 0.5}]},
}


@pytest.mark.parametrize("columns", [40, 80, 120, None])
def test_an_outline_is_yaml_at_every_width(columns: int | None) -> None:
    lines = printed(lambda screen: screen.outline(VALUES), columns)
    assert parse("\n".join(lines)) == {**VALUES, "Created": "2026-01-02T03:04:05.678Z"}
    assert [line for line in lines if len(line) > (columns or 1000)] == [
        line
        for line in lines
        if len(line) > (columns or 1000) and line.strip() in (ARN, f"s3://{'bucket' * 11}")
    ]


def test_a_value_that_does_not_fit_beside_its_key_is_in_the_next_line() -> None:
    assert printed(lambda screen: screen.outline(VALUES), 80) == [
        "JobDefinitionArn:",
        f" {ARN}",
        "Created: 2026-01-02T03:04:05.678Z",
        "Nested:",
        "  Items:",
        f"  - Uri: s3://{'bucket' * 11}",
        "    Text: '0'",
        "    Number: 0.5",
    ]


def test_an_arn_is_shortened_only_where_it_is_longer_than_a_line() -> None:
    shown: list[str] = []
    for columns in (80, len(ARN) + 1, None):
        printed(lambda screen: shown.append(screen.shortened(ARN, room=1)), columns)
    short = "arn:aws:sagemaker:us-east-1:123456789012:…/demo-0123456789abcdef"
    assert shown == [short, ARN, ARN]


def test_a_command_to_copy_is_in_one_line() -> None:
    command = f"make demo TEMPLATE=own.yaml PARAMETERS='{'Name=value ' * 20}'"
    assert printed(lambda screen: screen.command(command), 80) == [f"  {command}"]


def test_a_time_is_shown_in_utc() -> None:
    time = datetime(2026, 1, 2, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert utc(time) == "2026-01-01T23:00:00.000Z"
