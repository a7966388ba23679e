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
TEMPLATE_CALL = re.compile(r"""\bn?p?gettext\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))""", re.DOTALL)


def apps() -> list[Path]:
    """Return the folders that are Django apps."""
    return sorted(file.parent for file in SOURCE.rglob("apps.py"))


def app_of(file: Path) -> Path:
    """Return the app that a file belongs to."""
    return next(folder for folder in apps() if folder in file.parents)


def texts_in_python(file: Path) -> Iterator[str]:
    """Yield the texts that a Python file marks for translation."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if "translation" not in file.read_text(encoding="utf-8"):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
            continue
        position = 1 if node.func.id.startswith("pgettext") else 0
        if len(node.args) > position and isinstance(node.args[position], ast.Constant):
            value = node.args[position].value
            if isinstance(value, str) and value:
                yield value


def texts_in_template(file: Path) -> Iterator[str]:
    """Yield the texts that a template marks for translation."""
    for found in TEMPLATE_CALL.finditer(templatize(file.read_text(encoding="utf-8"))):
        text = ast.literal_eval(found[1].removeprefix("u"))
        if text:
            yield text


def texts_used() -> dict[str, Path]:
    """Return every marked text with the first file that uses it."""
    used: dict[str, Path] = {}
    for app in apps():
        for file in sorted(app.rglob("*.py")):
            for text in texts_in_python(file):
                used.setdefault(text, file)
        for file in sorted((app / "templates").rglob("*")):
            if file.suffix in {".html", ".txt"}:
                for text in texts_in_template(file):
                    used.setdefault(text, file)
    return used


def catalogues() -> list[Path]:
    """Return the catalogues that exist."""
    return [app / CATALOGUE for app in apps() if (app / CATALOGUE).exists()]


def translated() -> dict[str, str]:
    """Return every text that has Chinese, over all catalogues."""
    known: dict[str, str] = {}
    for path in catalogues():
        for entry in polib.pofile(str(path)):
            words = entry.msgstr or entry.msgstr_plural.get(0, "")
            if words and not entry.obsolete and "fuzzy" not in entry.flags:
                known[entry.msgid] = words
    return known


def without_chinese() -> dict[str, Path]:
    """Return the texts in use that no catalogue translates."""
    known = translated()
    return {text: file for text, file in texts_used().items() if text not in known}


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
    for text, file in without_chinese().items():
        if app_of(file).name not in names:
            continue
        path = app_of(file) / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile(wrapwidth=110)
        catalogue.metadata = HEADER
        if catalogue.find(text) is None:
            catalogue.append(polib.POEntry(msgid=text, msgstr=""))
        catalogue.save(str(path))


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
    for text, file in missing.items():
        print(f"no Chinese: {file.relative_to(SOURCE)}: {text!r}")
    for path in stale():
        print(f"stale: {path.relative_to(SOURCE)}")
    return 1 if missing or stale() else 0


if __name__ == "__main__":
    raise SystemExit(main())
