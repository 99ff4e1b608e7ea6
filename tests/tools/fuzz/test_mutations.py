"""Broken templates are the same for the same seed."""

from tools.fuzz.mutations import broken

TEXT = b"Resources:\n  One:\n    Type: A::B::C\n"
DOCUMENT = {"Resources": {"One": {"Type": "A::B::C"}}}


def test_a_seed_always_breaks_a_template_in_the_same_way() -> None:
    for seed in range(200):
        assert broken(TEXT, DOCUMENT, seed) == broken(TEXT, DOCUMENT, seed)
    assert DOCUMENT == {"Resources": {"One": {"Type": "A::B::C"}}}


def test_most_broken_templates_differ() -> None:
    made = {broken(TEXT, DOCUMENT, seed) for seed in range(200)}
    assert len(made) > 150
