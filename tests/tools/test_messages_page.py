"""The page of messages has every one that the source can raise."""

from pathlib import Path

from project import ROOT
from tools import messages_page as messages


def test_each_message_of_a_source_is_on_the_page_with_its_code(tmp_path: Path) -> None:
    package = tmp_path / "src" / "some_package"
    package.mkdir(parents=True)
    (package / "models.py").write_text("invalid_request('generated, not ours')")
    (package / "handlers.py").write_text(
        "raise invalid_request(f'{thing.name}: wrong | ' 'Mend it.')\n"
        "HandlerError(HandlerErrorCode.NotFound, 'Nothing there.')\n"
        "SageMakerError(_code(error), f'{len(words)} of {\", \".join(names)}')\n"
        "HandlerError(code, made_elsewhere)\n"
    )
    rows = [line for line in messages.page(tmp_path).splitlines() if "`handlers.py`" in line]
    assert rows == [
        "| InvalidRequest | &lt;name&gt;: wrong \\| Mend it. | `handlers.py` |",
        "| NotFound | Nothing there. | `handlers.py` |",
        ("| by the error, see ERROR_CODES | &lt;words&gt; of &lt;names&gt; | `handlers.py` |"),
    ]


def test_every_message_says_what_to_do_or_is_of_an_event_that_no_user_writes() -> None:
    page = messages.page(ROOT)
    rows = [line.split(" | ") for line in page.splitlines() if ".py` |" in line]
    for _, message, module in rows:
        of_events = module.startswith("`events.py`") and "not a" in message
        of_the_service = message.startswith(("&lt;message&gt; (", "&lt;error&gt; ("))
        sentences = [part for part in message.replace(": ", ". ").split(". ") if part]
        assert len(sentences) > 1 or of_events or of_the_service, message
