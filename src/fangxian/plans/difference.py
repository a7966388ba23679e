"""What changed between two plans, in words, by path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fangxian.base.errors import Text
from fangxian.plans.schema import Plan


@dataclass(frozen=True)
class Change:
    """One value that was added, removed or changed.

    Parameters
    ----------
    path : str
        Where, with ids in brackets: ``form[hospital-daily].field[deaths].maximum``.
    kind : str
        ``"added"``, ``"removed"`` or ``"changed"``.
    before, after : Any
        The values as the file would hold them; None where there was or is nothing.
    """

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None

    @property
    def sentence(self) -> Text:
        """The change in Chinese and English."""
        before, after = _shown(self.before), _shown(self.after)
        if self.kind == "added":
            return {"zh": f"新增 {self.path}:{after}", "en": f"Added {self.path}: {after}"}
        if self.kind == "removed":
            return {"zh": f"删除 {self.path}:{before}", "en": f"Removed {self.path}: {before}"}
        return {
            "zh": f"{self.path}：由 {before} 改为 {after}",
            "en": f"{self.path}: from {before} to {after}",
        }


def diff_plans(before: Plan, after: Plan) -> list[Change]:
    """Compare two plans value by value.

    Entries of a list are matched by their ``id`` (effects of a measure: by their ``kind``), so that a field
    moved within a form is no change; lists without either are compared whole.

    Parameters
    ----------
    before, after : Plan
        The plans.

    Returns
    -------
    list of Change
        In the order of the file; empty if both say the same.
    """
    return list(_changes("", _plain(before), _plain(after)))


def _plain(plan: Plan) -> dict[str, Any]:
    said: dict[str, Any] = plan.model_dump(mode="json", by_alias=True, exclude_none=True)
    return said


def _changes(path: str, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{path}.{key}" if path else key
            yield from _member(inner, before.get(key), after.get(key))
    elif (name := _naming(before, after)) is not None:
        first, second = _by_name(before, name), _by_name(after, name)
        for one in [*first, *(one for one in second if one not in first)]:
            yield from _member(f"{path}[{one}]", first.get(one), second.get(one))
    elif before != after:
        yield Change(path, "changed", before, after)


def _member(path: str, before: object, after: object) -> Iterator[Change]:
    if before is None:
        yield Change(path, "added", None, after)
    elif after is None:
        yield Change(path, "removed", before, None)
    else:
        yield from _changes(path, before, after)


def _naming(before: object, after: object) -> str | None:
    """Return the key that tells the entries of both lists apart, or None."""
    for name in ("id", "kind"):
        if all(
            isinstance(value, list)
            and all(isinstance(entry, dict) and name in entry for entry in value)
            and len({entry[name] for entry in value}) == len(value)
            for value in (before, after)
        ):
            return name
    return None


def _by_name(entries: object, name: str) -> Mapping[str, Any]:
    return {entry[name]: entry for entry in entries} if isinstance(entries, list) else {}


def _shown(value: object) -> str:
    if isinstance(value, dict):
        name = value.get("label") or value.get("title") or value.get("id") or value.get("kind")
        value = f"{name['zh']} / {name['en']}" if isinstance(name, dict) and "zh" in name else name or value
    if isinstance(value, float):
        return f"{value:.15g}"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 120 else f"{shown[:117]}…"
