"""The laws of the house that import contracts cannot see."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fangxian"
ROOM_FILES = {
    "urls",
    "views",
    "api",
    "jobs",
    "forms",
    "schemas",
    "services",
    "selectors",
    "models",
    "rules",
    "choices",
    "apps",
    "migrations",
    "templates",
    "static",
    "locale",
    "packaged",
}
ROOMS = [config.path for config in apps.get_app_configs() if config.name.startswith("fangxian.")]
PURE = ("base", "plans", "science", "logistics", "studies")
LONGEST_FILE = 600
WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "delete"}


def python_files(*folders: Path) -> list[Path]:
    """Return every source file of ours below the folders; migrations are generated."""
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def relations() -> list[tuple[type[Model], type[Model]]]:
    """Return (model, model it points to) for every relation declared in our rooms."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("fangxian.")]
    return [
        (model, field.related_model)
        for model in ours
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and isinstance(field.related_model, type)
    ]


def test_relations_go_only_to_ground() -> None:
    """A foreign key leaves its room only for the basement; string keys escape import contracts."""
    pairs = relations()
    assert pairs, "no relation was seen: the walk itself is broken"
    strays = [
        f"{model._meta.label} -> {target._meta.label}"
        for model, target in pairs
        if model._meta.app_label != target._meta.app_label
        and not target.__module__.startswith(("fangxian.ground.", "django.contrib."))
    ]
    assert strays == []


@pytest.mark.parametrize("room", [room for room in ROOMS if not room.endswith("console")])
def test_room_holds_only_the_files_of_a_room(room: str) -> None:
    """Whoever knows one room knows them all (law 3)."""
    names = {path.stem for path in Path(room).iterdir() if not path.name.startswith("__")}
    assert names - ROOM_FILES == set()


def test_files_stay_within_the_budget() -> None:
    """A file that nobody can read in one sitting wants to be two."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files(SOURCE, ROOT / "tests", ROOT / "bench", ROOT / "scripts")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_two_test_files_share_a_name() -> None:
    """pytest imports test files by their bare name, so a second one of a name is not collected."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_views_and_api_hold_no_queries() -> None:
    """What a person may see is decided in selectors, so no view asks the database itself (law 5)."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files(SOURCE)
        if {"views", "views.py", "api", "api.py"} & set(path.parts)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_base_manager", "_default_manager"}
    ]
    assert asked == []


def test_only_services_write_records() -> None:
    """One change, one verb: rows are written in services and nowhere else (law 4)."""
    written = [
        f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}()"
        for room in ROOMS
        for path in python_files(Path(room))
        if not {"services", "services.py"} & set(path.parts)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and writes_rows(node.func)
    ]
    assert written == []


def writes_rows(function: ast.Attribute) -> bool:
    """Say whether a call such as ``Model.objects.filter(...).delete()`` writes to the database."""
    chain = ast.dump(function.value)
    return function.attr in WRITES | {"update"} and "attr='objects'" in chain


def test_pure_core_needs_no_django() -> None:
    """Everything below the line imports in a process in which Django is never loaded."""
    modules = [
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in python_files(*(SOURCE / floor for floor in PURE))
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in {'django', 'ninja'}))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_no_module_imports_itself_through_others() -> None:
    """Import cycles hide in functions and appear at the worst moment; there is none among modules."""
    imports = {module_name(path): imported_modules(path) for path in python_files(SOURCE)}
    assert cycles(imports) == []


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path) -> set[str]:
    """Return the modules of ours that a file imports anywhere, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("fangxian.")}


def cycles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of two or more modules that reach each other."""
    reach: dict[str, set[str]] = {}
    for start in imports:
        seen: set[str] = set()
        stack = [start]
        while stack:
            for name in imports.get(stack.pop(), set()) & imports.keys():
                if name not in seen and not start.startswith(f"{name}."):  # a package is no cycle
                    seen.add(name)
                    stack.append(name)
        reach[start] = seen
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in imports
        if name in reach[name]
    }
    return [list(group) for group in sorted(groups) if len(group) > 1]


def test_documents_name_files_that_exist() -> None:
    """A page that names a path of the repository is wrong the day the path moves."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        f"{page.relative_to(ROOT)}: {path}"
        for page in pages
        for path in re.findall(
            r"`((?:src|tests|bench|docs|scripts|requirements)/[\w./-]+)`", page.read_text()
        )
        if not (ROOT / path).exists()
    }
    linked = {
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    }
    assert named | linked == set()
