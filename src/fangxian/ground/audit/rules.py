"""What may be written into the trail, in which words, and how one event is chained to the next. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeAlias
from uuid import UUID

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

GENESIS = "0" * 64
LARGEST_EXACT = 2**63 - 1


@dataclass(frozen=True)
class AuditCode:
    """One kind of event: its code, its number, and what the actor did, in both languages."""

    code: str
    number: int
    zh: str
    en: str

    @property
    def room(self) -> str:
        """Return the part before the dot: whose event it is."""
        return self.code.partition(".")[0]


# A hundred numbers for each room; a number is never used again, even after its code has gone.
RANGES = {
    "accounts": range(100, 200),
    "places": range(200, 300),
    "facilities": range(300, 400),
    "plans": range(400, 500),
    "reports": range(500, 600),
    "assessment": range(600, 700),
    "audit": range(900, 1000),
}

_REGISTERED = (
    AuditCode("accounts.created", 100, "开通了账号", "opened an account"),
    AuditCode("accounts.deactivated", 101, "停用了账号", "closed an account"),
    AuditCode("accounts.reactivated", 102, "恢复了账号", "reopened an account"),
    AuditCode("accounts.password_changed", 103, "修改了自己的密码", "changed the own password"),
    AuditCode("accounts.password_reset", 104, "重置了他人的密码", "set a new password for somebody"),
    AuditCode("accounts.role_granted", 110, "授予了角色", "granted a role"),
    AuditCode("accounts.role_revoked", 111, "撤销了角色", "revoked a role"),
    AuditCode("accounts.duty_post_created", 120, "设立了值班岗位", "set up a duty post"),
    AuditCode("accounts.duty_assigned", 121, "安排了值班", "put somebody on duty"),
    AuditCode("accounts.signed_in", 130, "登录", "signed in"),
    AuditCode("accounts.signed_out", 131, "退出登录", "signed out"),
    AuditCode("accounts.sign_in_failed", 132, "登录失败", "failed to sign in"),
    AuditCode(
        "accounts.locked_out", 133, "因多次登录失败被暂时锁定", "was locked out after repeated failures"
    ),
    AuditCode("accounts.second_factor_failed", 134, "动态验证码错误", "gave a wrong second-factor code"),
    AuditCode("accounts.sessions_ended", 135, "结束了所有登录会话", "ended all sessions"),
    AuditCode("accounts.second_factor_added", 140, "启用了双重验证", "switched on a second factor"),
    AuditCode("accounts.second_factor_removed", 141, "关闭了双重验证", "switched off a second factor"),
    AuditCode(
        "accounts.second_factor_reset", 142, "清除了他人的双重验证", "removed somebody's second factor"
    ),
    AuditCode("accounts.token_issued", 150, "签发了接口令牌", "issued an API token"),
    AuditCode("accounts.token_revoked", 151, "撤销了接口令牌", "revoked an API token"),
    AuditCode("places.imported", 200, "导入了地区", "imported places"),
    AuditCode("places.merged", 201, "合并了地区", "merged places"),
    AuditCode("places.boundaries_imported", 202, "导入了边界", "imported boundaries"),
    AuditCode("places.populations_imported", 203, "导入了人口", "imported populations"),
    AuditCode("places.renamed", 204, "更改了地区名称", "renamed a place"),
    AuditCode("places.ended", 205, "撤销了地区", "ended a place"),
    AuditCode("places.levels_named", 206, "命名了行政层级", "named the levels of a country"),
    AuditCode("places.codes_registered", 207, "登记了其他代码", "registered other codes of places"),
    AuditCode("places.tree_rebuilt", 208, "重建了地区树", "rebuilt the tree of places"),
    AuditCode("facilities.imported", 300, "导入了机构", "imported facilities"),
    AuditCode("facilities.changed", 301, "修改了机构", "changed a facility"),
    AuditCode("facilities.capacity_set", 302, "登记了机构能力", "stated a capacity"),
    AuditCode("plans.put_in_force", 400, "启用了预案", "put an emergency plan in force"),
    AuditCode("reports.submitted", 500, "报送了报表", "submitted a report"),
    AuditCode("reports.corrected", 501, "更正了报表", "corrected a report"),
    AuditCode("reports.imported", 502, "导入了报表文件", "imported a file of reports"),
    AuditCode("reports.import_abandoned", 503, "放弃了导入", "abandoned an import"),
    AuditCode("reports.reminders_exported", 504, "导出了催报名单", "exported the reminder list"),
    AuditCode("reports.zero_declared", 505, "作了零报告", "declared a zero report"),
    AuditCode("reports.totals_recomputed", 506, "重新汇总了报表", "recomputed the totals"),
    AuditCode("assessment.brief_issued", 600, "出具了晨报", "issued a brief"),
    AuditCode("assessment.forecasts_kept", 601, "作出并保存了预测", "made and kept forecasts"),
)

REGISTRY: dict[str, AuditCode] = {known.code: known for known in _REGISTERED}

DETAIL_WORDS: dict[str, tuple[str, str]] = {
    "accepted": ("接受", "accepted"),
    "address": ("地址", "address"),
    "after": ("更改后", "after"),
    "amount": ("数量", "amount"),
    "as_of": ("截至", "as of"),
    "before": ("更改前", "before"),
    "changed": ("变更", "changed"),
    "channel": ("方式", "channel"),
    "confirmed_warnings": ("已确认的警告", "warnings confirmed"),
    "corrected": ("更正", "corrected"),
    "dataset": ("数据集", "data set"),
    "day": ("日期", "day"),
    "digest": ("校验值", "digest"),
    "document": ("文件形式", "document"),
    "expires_at": ("有效期至", "expires"),
    "file": ("文件", "file"),
    "first_day": ("首日", "first day"),
    "form": ("报表", "form"),
    "forms": ("报表", "forms"),
    "from": ("原为", "from"),
    "grade": ("等级", "grade"),
    "into": ("并入", "into"),
    "kind": ("种类", "kind"),
    "last_day": ("末日", "last day"),
    "late": ("迟报", "late"),
    "licence": ("许可", "licence"),
    "name": ("名称", "name"),
    "on": ("日期", "on"),
    "plan": ("预案", "plan"),
    "post": ("岗位", "post"),
    "prefix": ("开头", "begins with"),
    "read": ("读取", "read"),
    "reason": ("原因", "reason"),
    "refused": ("拒绝", "refused"),
    "reported_at": ("报告时间", "reported"),
    "revision": ("第几版", "revision"),
    "role": ("角色", "role"),
    "rows": ("行数", "rows"),
    "sha256": ("校验值", "digest"),
    "source": ("来源", "source"),
    "telephone": ("电话", "telephone"),
    "title": ("名称", "title"),
    "to": ("改为", "to"),
    "unchanged": ("未变", "unchanged"),
    "unit": ("单位", "unit"),
    "units": ("单位数", "units"),
    "valid_from": ("起", "from"),
    "valid_to": ("止", "until"),
    "values": ("填报数值", "values"),
    "version": ("版本", "version"),
    "where": ("范围", "where"),
    "zero_declared": ("零报告", "zero report"),
}
"""Words for the details that people read; any other key is shown as it stands."""

SUBJECT_WORDS: dict[str, tuple[str, str]] = {
    "brief": ("晨报", "brief"),
    "codes": ("代码体系", "codes"),
    "country": ("国家", "country"),
    "duty_post": ("值班岗位", "duty post"),
    "facility": ("机构", "facility"),
    "file": ("文件", "file"),
    "form": ("报表", "form"),
    "import_batch": ("导入", "import"),
    "place": ("地区", "place"),
    "plan_in_force": ("预案", "plan"),
    "report": ("报告", "report"),
    "api_token": ("接口令牌", "API token"),
    "user": ("账号", "account"),
}
"""Words for what an event was done to."""

VALUE_WORDS: dict[str, tuple[str, str]] = {
    "api": ("接口", "API"),
    "csv": ("CSV 文件", "CSV file"),
    "dataset": ("数据集", "data set"),
    "dhis2": ("DHIS2", "DHIS2"),
    "docx": ("Word 文件", "Word file"),
    "excel": ("Excel 文件", "Excel file"),
    "generator": ("模拟数据生成器", "generator of synthetic data"),
    "print": ("打印版", "print"),
    "web": ("网页填报", "web form"),
}
"""Words for values that programs write into details."""

BY_STRANGERS = frozenset({"accounts.sign_in_failed", "accounts.locked_out", "accounts.second_factor_failed"})
"""Done by somebody who did not prove who she is."""


def known_code(code: str) -> AuditCode:
    """Return the registered code, or say where to register it."""
    found = REGISTRY.get(code)
    if found is None:
        raise ValueError(
            f"audit code {code!r} is not registered; add it with its number and its wording in both "
            "languages to ground/audit/rules.py"
        )
    return found


def sentence(code: str, actor: str, about: str, language: str) -> str:
    """Return one event in words, e.g. ``"li.wei revoked a role: grant 12"``."""
    known = known_code(code)
    did = f"{actor} {known.en if language == 'en' else known.zh}"
    if not about:
        return did
    return f"{did}: {about}" if language == "en" else f"{did}：{about}"


def yes_or_no(value: bool, language: str) -> str:
    """Return a truth in a word."""
    return ("no", "yes")[value] if language == "en" else ("否", "是")[value]


def plain(value: object) -> Plain:
    """Return a value in the one form that every database hands back as it was given.

    Numbers that PostgreSQL would write differently (``1.0``, ``1e2``), dates, times and enumerations are
    brought into that form before they are hashed, not after.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (int, float)):
        return _plain_number(value)
    if isinstance(value, (date, time, timedelta, Decimal, UUID)):
        return _plain_scalar(value)
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, AbstractSet):
        return sorted((plain(item) for item in value), key=canonical)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(
        f"an audit detail cannot hold a {type(value).__name__} (got {value!r}); pass its id or text"
    )


