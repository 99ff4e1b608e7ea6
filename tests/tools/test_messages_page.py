"""The page of messages has every one that the source can raise."""

import html
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from aws_sagemaker_modelqualityjobdefinition import errors, service_errors
from project import ROOT
from tools import messages_page as messages

DENIED = {"Code": "AccessDeniedException", "Message": "User is not authorized."}


def rows_of(root: Path, source: str) -> list[str]:
    """The rows of the page for a module of this source."""
    package = root / "src" / "some_package"
    package.mkdir(parents=True, exist_ok=True)
    (package / "handlers.py").write_text(source)
    return [line for line in messages.page(root).splitlines() if "`handlers.py`" in line]


def test_each_message_of_a_source_is_on_the_page_with_its_code(tmp_path: Path) -> None:
    package = tmp_path / "src" / "some_package"
    package.mkdir(parents=True)
    (package / "models.py").write_text("invalid_request('generated, not ours')")
    rows = rows_of(
        tmp_path,
        "raise invalid_request(f'{thing.name}: wrong | ' 'Mend it.')\n"
        "errors.HandlerError(HandlerErrorCode.NotFound, 'Nothing there.')\n"
        "SageMakerError(_code(error), f'{words} of {some_names!r}')\n"
        "HandlerError(HandlerErrorCode[name], str(error))\n"
        "SageMakerError(error.code, 'Denied.')\n",
    )
    assert rows == [
        "| InvalidRequest | &lt;name&gt;: wrong \\| Mend it. | `handlers.py` |",
        "| NotFound | Nothing there. | `handlers.py` |",
        "| as SageMaker's error | &lt;words&gt; of &lt;some names&gt; | `handlers.py` |",
        "| as SageMaker's error | Denied. | `handlers.py` |",
        "| as the framework's error | &lt;message of the error&gt; | `handlers.py` |",
    ]


def test_each_text_that_a_message_gets_from_a_variable_is_on_the_page(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "MOST = 50\n"
        "def invalid_request(message):\n"
        "    return HandlerError(HandlerErrorCode.InvalidRequest, message)\n"
        "def refuse(answer):\n"
        "    theirs = answer.get('message')\n"
        "    text = theirs\n"
        "    if not theirs:\n"
        "        text = f'Nothing in {answer}.'\n"
        "    what = 'key' if answer else 'value'\n"
        "    raise invalid_request(f'{text} At most {MOST}.')\n"
        "    whole = f'No {what}.'\n"
        "    raise invalid_request(whole)\n",
    )
    assert [row.split(" | ")[1] for row in rows] == [
        "&lt;theirs&gt; At most 50.",
        "No key.",
        "No value.",
        "Nothing in &lt;answer&gt;. At most 50.",
    ]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("HandlerError(code, made_elsewhere)", "made_elsewhere is no text"),
        ("text = made()\nHandlerError(code, text)", "text is no text"),
        ("invalid_request('The ' + 'sum.')", "'The ' + 'sum.' is no text"),
        ("invalid_request(message='It is bad.')", "not a positional argument"),
        ("SageMakerError(*parts)", "not a positional argument"),
        ("invalid_request(f'{len(words)} of them.')", r"len(words) has no name"),
        ("text = f'{them} or'\ntext += ' more of it'\ninvalid_request(text)", "' more of it'"),
        (
            "text: str = said or 'Nothing was said.'\ninvalid_request(f'{text}!')",
            "Nothing was said",
        ),
        ("one, two = 'Both are bad.', 2\ninvalid_request(f'{one}!')", "Both are bad"),
    ],
)
def test_a_message_that_cannot_be_read_is_an_error_with_its_line(
    tmp_path: Path, source: str, complaint: str
) -> None:
    with pytest.raises(messages.UnreadableError, match=re.escape(complaint)) as raised:
        rows_of(tmp_path, source)
    assert re.search(r"handlers\.py:\d+: ", str(raised.value))


def test_every_class_of_failures_is_read() -> None:
    subclasses = {kind.__name__ for kind in errors.HandlerError.__subclasses__()}
    assert {"HandlerError", "invalid_request", *subclasses} == messages.RAISED.keys()


def test_every_module_that_makes_a_failure_has_rows() -> None:
    page = messages.page(ROOT)
    made = re.compile(rf"(?<!class )(?<!def )\b({'|'.join(messages.RAISED)})\(")
    with_failures = {
        path.name for path in messages.modules(ROOT) if made.search(path.read_text("utf-8"))
    }
    # There, invalid_request passes the message of its caller on.
    assert with_failures - {"errors.py"} == set(re.findall(r"\| `(\w+\.py)` \|\n", page))


@pytest.mark.parametrize(
    "failure",
    [
        service_errors.service_error(ClientError({"Error": DENIED}, "AddTags")),
        service_errors.service_error(ClientError({"Error": DENIED}, "ListTags")),
        service_errors.service_error(ClientError({"Error": {"Code": "Bad"}}, "ListTags")),
        service_errors.service_error(
            ClientError({"Error": {"Code": "Bad", "Message": "It is bad."}}, "ListTags")
        ),
        service_errors.client_side_error("AddTags", EndpointConnectionError(endpoint_url="here")),
        service_errors.unexpected_response("list_tags", "Tags is missing", {}),
    ],
    ids=lambda failure: failure.message[:40],
)
def test_what_users_read_about_an_error_of_sagemaker_is_on_the_page(
    failure: service_errors.SageMakerError,
) -> None:
    rows = html.unescape(messages.page(ROOT)).splitlines()
    texts = [row.split(" | ")[1] for row in rows if "`service_errors.py`" in row]
    patterns = [".*".join(map(re.escape, re.split(r"<[^>]+>", text))) for text in texts]
    fitting = [pattern for pattern in patterns if re.fullmatch(pattern, failure.message)]
    assert fitting
    for sentence in ("Allow the action sagemaker:", "SageMaker returned no error message."):
        in_pattern = [re.escape(sentence) in pattern for pattern in fitting]
        assert any(in_pattern) == (sentence in failure.message)


def test_every_message_says_what_to_do_or_is_of_an_event_that_no_user_writes() -> None:
    page = messages.page(ROOT)
    rows = [line.split(" | ") for line in page.splitlines() if ".py` |" in line]
    for _, message, module in rows:
        of_events = module.startswith("`events.py`") and "not a" in message
        of_others = message.startswith(
            (
                "&lt;service message&gt; (",
                "SageMaker returned no error message. (",
                "&lt;sdk message&gt; (",
                "&lt;message of the error&gt;",
            )
        )
        sentences = [part for part in message.replace(": ", ". ").split(". ") if part]
        assert len(sentences) > 1 or of_events or of_others, message
