"""The imports of a tree of Python files, and the circles among them.

Every import counts, wherever it stands: in a function, under TYPE_CHECKING, relative, or by
``importlib.import_module``. Of a name that is put together at run time, only its beginning is
known: ``import_module(f"checks.{name}")`` counts as an import of the package ``checks``.
"""

import ast
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class Import(NamedTuple):
    """An import of one module by another.

    importer: the file that has it, relative to the root. line: where. name: what is imported, as
    an absolute name. imported: the file of that module; None if it is not in the tree.
    is_relative: whether it is written with leading dots.
    """

    importer: Path
    line: int
    name: str
    imported: Path | None
    is_relative: bool

    def __str__(self) -> str:
        """The import as a line of a failure, which an editor can open."""
        return f"{self.importer}:{self.line} imports {self.name}"


class Circle(NamedTuple):
    """Imports that lead from the children of a folder back to the first of them.

    steps: for each step from one child to the next, all imports that make it. The step with the
    fewest imports comes first: it is the one that is in the way.
    """

    folder: Path
    steps: tuple[tuple[Import, ...], ...]

    def __str__(self) -> str:
        """What is in the way, and the way back, each step with a file and a line."""
        first, *back = self.steps
        others = [
            f"  {step[0]}{f' (and {len(step) - 1} more)' if len(step) > 1 else ''}" for step in back
        ]
        lines = [f"a circle in {self.folder}/:", *(f"  {each}" for each in first)]
        return "\n".join([*lines, *(["and the way back:", *others] if back else [])])


class Tree:
    """The modules below some folders of ``root``, and all of their imports.

    folders: the folders, such as ``sandbox`` or ``src``. sources: those among them that are on the
    path themselves, so that their names are not part of the names of modules. excluded: folders
    that are left out.
    """

    def __init__(
        self,
        root: Path,
        folders: Iterable[str],
        sources: Collection[str] = ("src",),
        excluded: Collection[str] = (),
    ) -> None:
        self._sources = sources
        files = [
            path.relative_to(root)
            for folder in folders
            for path in sorted((root / folder).rglob("*.py"))
        ]
        left_out = {Path(each) for each in excluded}
        self.modules: dict[str, Path] = {
            self._name(path): path for path in files if left_out.isdisjoint(path.parents)
        }
        self.imports: list[Import] = [
            each
            for name, path in self.modules.items()
            for each in self._imports_of(name, path, ast.parse((root / path).read_text("utf-8")))
        ]

    def _name(self, path: Path) -> str:
        parts = path.with_suffix("").parts
        parts = parts[1:] if parts[0] in self._sources else parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _imports_of(self, module: str, path: Path, code: ast.Module) -> Iterator[Import]:
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        nodes = (node for node in ast.walk(code) if isinstance(node, ast.stmt | ast.expr))
        for node in nodes:
            for name in _imported_names(node):
                absolute = _absolute(name, package)
                yield Import(
                    path, node.lineno, absolute, self._file(absolute), name.startswith(".")
                )

    def _file(self, name: str) -> Path | None:
        """The file of the module of this name, or of the module that has such an attribute."""
        return self.modules.get(name) or self.modules.get(name.rpartition(".")[0])

    def circles(self) -> list[Circle]:
        """The shortest circles among the children of each folder, its files and subfolders.

        A child is one node, whatever is in it. So an import that climbs from a subfolder back to
        the file that imports it is a circle, and so is one of a package's ``__init__.py`` by a
        module that it imports.
        """
        return self._circles_of(_step)

    def circles_of_modules(self) -> list[Circle]:
        """The shortest circles among modules."""
        return self._circles_of(lambda importer, imported: (Path(), importer, imported))

    def _circles_of(self, step: Callable[[Path, Path], tuple[Path, Path, Path]]) -> list[Circle]:
        """step: the graph that an import belongs to, and the nodes that it goes from and to."""
        graphs: dict[Path, dict[tuple[Path, Path], list[Import]]] = {}
        for each in self.imports:
            if each.imported:
                graph, start, end = step(each.importer, each.imported)
                graphs.setdefault(graph, {}).setdefault((start, end), []).append(each)
        return [
            Circle(graph, _fewest_first([tuple(steps[each]) for each in circle]))
            for graph, steps in sorted(graphs.items())
            for circle in _circles(steps)
        ]

    def crossing(self, allowed: Mapping[str, Collection[str]]) -> list[Import]:
        """The imports between folders at the top that are not allowed.

        allowed: for each folder, the other ones that its modules may import.
        """
        return [
            each
            for each in self.imports
            if each.imported
            and (start := each.importer.parts[0]) != (end := each.imported.parts[0])
            and end not in allowed[start]
        ]

    def absolute_within(self, folder: str) -> list[Import]:
        """The imports between modules of a folder at the top that are not relative."""
        return [
            each
            for each in self.imports
            if each.imported
            and not each.is_relative
            and each.importer.parts[0] == each.imported.parts[0] == folder
        ]

    def way(self, start: Path, is_end: Callable[[Import], bool]) -> list[Import]:
        """The shortest chain of imports from a module, or those of a folder, to such an import.

        A module also runs the ``__init__.py`` of every folder that it is in. Empty if there is no
        such chain.
        """
        its: dict[Path, list[Import]] = {}
        for each in self.imports:
            its.setdefault(each.importer, []).append(each)
        starts = [path for path in self.modules.values() if start in (path, *path.parents)]
        seen = {found for path in starts for found in self._run_by(path)}
        ways = deque((path, list[Import]()) for path in sorted(seen))
        while ways:
            path, way = ways.popleft()
            for each in its.get(path, ()):
                if is_end(each):
                    return [*way, each]
                for found in self._run_by(each.imported) - seen if each.imported else ():
                    seen.add(found)
                    ways.append((found, [*way, each]))
        return []

    def _run_by(self, path: Path) -> set[Path]:
        """A module, and the packages that it is in."""
        packages = {folder / "__init__.py" for folder in path.parents}
        return {path} | (packages & set(self.modules.values()))


