"""Every text on a page has its Chinese, and what is compiled is what is written."""

from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts/compile_messages.py"))


def test_every_marked_text_has_chinese():
    missing = {text: marked.file.name for text, marked in SCRIPT["without_chinese"]().items()}
    assert missing == {}


def test_the_compiled_catalogues_say_what_the_written_ones_say():
    assert SCRIPT["stale"]() == []


def test_placeholders_survive_translation():
    import re

    fields = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
    broken = {
        text: words
        for text, words in SCRIPT["translated"]().items()
        if set(fields.findall(text)) != set(fields.findall(words))
    }
    assert broken == {}
