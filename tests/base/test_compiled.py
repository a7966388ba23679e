"""Kernels: what Python calls and what kernels call give the same, and kept code follows its sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from fangxian.base import source_fingerprint
from fangxian.base.compiled import _Compiled, compiled, compiled_lean
from fangxian.base.source_fingerprint import fingerprint
from fangxian.science.agents import kernel


@compiled_lean()
def _share(value: int, of: int) -> float:
    return value / of


@compiled()
def _shares(values: np.ndarray) -> np.ndarray:
    shares = np.empty(len(values))
    for row in range(len(values)):
        shares[row] = _share(values[row], 8) + _share(1, 4) + _share(1, 2)
    return shares


@compiled()
def _refuses(value: int) -> int:
    if value < 0:
        raise ValueError("must be 0 or more")
    return value


@compiled()
def _hands_on(value: int) -> int:
    return _refuses(value) + 1


@compiled(nogil=True)
def _counts_long(values: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    for step in range(steps):
        values[step % 2] += 1 / (1 + step)
    return values, values.copy()


def test_a_function_gives_the_same_to_python_and_to_a_kernel() -> None:
    """Called from both."""
    assert _shares(np.array([8, 4])).tolist() == [_share(8, 8) + 0.75, _share(4, 8) + 0.75]


def test_constants_do_not_multiply_what_is_compiled() -> None:
    """A call with 1, one with 2 and one with a variable are one function of whole numbers."""
    numba.njit(_shares.py_func)(np.array([1]))  # anew: what is kept on disk has its parts inside
    assert isinstance(_share, _Compiled)
    assert len(_share.overloads) == 1


def test_an_error_comes_through_a_kernel() -> None:
    """Raised two calls deep, it reaches Python with its text."""
    assert _hands_on(1) == 2
    with pytest.raises(ValueError, match="must be 0 or more"):
        _hands_on(-1)


INTERRUPTED = """
import os, signal, sys, threading
sys.path.insert(0, sys.argv[1])
import numpy as np
from test_compiled import _counts_long

_counts_long(np.ones(2), 1)
for _ in range(3):
    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        while True:
            _counts_long(np.ones(2), 30_000_000)
    except KeyboardInterrupt:
        print("interrupted")
print(len(_counts_long(np.ones(2), 1)))
"""


def test_an_interruption_waits_for_the_kernel() -> None:
    """Raised while numba makes objects of the results, it would end the process without a word."""
    here = str(Path(__file__).parent)
    said = subprocess.run([sys.executable, "-c", INTERRUPTED, here], capture_output=True, text=True)
    assert said.stdout.split() == ["interrupted"] * 3 + ["2"], said.stderr


def test_the_fingerprint_follows_every_file_that_a_kernel_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a module, a name in brackets and a package that hands a name on; a bystander does not count."""
    package = tmp_path / "house"
    files = {
        "gate.py": "from house.rooms import bath\nfrom house.rooms import kitchen\n",
        "rooms/kitchen.py": "import math\nfrom house.rooms.cellar import (\n    SHELF,\n    wine,\n)\n",
        "rooms/cellar.py": "SHELF = 1\nfrom house.garden import shed\nfrom house.garden import beds\n",
        "garden/__init__.py": "from house.garden.corner import shed\n",
        "garden/corner.py": "shed = 1\n",
        "garden/beds/__init__.py": "roses = 1\n",
        "rooms/attic.py": "DUST = 1\n",
    }
    monkeypatch.setattr(source_fingerprint, "PACKAGE", package)
    monkeypatch.setattr(source_fingerprint, "_IMPORTS", source_fingerprint.imports_of(package.name))
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)

    def seen() -> str:
        source_fingerprint._content.cache_clear()
        source_fingerprint._imported.cache_clear()
        return fingerprint(str(package / "gate.py"))

    before = seen()
    assert seen() == before
    (package / "rooms/attic.py").write_text("DUST = 2\n")
    assert seen() == before
    for inside in ("garden/corner.py", "garden/__init__.py", "garden/beds/__init__.py", "rooms/cellar.py"):
        (package / inside).write_text((package / inside).read_text() + "more = 2\n")
        before, after = seen(), before
        assert before != after, inside


def test_the_kernels_of_the_simulator_are_kept_under_their_fingerprint() -> None:
    """Beds are inside the kernel of a day, in another file; numba alone looks at the file of the kernel."""
    parts = {path.name for path in source_fingerprint._with_imports(Path(kernel.__file__))}
    assert {"kernel.py", "beds.py", "draws.py", "queue.py", "counter_random.py"} <= parts
    kept = kernel.advance.whole._cache._cache_file._source_stamp  # type: ignore[attr-defined]
    assert kept == fingerprint(kernel.__file__)