def clean_text(text: str) -> str:
    """Replace what a database cannot hold in text: the null character and halves of surrogate pairs."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _plain_number(value: int | float) -> Plain:
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        if not value.is_integer():
            return float(value)
        value = int(value)
    return int(value) if abs(value) <= LARGEST_EXACT else str(int(value))


def _plain_scalar(value: date | time | timedelta | Decimal | UUID) -> str:
    if isinstance(value, datetime):
        return utc_text(value) if value.tzinfo is not None else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _plain_mapping(value: Mapping[object, object]) -> dict[str, Plain]:
    said: dict[str, Plain] = {}
    for key, item in value.items():
        name = clean_text(str(plain(key)))
        if name in said:
            raise ValueError(f"two keys of an audit detail read the same: {name!r}; name them apart")
        said[name] = plain(item)
    return said


def canonical(value: Plain) -> str:
    """Return the one text of a plain value: keys in order, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def utc_text(moment: datetime) -> str:
    """Return a moment in UTC to the microsecond, whatever zone a database answers in."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class Link:
    """All that an event says, as it goes into its hash."""

    sequence: int
    at: datetime
    actor_id: int | None
    actor_name: str
    code: str
    place_code: str
    object_kind: str
    object_id: str
    detail: Plain
    previous_hash: str

    def hash(self) -> str:
        """Return the SHA-256 over everything said and the hash before it."""
        said: Plain = {
            "sequence": self.sequence,
            "at": utc_text(self.at),
            "actor": self.actor_id,
            "actor_name": self.actor_name,
            "code": self.code,
            "place_code": self.place_code,
            "object": [self.object_kind, self.object_id],
            "detail": self.detail,
            "previous": self.previous_hash,
        }
        return hashlib.sha256(canonical(said).encode()).hexdigest()
