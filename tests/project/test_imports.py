"""The checks of test_structure.py find each fault that they look for, in trees that have it."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.harness.imports import Tree

# Like the checks that it is about.
pytestmark = pytest.mark.once

Make = Callable[[dict[str, str]], Tree]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Gives the tree of these files, by their paths."""

    def make(files: dict[str, str]) -> Tree:
        for name, code in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(code), "utf-8")
        return Tree(tmp_path, sorted({name.partition("/")[0] for name in files}))

    return make


def found(tree: Tree) -> list[tuple[str, int, str]]:
    return [(str(each.imported), each.line, each.name) for each in tree.imports]


@pytest.mark.parametrize(
    ("code", "imported"),
    [
        ("import box.part", "box/part.py"),
        ("import box.part as other", "box/part.py"),
        ("from box import part", "box/part.py"),
        ("from box.part import thing", "box/part.py"),
        ("from box.part import *", "box/part.py"),
        ("from box import thing", "box/__init__.py"),
        ("from . import part", "box/part.py"),
        ("from .part import thing", "box/part.py"),
        ("from . import thing", "box/__init__.py"),
        ("from .inner import deep", "box/inner/deep.py"),
        ("def call():\n    import box.part", "box/part.py"),
        ("if TYPE_CHECKING:\n    from box import part", "box/part.py"),
        ("importlib.import_module('box.part')", "box/part.py"),
        ("import_module('.part', __package__)", "box/part.py"),
        ("__import__('box.part')", "box/part.py"),
        ("import_module(f'box.inner.{name}')", "box/inner/__init__.py"),
    ],
)
def test_an_import_is_found_however_it_is_written(made: Make, code: str, imported: str) -> None:
    tree = made(
        {
            "box/__init__.py": "",
            "box/part.py": "",
            "box/inner/__init__.py": "",
            "box/inner/deep.py": "",
            "box/user.py": code,
        }
    )
    assert [str(each.imported) for each in tree.imports] == [imported]


def test_dots_climb_from_the_package_that_a_module_is_in(made: Make) -> None:
    tree = made(
        {
            "box/__init__.py": "",
            "box/part.py": "",
            "box/inner/__init__.py": "from ..part import thing",
            "box/inner/deep.py": "from ..part import thing\nfrom ...box import part",
        }
    )
    assert {name for name, _, _ in found(tree)} == {"box/part.py"}


def test_modules_of_a_folder_on_the_path_have_its_name_left_out(made: Make) -> None:
    tree = made({"src/type/__init__.py": "", "src/type/one.py": "", "user/a.py": "import type.one"})
    assert found(tree) == [("src/type/one.py", 1, "type.one")]


def test_what_is_not_in_the_tree_is_named_all_the_same(made: Make) -> None:
    assert found(made({"box/a.py": "import json, os.path"})) == [
        ("None", 1, "json"),
        ("None", 1, "os.path"),
    ]


def test_an_excluded_folder_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "box/textbook").mkdir(parents=True)
    (tmp_path / "box/textbook/a.py").write_text("import box.textbook.a")
    assert Tree(tmp_path, ["box"], excluded=["box/textbook"]).imports == []


@pytest.mark.parametrize(
    "back",
    [
        "import box.one",
        "def call():\n    from box.one import thing",
        "if TYPE_CHECKING:\n    from .one import thing",
    ],
    ids=["plain", "in a function", "for types"],
)
def test_two_modules_that_import_each_other_are_a_circle(made: Make, back: str) -> None:
    tree = made({"box/one.py": "import json\nimport box.two", "box/two.py": back})
    [circle] = tree.circles_of_modules()
    assert sorted(str(step[0].importer) for step in circle.steps) == ["box/one.py", "box/two.py"]


def test_a_module_that_imports_itself_is_a_circle(made: Make) -> None:
    assert [str(each) for each in made({"box/a.py": "import box.a"}).circles_of_modules()] == [
        "a circle in ./:\n  box/a.py:1 imports box.a"
    ]