def _imported_names(node: ast.stmt | ast.expr) -> list[str]:
    """What a node imports, with leading dots if it is relative."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        start = "." * node.level + (f"{node.module}." if node.module else "")
        return [
            (start.rstrip(".") or start) if alias.name == "*" else start + alias.name
            for alias in node.names
        ]
    if isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        if called in ("import_module", "__import__"):
            return _beginning(node.args[0])
    return []


def _beginning(name: ast.expr) -> list[str]:
    """A literal name, or the packages that a name begins with which is made at run time."""
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return [name.value]
    if isinstance(name, ast.JoinedStr) and name.values and isinstance(name.values[0], ast.Constant):
        start = str(name.values[0].value).rpartition(".")[0]
        return [start] if start else []
    return []


def _absolute(name: str, package: str) -> str:
    """A name without leading dots, as seen from a package."""
    rest = name.lstrip(".")
    dots = len(name) - len(rest)
    if not dots:
        return name
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - dots + 1], *([rest] if rest else [])])


def _step(importer: Path, imported: Path) -> tuple[Path, Path, Path]:
    """The deepest folder that holds both files, and the child of it that each is in."""
    shared = 0
    while importer.parts[: shared + 1] == imported.parts[: shared + 1] and importer != imported:
        shared += 1
    folder = importer.parent if importer == imported else Path(*importer.parts[:shared])
    depth = len(folder.parts) + 1
    return folder, Path(*importer.parts[:depth]), Path(*imported.parts[:depth])


def _circles(steps: Collection[tuple[Path, Path]]) -> list[list[tuple[Path, Path]]]:
    """For each step that is in a circle, the shortest circle that it is in, each circle once."""
    following: dict[Path, list[Path]] = {}
    for one, other in steps:
        following.setdefault(one, []).append(other)
    found: dict[frozenset[tuple[Path, Path]], list[tuple[Path, Path]]] = {}
    for one, other in sorted(steps):
        back = _shortest(following, other, one)
        if back is not None:
            circle = [(one, other), *back]
            found.setdefault(frozenset(circle), circle)
    return list(found.values())


def _shortest(
    following: Mapping[Path, list[Path]], start: Path, end: Path
) -> list[tuple[Path, Path]] | None:
    """The shortest way between two nodes, step by step; None if there is none."""
    before: dict[Path, Path | None] = {start: None}
    open_ends = deque([start])
    while open_ends and end not in before:
        node = open_ends.popleft()
        for each in following.get(node, ()):
            if each not in before:
                before[each] = node
                open_ends.append(each)
    if end not in before:
        return None
    way, node = [], end
    while (previous := before[node]) is not None:
        way.append((previous, node))
        node = previous
    return way[::-1]


def _fewest_first(steps: list[tuple[Import, ...]]) -> tuple[tuple[Import, ...], ...]:
    first = min(range(len(steps)), key=lambda place: len(steps[place]))
    return (*steps[first:], *steps[:first])
