"""What a person is told when a command refuses: both languages, or the one that was asked for."""

from __future__ import annotations

import pytest

from fangxian.base.errors import Finding, InvalidInput
from fangxian.console.cli import main


def said(monkeypatch, capsys, *arguments: str) -> list[str]:
    """Return the lines that a refused command prints."""
    monkeypatch.setattr("sys.argv", ["fangxian", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.splitlines()


TOO_MANY = ("population", "--people", "1000000000000")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ((), ["生成 1,000,000,000,000 人", "Building 1,000,000,000,000 people"]),
        (("--lang", "zh"), ["生成 1,000,000,000,000 人"]),
        (("--lang=en",), ["Building 1,000,000,000,000 people"]),
    ],
)
def test_a_refusal_speaks_the_language_that_was_asked_for(monkeypatch, capsys, language, expected):
    """Without ``--lang`` Chinese comes first and English after it."""
    lines = said(monkeypatch, capsys, *TOO_MANY, *language)
    assert len(lines) == len(expected)
    assert all(line.startswith(start) for line, start in zip(lines, expected, strict=True))


def test_a_line_of_a_file_is_named_in_both_languages():
    """Place, message and remedy of every finding."""
    finding = Finding(
        "x", {"zh": "错。", "en": "Wrong."}, {"zh": "改。", "en": "Mend."}, line=7, column="rate"
    )
    error = InvalidInput({"zh": "有误。", "en": "A mistake."}, findings=(finding,))
    assert error.text("zh") == "有误。\n第 7 行，rate 列：错。 改。"
    assert error.text("en") == str(error) == "A mistake.\nline 7, column rate: Wrong. Mend."
