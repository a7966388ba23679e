"""Runs of the slow twin, kept; ``python tests/science/agents/slow_twin_runs.py [SCENE ...]`` makes them.

The twin takes half a second for a thousand people, so its many runs are made once and kept, and a test makes
one of each scene again: a twin that has changed does not live on its old runs. Made up, all of it (模拟数据).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

KEPT = Path(__file__).with_suffix(".json")
RUNS, RUNS_OF_LARGE = 40, 16


def kept_runs(scene: str) -> dict[str, np.ndarray]:
    """Return the values of each statistic in the runs kept of a scene, seed 0 first."""
    return {
        name: np.array(values, dtype=float) for name, values in json.loads(KEPT.read_text())[scene].items()
    }


def main(names: list[str]) -> None:
    """Make the runs of some scenes, or of all, and keep them."""
    from day_by_day_comparison import side_by_side, slow_run
    from slow_twin_scenes import LARGE_SCENES, SCENES

    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in names or [*SCENES, *LARGE_SCENES]:
        scene = (SCENES | LARGE_SCENES)[name]()
        runs = side_by_side(
            [slow_run(scene, seed) for seed in range(RUNS_OF_LARGE if name in LARGE_SCENES else RUNS)]
        )
        kept[name] = {
            statistic: [float(f"{value:.12g}") for value in values] for statistic, values in runs.items()
        }
        kept = {each: kept[each] for each in [*SCENES, *LARGE_SCENES] if each in kept}
        KEPT.write_text(
            json.dumps(kept, ensure_ascii=False).replace("}, ", "},\n").replace("], ", "],\n") + "\n"
        )
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main(sys.argv[1:])
