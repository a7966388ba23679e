"""What is wrong with the refused rows of a file, and the file as it came with that in one more column."""

from __future__ import annotations

import io
from dataclasses import dataclass

import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import kind_of, with_errors
from fangxian.reporting.selectors.import_reading import FileReading

_FAULTS = {"sheet": pl.String(), "row": pl.Int64(), "text": pl.String(), "header": pl.Boolean()}


@dataclass(frozen=True)
class Faults:
    """What to write beside the rows of a file: by sheet and row, and which row has the labels."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, reading: FileReading) -> Faults:
        """Return the errors of a file that was read and judged."""
        numbers: dict[str, int] = {}
        sheets, rows, said = [], [], []
        for finding in reading.findings:
            if finding.severity == "error" and finding.row is not None:
                sheets.append(finding.sheet)
                rows.append(finding.row)
                said.append(numbers.setdefault(_said(finding), len(numbers)))
        texts = pl.Series(list(numbers), dtype=pl.String).gather(pl.Series(said, dtype=pl.Int64))
        errors = {"sheet": sheets, "row": rows, "text": texts, "header": [False] * len(rows)}
        headers = [(one.table.sheet, one.table.header.last_row, "", True) for one in reading.intakes]
        frame = pl.DataFrame(headers, schema=_FAULTS, orient="row")
        return cls(pl.concat([frame, pl.DataFrame(errors, schema=_FAULTS)]))

    @classmethod
    def kept(cls, content: bytes) -> Faults:
        """Return what `to_bytes` made."""
        return cls(pl.read_parquet(io.BytesIO(content)))

    def to_bytes(self) -> bytes:
        """Return the errors as they are kept until somebody asks for the file."""
        out = io.BytesIO()
        self.frame.write_parquet(out)
        return out.getvalue()

    def written_into(self, content: bytes, file: str) -> bytes:
        """Return the file with its column of errors, in both languages; cells are left as they came."""
        kind, _ = kind_of(content, file)
        errors: dict[str | None, dict[int, str]] = {}
        wrong = self.frame.filter(~pl.col("header")).select("sheet", "row", "text")
        grouped = wrong.group_by("sheet", "row", maintain_order=True).agg(
            pl.col("text").unique(maintain_order=True).str.join("\n")
        )
        for sheet, row, text in grouped.iter_rows():
            errors.setdefault(sheet, {})[row] = text
        headers = dict(self.frame.filter(pl.col("header")).select("sheet", "row").iter_rows())
        return with_errors(content, kind, file, errors, headers)


def _said(finding: Finding) -> str:
    where = f"[{finding.column}] " if finding.column else ""
    zh = f"{finding.message['zh']}{finding.remedy['zh']}"
    return f"{where}{zh} {finding.message['en']} {finding.remedy['en']}".strip()
