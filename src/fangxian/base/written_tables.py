"""Tables written to a folder, as `fangxian.base.tables` reads them back."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


def write_rows(
    path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]], *, for_excel: bool = False
) -> None:
    """Write one table.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    header : iterable of str
    rows : iterable of iterables
        Cells in the order of the header.
    for_excel : bool
        Begin with the mark without which Excel does not read UTF-8.
    """
    with path.open("w", encoding="utf-8-sig" if for_excel else "utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(header)
        writer.writerows(rows)


def write_frames(folder: Path, frames: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Write one file a frame.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; tables of the same names are replaced.
    frames : mapping of str to polars.DataFrame
        By the name of the file, without its ending.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        frame.write_csv(folder / f"{name}.csv")
    return tuple(f"{name}.csv" for name in frames)