def test_a_circle_is_told_with_what_is_in_the_way_and_every_step_of_the_way_back(
    made: Make,
) -> None:
    tree = made(
        {
            "box/one.py": "import box.two.part\nfrom box.two import part",
            "box/two/part.py": "\nimport box.three\nimport box.three",
            "box/three.py": "\n\nfrom box.one import thing",
        }
    )
    [circle] = tree.circles()
    assert str(circle) == dedent("""\
        a circle in box/:
          box/three.py:3 imports box.one.thing
        and the way back:
          box/one.py:1 imports box.two.part (and 1 more)
          box/two/part.py:2 imports box.three (and 1 more)""")


def test_an_import_that_climbs_back_up_is_a_circle_of_the_folder(made: Make) -> None:
    tree = made(
        {
            "box/one.py": "from box.inner import deep",
            "box/inner/deep.py": "",
            "box/inner/high.py": "import box.one",
        }
    )
    assert tree.circles_of_modules() == []
    [circle] = tree.circles()
    assert circle.folder == Path("box")


def test_a_package_that_imports_what_imports_the_package_is_a_circle(made: Make) -> None:
    tree = made(
        {"box/__init__.py": "from box.part import thing", "box/part.py": "from box import other"}
    )
    [circle] = tree.circles()
    assert {str(step[0].importer) for step in circle.steps} == {"box/__init__.py", "box/part.py"}


def test_folders_at_the_top_that_import_each_other_are_a_circle(made: Make) -> None:
    tree = made(
        {"one/a.py": "import two.b", "one/c.py": "", "two/b.py": "", "two/d.py": "import one.c"}
    )
    assert tree.circles_of_modules() == []
    [circle] = tree.circles()
    assert circle.folder == Path()


def test_imports_that_lead_one_way_are_no_circle(made: Make) -> None:
    tree = made(
        {
            "box/__init__.py": "from box.one import thing",
            "box/one.py": "from box import two\nimport box.inner.deep",
            "box/two.py": "import box.inner.deep",
            "box/inner/deep.py": "import json",
        }
    )
    assert tree.circles() == tree.circles_of_modules() == []


def test_an_import_of_a_folder_that_is_not_allowed_is_found(made: Make) -> None:
    tree = made({"one/a.py": "import two.b\nimport three.c", "two/b.py": "", "three/c.py": ""})
    allowed = {"one": {"two"}, "two": set(), "three": set()}
    assert [str(each) for each in tree.crossing(allowed)] == ["one/a.py:2 imports three.c"]


def test_an_absolute_import_within_a_folder_is_found(made: Make) -> None:
    tree = made(
        {
            "src/type/__init__.py": "",
            "src/type/one.py": "from .two import thing\nimport json\nfrom type import two",
            "src/type/two.py": "",
            "user/a.py": "import type.one",
        }
    )
    assert [str(each) for each in tree.absolute_within("src")] == [
        "src/type/one.py:3 imports type.two"
    ]


def test_a_way_to_a_library_is_found_over_other_modules(made: Make) -> None:
    tree = made(
        {
            "box/start.py": "import json\nimport box.middle",
            "box/middle.py": "def call():\n    from moto.core import models",
            "box/other.py": "import moto",
        }
    )
    way = tree.way(Path("box/start.py"), lambda each: each.name.startswith("moto"))
    assert [str(each) for each in way] == [
        "box/start.py:2 imports box.middle",
        "box/middle.py:2 imports moto.core.models",
    ]


def test_a_way_from_a_folder_begins_at_any_of_its_modules(made: Make) -> None:
    tree = made({"box/inner/a.py": "", "box/inner/b.py": "import moto", "box/c.py": "import moto"})
    way = tree.way(Path("box/inner"), lambda each: each.name == "moto")
    assert [str(each) for each in way] == ["box/inner/b.py:1 imports moto"]


def test_a_way_leads_over_the_package_that_a_module_is_in(made: Make) -> None:
    tree = made(
        {
            "box/start.py": "import box.inner.deep",
            "box/inner/__init__.py": "import moto",
            "box/inner/deep.py": "",
        }
    )
    way = tree.way(Path("box/start.py"), lambda each: each.name == "moto")
    assert len(way) == 2


def test_there_is_no_way_where_nothing_leads_there(made: Make) -> None:
    tree = made({"box/start.py": "import box.middle", "box/middle.py": "", "a/b.py": "import moto"})
    assert tree.way(Path("box/start.py"), lambda each: each.name == "moto") == []
