"""Templates and parameters that the demo refuses, and what it says of them."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tools.demo.errors import Refused
from tools.demo.request import (
    ANOTHER,
    MAX_BODY,
    check_parameters,
    read_parameters,
    read_template,
)

OWN = Path("own.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(path: Path) -> tuple[str, str]:
    """The message and the command of the refusal of a template."""
    with pytest.raises(Refused) as refusal:
        read_template(path)
    return str(refusal.value), refusal.value.command


def test_a_template_is_read_as_it_is(folder: Path) -> None:
    (folder / OWN).write_bytes('Description: "größer"\r\n'.encode())
    assert read_template(folder / OWN) == 'Description: "größer"\r\n'


def test_a_template_of_the_greatest_size_is_read(folder: Path) -> None:
    (folder / OWN).write_bytes(b"#" * MAX_BODY)
    assert len(read_template(OWN)) == MAX_BODY


@pytest.mark.parametrize(
    ("content", "message", "command"),
    [
        (b"", "own.yaml is empty. Name a template, such as:", ANOTHER),
        (b" \n", "own.yaml is empty. Name a template, such as:", ANOTHER),
        (
            b"Resources:\n  A: \xfc\n",
            "own.yaml is not UTF-8: line 2 has the byte 0xfc. Save it as UTF-8, and try again:",
            "make demo TEMPLATE=own.yaml",
        ),
        (
            b"#" * (MAX_BODY + 1),
            (
                "own.yaml has 51,201 bytes. The demo sends the template in a request, which "
                "CloudFormation limits to 51,200. To try a larger one, start a sandbox and use aws "
                "cloudformation deploy with --s3-bucket:"
            ),
            "make sandbox",
        ),
    ],
    ids=["empty", "blank", "not-utf-8", "huge"],
)
def test_a_file_that_no_request_can_contain_is_refused(
    folder: Path, content: bytes, message: str, command: str
) -> None:
    (folder / OWN).write_bytes(content)
    assert refused(OWN) == (message, command)


def test_a_path_below_this_folder_is_shown_short(folder: Path) -> None:
    (folder / OWN).touch()
    assert refused(folder / OWN)[0].startswith("own.yaml is empty.")


def test_a_file_that_is_missing_is_refused_with_the_nearest_name(folder: Path) -> None:
    (folder / "my quality.yaml").touch()
    assert refused(Path("my qualty.yaml")) == (
        "There is no template my qualty.yaml. Did you mean this one?",
        "make demo TEMPLATE='my quality.yaml'",
    )


def test_a_file_in_a_folder_that_is_missing_is_refused_with_an_example() -> None:
    assert refused(Path("no/where.yaml")) == (
        "There is no template no/where.yaml. Name a template that exists, such as:",
        ANOTHER,
    )


def test_a_folder_is_refused_with_a_template_in_it(folder: Path) -> None:
    (folder / "templates").mkdir()
    assert refused(Path("templates")) == (
        "templates is a folder. Name one template, such as:",
        ANOTHER,
    )
    (folder / "templates" / "b.json").touch()
    assert refused(Path("templates"))[1] == "make demo TEMPLATE=templates/b.json"


def test_what_is_neither_a_file_nor_a_folder_is_refused_without_waiting_for_it(
    folder: Path,
) -> None:
    os.mkfifo(folder / "pipe")
    assert refused(Path("pipe"))[0] == "pipe is not a regular file. Name a template, such as:"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("own.yaml/a.yaml", "Not a directory"), ("a" * 300, "File name too long")],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    folder: Path, name: str, reason: str
) -> None:
    (folder / OWN).touch()
    assert refused(Path(name))[0] == f"{name} cannot be read: {reason}. Name a template, such as:"


def test_parameters_are_split_at_spaces_and_at_the_first_equals_sign() -> None:
    assert read_parameters(" A=b=c  D= E=* ") == {"A": "b=c", "D": "", "E": "*"}


def test_a_value_with_spaces_is_quoted_as_in_a_shell() -> None:
    assert read_parameters("""A='b c' D="it's" E=f\\ g 'H=i j' K='l'm""") == {
        "A": "b c",
        "D": "it's",
        "E": "f g",
        "H": "i j",
        "K": "lm",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--help", "Cannot read '--help' as a parameter."),
        (
            "A=b c",
            (
                "Cannot read 'c' as a parameter. Write Name=value, with spaces between "
                "parameters, and quotes around a value that has spaces:"
            ),
        ),
        ("=c", "Cannot read '=c' as a parameter."),
        ("A='b c", "PARAMETERS is A='b c, in which a quotation mark is not closed, or nothing "),
        ("A=b\\", "PARAMETERS is A=b\\, in which a quotation mark is not closed, or nothing "),
        ("A=b A=c", "The parameter A is given twice. Give each one once:"),
    ],
)
def test_a_malformed_parameter_is_refused(given: str, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_parameters(given)
    assert str(refusal.value).startswith(message)
    assert refusal.value.command.endswith(" PARAMETERS=\"Name=value Other='two words'\"")


ROLE = {"Type": "String", "Description": "The role\n  of the jobs."}
STAGE = {"Type": "String", "Default": "test", "AllowedValues": ["test", "production"]}
SECRET = {"Type": "Number", "NoEcho": True}


def check(declared: Any, given: dict[str, str]) -> None:
    check_parameters(OWN, json.dumps({"Parameters": declared}), given)


def refusal_of(declared: Any, given: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        check(declared, given)
    return str(refusal.value), refusal.value.command


def test_parameters_that_all_have_values_are_accepted() -> None:
    check({"RoleArn": ROLE, "Stage": STAGE}, {"RoleArn": "arn"})
    check({}, {})
    check_parameters(OWN, "Resources: {}", {})


@pytest.mark.parametrize("text", ["hello", "{", "- a", "Parameters: [A]", "Parameters: {A: }"])
def test_what_is_wrong_with_a_template_is_left_to_cloudformation(text: str) -> None:
    check_parameters(OWN, text, {})


def test_missing_parameters_are_told_with_what_the_template_says_of_them() -> None:
    required = {name: value for name, value in STAGE.items() if name != "Default"}
    assert refusal_of({"RoleArn": ROLE, "Stage": required, "Secret": SECRET}, {}) == (
        (
            "own.yaml needs values for these parameters:\n"
            "  RoleArn: The role of the jobs.\n"
            "  Stage: Allowed values: test, production.\n"
            "  Secret: Number\n"
            "Nothing was deployed. Try:"
        ),
        "make demo TEMPLATE=own.yaml PARAMETERS='RoleArn=... Stage=test Secret=...'",
    )


@pytest.mark.parametrize("no_echo", [True, "true"])
def test_the_command_to_try_has_what_was_given_except_for_secrets(no_echo: Any) -> None:
    declared = {"RoleArn": ROLE, "Stage": STAGE, "Secret": {**SECRET, "NoEcho": no_echo}}
    assert refusal_of(declared, {"Stage": "production", "Secret": "5"})[1].endswith(
        " PARAMETERS='RoleArn=... Stage=production Secret=...'"
    )


def test_the_command_to_try_gives_a_value_with_spaces_as_it_was_given() -> None:
    given = {"Stage": "it's a test"}
    command = refusal_of({"RoleArn": ROLE, "Stage": {"Type": "String"}}, given)[1]
    *_, parameters = shlex.split(command)
    assert read_parameters(parameters.removeprefix("PARAMETERS=")) == {"RoleArn": "...", **given}


def test_unknown_parameters_are_told_with_the_nearest_name_or_all_names() -> None:
    assert refusal_of({"Stage": STAGE}, {"Stagee": "test", "Zone": "a"}) == (
        (
            "own.yaml has no parameter Stagee. Did you mean Stage?\n"
            "own.yaml has no parameter Zone. It has Stage.\n"
            "Nothing was deployed. Try:"
        ),
        "make demo TEMPLATE=own.yaml",
    )
    assert refusal_of({}, {"Zone": "a"})[0].startswith(
        "own.yaml has no parameter Zone. It has none."
    )
