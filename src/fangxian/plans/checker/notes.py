"""Collecting findings at the lines of a plan file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fangxian.base.errors import Finding, Text
from fangxian.plans.locate import Path, nearest_line
from fangxian.plans.vocabulary import did_you_mean

ASK_TO_MEND: Text = {"zh": "请改正。", "en": "Mend it."}


class Notes:
    """Findings of one file.

    Parameters
    ----------
    lines : Mapping[Path, int]
        Where each key stands.
    file : str
        Name of the file.
    """

    def __init__(self, lines: Mapping[Path, int], file: str) -> None:
        self._lines = lines
        self._file = file
        self._findings: list[Finding] = []

    def error(self, code: str, path: Path, message: Text, remedy: Text) -> None:
        """Note a mistake for which the plan is refused."""
        self._note(code, path, message, remedy, "error")

    def warning(self, code: str, path: Path, message: Text, remedy: Text) -> None:
        """Note a doubt that somebody should look at."""
        self._note(code, path, message, remedy, "warning")

    def unknown(self, path: Path, what: Text, word: str, known: Iterable[str]) -> None:
        """Note a name that is defined nowhere, with the nearest that is."""
        self.error(
            "name-unknown",
            path,
            {"zh": f"没有{what['zh']}“{word}”。", "en": f"There is no {what['en']} {word!r}."},
            did_you_mean(word, sorted(known)),
        )

    def once(self, names: Iterable[tuple[Path, str]], what: Text, fold: Callable[[str], str] = str) -> None:
        """Note each name that was used before in the same list."""
        seen: set[str] = set()
        for path, name in names:
            if fold(name) in seen:
                self.error(
                    "name-twice",
                    path,
                    {"zh": f"{what['zh']}“{name}”重复。", "en": f"The {what['en']} {name!r} stands twice."},
                    {"zh": "请改名或删去一个。", "en": "Rename or remove one."},
                )
            seen.add(fold(name))

    def ages(self, age_from: int, age_to: int, path: Path) -> None:
        """Note an age band whose ends are the wrong way round."""
        if age_from > age_to:
            self.error(
                "range-reversed",
                (*path, "age_to"),
                {
                    "zh": f"age_from {age_from} 大于 age_to {age_to}。",
                    "en": f"age_from {age_from} is more than age_to {age_to}.",
                },
                {"zh": "请调换或改正。", "en": "Swap or mend them."},
            )

    def in_order(self) -> list[Finding]:
        """Return the findings by line."""
        return sorted(self._findings, key=lambda finding: finding.line or 0)

    def _note(self, code: str, path: Path, message: Text, remedy: Text, severity: str) -> None:
        self._findings.append(
            Finding(
                code,
                message,
                remedy,
                severity,
                file=self._file,
                line=nearest_line(self._lines, path),
                column=str(path[-1]) if path else None,
            )
        )
