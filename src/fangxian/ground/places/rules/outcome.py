"""What an import came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fangxian.base.errors import Finding, InvalidInput


@dataclass
class Outcome:
    """Counts of an import; ``read = accepted + refused + unchanged``."""

    read: int = 0
    accepted: int = 0
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return self.read - self.accepted - self.unchanged

    def counts(self) -> dict[str, int]:
        """Return the four counts by name."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "refused": self.refused,
            "unchanged": self.unchanged,
        }

    def refusal(self) -> InvalidInput:
        """Return the error that says nothing was imported, and every reason."""
        errors = [one for one in self.findings if one.severity == "error"]
        return InvalidInput(
            {
                "zh": f"共 {len(errors)} 处错误，未导入任何内容。",
                "en": f"{len(errors)} mistakes; nothing was imported.",
            },
            {"zh": "请改正后重新导入。", "en": "Mend them and import again."},
            {**self.counts(), "errors": len(errors)},
            self.findings,
        )


def fits(findings: Sequence[Finding]) -> bool:
    """Say whether nothing among the findings refuses the input."""
    return all(one.severity != "error" for one in findings)
