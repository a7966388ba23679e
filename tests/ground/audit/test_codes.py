"""Every code that the source writes is registered with words in both languages, and nothing else is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import fangxian
from fangxian.ground.audit.rules import BY_STRANGERS, RANGES, REGISTRY, known_code, sentence

SOURCE = Path(fangxian.__file__).parent
WRITERS = {"record_event", "record_events", "Entry", "_record", "_record_stranger"}


def codes_written() -> dict[str, str]:
    """Return each text of the shape ``room.verb`` that stands in a call or assignment, with its file."""
    rooms = tuple(f"{room}." for room in RANGES)
    found: dict[str, str] = {}
    for file in SOURCE.rglob("*.py"):
        if file == SOURCE / "ground/audit/rules.py" or "migrations" in file.parts:
            continue
        text = file.read_text()
        if not any(writer in text for writer in WRITERS):
            continue
        for node in ast.walk(ast.parse(text)):
            said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if said.startswith(rooms) and said.replace(".", "").replace("_", "").isalpha():
                found[said] = str(file.relative_to(SOURCE))
    return found


def test_every_code_written_is_registered():
    """A code without wording would stop the change that writes it: it must be found here first."""
    unknown = {code: file for code, file in codes_written().items() if code not in REGISTRY}
    assert not unknown, f"register these in ground/audit/rules.py: {unknown}"


def test_every_registered_code_is_written_somewhere():
    """Wording that nothing uses misleads whoever reads the registry."""
    assert set(REGISTRY) - set(codes_written()) == set()


def test_numbers_are_unique_and_in_the_range_of_their_room():
    """A number means one event for ever."""
    numbers = [known.number for known in REGISTRY.values()]
    assert len(numbers) == len(set(numbers))
    assert [known.code for known in REGISTRY.values() if known.number not in RANGES[known.room]] == []


@pytest.mark.parametrize("code", sorted(REGISTRY))
def test_each_code_reads_in_both_languages(code):
    """The sentence names the actor and says what she did, in Chinese and in English."""
    assert sentence(code, "李伟", "丛台区", "zh").startswith("李伟")
    assert sentence(code, "Li Wei", "Congtai", "en").endswith(": Congtai")
    assert REGISTRY[code].zh != REGISTRY[code].en


def test_an_unknown_code_says_where_to_register_it():
    """The programmer is told the file."""
    with pytest.raises(ValueError, match=r"'reports\.invented' is not registered.*ground/audit/rules\.py"):
        known_code("reports.invented")


def test_strangers_are_registered():
    """Codes written for somebody unproven exist."""
    assert set(REGISTRY) >= BY_STRANGERS
