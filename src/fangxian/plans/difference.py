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

    Entries of a list are matched by their ``id``, so that a field moved within a form is no change; lists
    without ids are compared whole.

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
    elif _has_ids(before) and _has_ids(after):
        first, second = _by_id(before), _by_id(after)
        for name in [*first, *(name for name in second if name not in first)]:
            yield from _member(f"{path}[{name}]", first.get(name), second.get(name))
    elif before != after:
        yield Change(path, "changed", before, after)


def _member(path: str, before: object, after: object) -> Iterator[Change]:
    if before is None:
        yield Change(path, "added", None, after)
    elif after is None:
        yield Change(path, "removed", before, None)
    else:
        yield from _changes(path, before, after)


def _has_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) and "id" in entry for entry in value)


def _by_id(entries: object) -> Mapping[str, Any]:
    return {entry["id"]: entry for entry in entries} if isinstance(entries, list) else {}


def _shown(value: object) -> str:
    if isinstance(value, dict):
        name = value.get("label") or value.get("title") or value.get("id")
        value = f"{name['zh']} / {name['en']}" if isinstance(name, dict) and "zh" in name else name or value
    if isinstance(value, float):
        return f"{value:.15g}"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 120 else f"{shown[:117]}…"
