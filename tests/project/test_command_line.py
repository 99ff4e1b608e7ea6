"""What is said of options that are wrong."""

import pytest

from project.command_line import ArgumentParser, whole_number


def parser() -> ArgumentParser:
    made = ArgumentParser("make thing")
    made.add_argument("--port", type=whole_number("PORT", "a port", 0, 65535))
    made.add_argument("--count", type=whole_number("COUNT", "a count", 1))
    return made


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("65535", 65535), ("080", 80)])
def test_a_number_within_the_limits_is_read(text: str, value: int) -> None:
    assert parser().parse_args([f"--port={text}"]).port == value


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--port=abc", "PORT=abc: a port is a number from 0 to 65535."),
        ("--port=65536", "PORT=65536: a port is a number from 0 to 65535."),
        ("--port=-1", "PORT=-1: a port is a number from 0 to 65535."),
        ("--port= 1\n", "PORT= 1\n: a port is a number from 0 to 65535."),
        ("--port=1_0", "PORT=1_0: a port is a number from 0 to 65535."),
        ("--port=٣", "PORT=٣: a port is a number from 0 to 65535."),
        (f"--count={'9' * 5000}", f"COUNT={'9' * 5000}: a count is a number that is 1 or more."),
        ("--count=0", "COUNT=0: a count is a number that is 1 or more."),
        ("--prot=1", "make thing: unrecognized arguments: --prot=1"),
    ],
)
def test_a_wrong_option_is_told_in_one_message_without_a_usage(
    capsys: pytest.CaptureFixture[str], option: str, message: str
) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args([option])
    assert end.value.code == 2
    assert capsys.readouterr() == ("", f"{message}\n")
