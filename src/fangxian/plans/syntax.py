"""Parsing TOML past its first mistake, so that a person sees them all at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from fangxian.base.errors import Finding, Text

MOST_MISTAKES = 50

_WHERE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)(?:\.[A-Za-z0-9_.-]+)?\s*=")
_FULL_WIDTH = str.maketrans("“”‘’=[]{},", "\"\"''=[]{},")


@dataclass
class Reading:
    """What could be read of a text.

    Parameters
    ----------
    data : dict or None
        The data; None where reading could not go on.
    text : str
        The text without the lines that could not be read, line for line.
    findings : list of Finding
        One for each line that could not be read.
    left_out : set of str
        The keys of these lines, which later checks must not call missing.
    """

    data: dict[str, Any] | None
    text: str
    findings: list[Finding] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)


def parse_toml(text: str, *, file: str) -> Reading:
    """Parse a text; where a line cannot be read, note it, leave it out and go on.

    Parameters
    ----------
    text : str
        The file.
    file : str
        Its name, for the findings.

    Returns
    -------
    Reading
        The data and every line that could not be read.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    reading = Reading(None, "")
    while len(reading.findings) < MOST_MISTAKES:
        reading.text = "\n".join(lines)
        try:
            reading.data = tomllib.loads(reading.text)
            return reading
        except tomllib.TOMLDecodeError as error:
            number = _line_of(str(error), lines)
            reading.findings.append(_finding(str(error), number, lines[number - 1], file))
        except (RecursionError, ValueError):
            reading.findings.append(_unreadable(file))
            return reading
        key = _KEY.match(lines[number - 1])
        if key is None or _opens_more(lines[number - 1]):
            return reading
        reading.left_out.add(key.group(1))
        lines[number - 1] = ""
    return reading


def _line_of(message: str, lines: list[str]) -> int:
    where = _WHERE.search(message)
    if where is None or where["line"] is None:
        return len(lines)
    number = min(int(where["line"]), len(lines))
    if int(where["column"]) == 1 and number > 1 and not lines[number - 1].strip():
        return number - 1
    return number


def _opens_more(line: str) -> bool:
    """Return whether a line leaves a string, array or table open, so that leaving it out breaks the next."""
    return (
        line.count('"""') % 2 == 1 or line.count("[") != line.count("]") or line.count("{") != line.count("}")
    )


def _finding(message: str, number: int, line: str, file: str) -> Finding:
    said = _WHERE.sub("", message)
    return Finding(
        "toml-syntax",
        {"zh": f"这一行不是有效的 TOML:{said}。", "en": f"This line is not valid TOML: {said}."},
        _remedy(said, line),
        file=file,
        line=number,
        value=line.strip()[:120],
    )


def _remedy(said: str, line: str) -> Text:
    if line.translate(_FULL_WIDTH) != line:
        return {
            "zh": "引号、等号、括号和逗号请用半角字符。",
            "en": "Write quotes, equals signs, brackets and commas as half-width characters.",
        }
    if "overwrite" in said or "Cannot declare" in said:
        return {"zh": "同一个键或表只写一次。", "en": "Write each key or table once."}
    return {
        "zh": "请写成 键 = 值；文字加半角引号，日期写 2022-06-28，时刻写 17:00:00。",
        "en": "Write key = value; text in quotes, dates as 2022-06-28, times of day as 17:00:00.",
    }


def _unreadable(file: str) -> Finding:
    return Finding(
        "toml-unreadable",
        {
            "zh": "括号嵌套过深，或数字、日期不成立。",
            "en": "Brackets are nested too deeply, or a number or date cannot exist.",
        },
        {"zh": "请检查括号、日期和很长的数字。", "en": "Check brackets, dates and very long numbers."},
        file=file,
        line=1,
    )
