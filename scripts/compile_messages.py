"""Compile the Chinese wording of every app without gettext, and say which words still have none.

python scripts/compile_messages.py            compile each django.po beside it
python scripts/compile_messages.py --check    exit 1 if a catalogue is stale or a text has no Chinese
python scripts/compile_messages.py --add reporting   write that app's texts without Chinese into its catalogue
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[1] / "src/fangxian"
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
HEADER = {
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
QUOTED = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\bgettext\({QUOTED}|\bngettext\({QUOTED},\s*{QUOTED}", re.DOTALL)


@dataclass(frozen=True)
class Marked:
    """A text marked for translation: its plural where it has one, and the file that uses it first."""

    file: Path
    plural: str = ""


def apps() -> list[Path]:
    """Return the folders that are Django apps."""
    return sorted(file.parent for file in SOURCE.rglob("apps.py"))


def app_of(file: Path) -> Path:
    """Return the app that a file belongs to."""
    return next(folder for folder in apps() if folder in file.parents)


def texts_in_python(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts that a Python file marks for translation, each with its plural or nothing."""
    source = file.read_text(encoding="utf-8")
    if "translation" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
            continue
        said = [
            one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if said and said[0]:
            counted = node.func.id.startswith("ngettext") and len(said) > 1
            yield said[0], said[1] if counted else ""


def texts_in_template(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts that a template marks for translation, each with its plural or nothing."""
    for single, counted, plural in TEMPLATE_CALL.findall(templatize(file.read_text(encoding="utf-8"))):
        text = ast.literal_eval(single or counted)
        if text:
            yield text, ast.literal_eval(plural) if plural else ""


def texts_used() -> dict[str, Marked]:
    """Return every marked text with the first file that uses it."""
    used: dict[str, Marked] = {}
    for app in apps():
        sources = [(file, texts_in_python) for file in sorted(app.rglob("*.py"))]
        sources += [
            (file, texts_in_template)
            for file in sorted((app / "templates").rglob("*"))
            if file.suffix in {".html", ".txt"}
        ]
        for file, texts in sources:
            for text, plural in texts(file):
                if text not in used or (plural and not used[text].plural):
                    used[text] = Marked(file, plural)
    return used


def catalogues() -> list[Path]:
    """Return the catalogues that exist."""
    return [app / CATALOGUE for app in apps() if (app / CATALOGUE).exists()]


def translated() -> dict[str, str]:
    """Return every text that has Chinese, over all catalogues."""
    return {entry.msgid: entry.msgstr or entry.msgstr_plural[0] for entry in _finished()}


def _finished() -> Iterator[polib.POEntry]:
    for path in catalogues():
        for entry in polib.pofile(str(path)):
            words = entry.msgstr or entry.msgstr_plural.get(0, "")
            if words and not entry.obsolete and "fuzzy" not in entry.flags:
                yield entry


def without_chinese() -> dict[str, Marked]:
    """Return the texts in use that no catalogue translates; a text with a plural needs an entry with one."""
    plain = {entry.msgid for entry in _finished() if not entry.msgid_plural}
    counted = {entry.msgid for entry in _finished() if entry.msgid_plural}
    return {
        text: marked
        for text, marked in texts_used().items()
        if text not in (counted if marked.plural else plain)
    }


def stale() -> list[Path]:
    """Return the catalogues whose compiled form is not what they say."""
    return [
        path
        for path in catalogues()
        if not path.with_suffix(".mo").exists()
        or path.with_suffix(".mo").read_bytes() != polib.pofile(str(path)).to_binary()
    ]


def add_missing(names: list[str]) -> None:
    """Write each text without Chinese into the catalogue of the app using it first, for the apps named."""
    for text, marked in without_chinese().items():
        if app_of(marked.file).name not in names:
            continue
        path = app_of(marked.file) / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = polib.pofile(str(path), wrapwidth=110) if path.exists() else polib.POFile(wrapwidth=110)
        catalogue.metadata = HEADER
        known = catalogue.find(text)
        if known is not None and bool(known.msgid_plural) != bool(marked.plural):
            catalogue.remove(known)
            known = None
        if known is None:
            catalogue.append(_empty(text, marked.plural))
        catalogue.save(str(path))


def _empty(text: str, plural: str) -> polib.POEntry:
    if plural:
        return polib.POEntry(msgid=text, msgid_plural=plural, msgstr_plural={0: ""})
    return polib.POEntry(msgid=text, msgstr="")


def compile_all() -> None:
    """Write the compiled form of every catalogue that changed."""
    for path in stale():
        path.with_suffix(".mo").write_bytes(polib.pofile(str(path)).to_binary())
        print(f"compiled {path.relative_to(SOURCE)}")


def main() -> int:
    """Do what the arguments ask; return the exit status."""
    if "--add" in sys.argv[1:]:
        add_missing(sys.argv[sys.argv.index("--add") + 1 :])
    if "--check" not in sys.argv[1:]:
        compile_all()
    missing = without_chinese()
    for text, marked in missing.items():
        print(f"no Chinese: {marked.file.relative_to(SOURCE)}: {text!r}")
    for path in stale():
        print(f"stale: {path.relative_to(SOURCE)}")
    return 1 if missing or stale() else 0


if __name__ == "__main__":
    raise SystemExit(main())
