"""The last line of the demo."""

from tools.demo.tally import Tally


def test_what_was_made_changed_and_left_is_counted() -> None:
    assert Tally(created=8, copies=1, changed=1, updated=1).sentence() == (
        "created 8 resources in stacks and 1 definition through Cloud Control, changed 1 tag in "
        "place, replaced nothing, and left nothing behind"
    )


def test_without_definitions_the_resources_that_were_updated_are_counted() -> None:
    assert Tally(created=1, updated=2, replaced=1, kept=["Bucket"]).sentence() == (
        "created 1 resource, changed 2 resources in place, replaced 1 resource, and left 1 "
        "resource behind, as the template says"
    )
    assert Tally().sentence().startswith("created no resources, changed no resources in place,")
