"""A fingerprint of a source file and of all files of this package that it imports.

Machine code that is kept on disk must be thrown away when *any* source that went into it changes. Numba looks
at the file of the outermost function alone, and at its date: an update of the inside of a kernel would go
unnoticed and give results of the old code.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def imports_of(package: str) -> re.Pattern[str]:
    """Return what finds the module and the names of every import from a package, in brackets or not."""
    return re.compile(rf"^\s*from {package}\.([\w.]+) import (\([^)]*\)|[^(\n]*)", re.MULTILINE)


_IMPORTS = imports_of(PACKAGE.name)


def fingerprint(file: str) -> str:
    """Return a fingerprint of the contents of a file and of what it imports, directly or not.

    Parameters
    ----------
    file : str
        Path of a Python source file.

    Returns
    -------
    str
        The same for the same contents, wherever and whenever the files were written.
    """
    digest = blake2b(digest_size=16)
    for path in sorted(_with_imports(Path(file))):
        digest.update(_content(path))
    return digest.hexdigest()


def _with_imports(file: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = {file}
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= _imported(path) - found
    return found


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _imported(path: Path) -> frozenset[Path]:
    """Return the files of this package that a file imports: modules, or the modules that hold the names.

    A package hands names on in its ``__init__``, which is followed in its turn.
    """
    files: set[Path] = set()
    for module, names in _IMPORTS.findall(_content(path).decode()):
        place = PACKAGE.joinpath(*module.split("."))
        files.update((place.with_suffix(".py"), place / "__init__.py"))
        for name in re.findall(r"\w+", names):
            files.update((place / f"{name}.py", place / name / "__init__.py"))
    return frozenset(one for one in files if one.is_file())
