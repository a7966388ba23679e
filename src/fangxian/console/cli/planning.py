"""What the planning commands have in common: options, tables out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from fangxian.base.errors import InvalidInput
from fangxian.base.written_tables import write_rows

AsJson = Annotated[bool, typer.Option("--json", help="For programs")]
Language = Annotated[str, typer.Option(help="zh or en")]
NearEnough = Annotated[float, typer.Option(min=0, max=0.5, help="Near enough to the bound")]

LANGUAGES = ("zh", "en")


def check_language(lang: str) -> None:
    """Refuse a language that there is not."""
    if lang not in LANGUAGES:
        raise InvalidInput(
            {"zh": f"没有语言 {lang}。", "en": f"There is no language {lang}."},
            {"zh": "请用 zh 或 en。", "en": "Use zh or en."},
        )


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Make the folder; what cannot be written into it is told as a fault of the option."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise InvalidInput(
            {"zh": f"写不了 {out}：{error.strerror}。", "en": f"Cannot write to {out}: {error.strerror}."},
            {"zh": "请换一个可写的文件夹。", "en": "Choose a folder that can be written."},
        ) from error


def write_outcome(
    out: Path, document: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Write the document as JSON and each table as CSV into a folder; an empty one leaves none behind."""
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    with writing(out):
        (out / "summary.json").write_text(text + "\n", encoding="utf-8")
        for name, rows in tables.items():
            if rows:
                values = ([row[name] for name in rows[0]] for row in rows)
                write_rows(out / f"{name}.csv", rows[0], values, for_excel=True)
            else:  # that of an earlier run would be read as this one's
                (out / f"{name}.csv").unlink(missing_ok=True)


def say(document: Mapping[str, Any], *, as_json: bool, lang: str) -> None:
    """Print the document, or its sentences in one language."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return
    for sentence in document["sentences"]:
        print(sentence[lang])
