"""What the planning commands have in common: options, examples, tables out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fangxian.base.errors import InvalidInput

LANGUAGES = ("zh", "en")


def check_language(lang: str) -> None:
    """Refuse a language that there is not."""
    if lang not in LANGUAGES:
        raise InvalidInput(
            {"zh": f"没有语言 {lang}。", "en": f"There is no language {lang}."},
            {"zh": "请用 zh 或 en。", "en": "Use zh or en."},
        )


def write_example(folder: Path, write: Callable[[], None]) -> None:
    """Write synthetic tables into a folder that does not hold anything yet."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(
            {"zh": f"{folder.name} 里已有文件。", "en": f"{folder.name} is not empty."},
            {"zh": "请给出一个空文件夹。", "en": "Name an empty folder for the example."},
        )
    write()


def write_outcome(
    out: Path, document: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Write the document as JSON and each table as CSV into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    for name, rows in tables.items():
        if not rows:
            continue
        with (out / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def say(document: Mapping[str, Any], *, as_json: bool, lang: str) -> None:
    """Print the document, or its sentences in one language."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return
    for sentence in document["sentences"]:
        print(sentence[lang])
