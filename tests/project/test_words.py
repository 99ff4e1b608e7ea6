"""Which name or file a misspelt one probably means."""

from pathlib import Path

import pytest

from project.words import nearest_path


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("regresion.yaml", "regression.yaml"),
        ("Regression.yml", "regression.yaml"),
        ("regression.jsn", "regression.yaml"),
        ("clasification.json", "classification.json"),
        # Of two with this name, the one with this suffix.
        ("clasification.yaml", "classification.yaml"),
        # The suffix alone is not alike.
        ("absent.yaml", None),
        ("nowhere/regresion.yaml", None),
    ],
)
def test_a_misspelt_path_is_that_of_the_file_beside_it_with_the_nearest_name(
    misspelt: str, meant: str | None, tmp_path: Path
) -> None:
    for name in ("regression.yaml", "classification.yaml", "classification.json"):
        (tmp_path / name).touch()
    assert nearest_path(tmp_path / misspelt) == (tmp_path / meant if meant else None)
