"""Data flows one way: stages never import each other, and the edges stay at the edges."""

import ast
from pathlib import Path

import pytest

import cwb

PACKAGE = Path(cwb.__file__).parent
STAGES = {"ledger", "suppliers", "register", "match", "places", "classify", "indicators", "impact"}
# What every stage may use, beside its own package and the libraries.
COMMON = {
    "schema", "errors", "lookups", "shipped", "files", "safety", "names", "postcodes", "privacy", "deflators",
    "folders", "web",
}  # fmt: skip


def _imports(path: Path) -> set[str]:
    """The rooms of cwb that a module imports when it runs (imports for types only are none)."""
    rooms = set()
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "cwb":
            parts = node.module.split(".")[1:]
            rooms |= {parts[0]} if parts else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            rooms |= {a.name.split(".")[1] for a in node.names if a.name.startswith("cwb.")}
    return rooms


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_imports_no_other_stage(stage: str) -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if _room(path) == stage]
    assert modules
    for path in modules:
        assert _imports(path) - COMMON - {stage} == set(), path.relative_to(PACKAGE)


@pytest.mark.parametrize("room", sorted(COMMON))
def test_what_all_may_use_imports_no_stage(room: str) -> None:
    for path in PACKAGE.rglob("*.py"):
        if _room(path) == room:
            assert _imports(path) & STAGES == set(), path.relative_to(PACKAGE)


def test_public_verbs_are_there() -> None:
    for name in cwb.__all__:
        assert callable(getattr(cwb, name))
