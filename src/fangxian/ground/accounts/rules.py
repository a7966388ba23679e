"""What each role may do and why, and how a scope is judged: pure, for the people who answer for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fangxian.ground.accounts.choices import Action, Role


@dataclass(frozen=True)
class RoleRule:
    """One role: its names, what it may do within its scope, and the reason for it."""

    zh: str
    en: str
    actions: frozenset[Action]
    why_zh: str
    why_en: str


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, and why."""

    allowed: bool
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class Scope:
    """One grant as the rules see it: a role over the interval of a subtree, or at one facility.

    For a facility, ``left`` and ``right`` are the interval of the place in which it stands.
    """

    role: Role
    name: str
    left: int
    right: int
    facility: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Say whether the grant holds at a moment; the end is the first moment at which it does not."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True)
class Target:
    """Where something is to be done: the interval of a place, and the facility if it is one."""

    name: str
    left: int
    right: int
    facility: int | None = None


ACTION_NAMES: dict[Action, tuple[str, str]] = {
    Action.USE_OWN_ACCOUNT: ("使用自己的账号", "use one's own account"),
    Action.VIEW_FIGURES: ("查看汇总数据和简报", "see totals and the brief"),
    Action.VIEW_REPORTS: (
        "查看单个报表及其修订和填报人",
        "see single reports, revisions and who entered them",
    ),
    Action.ENTER_REPORTS: ("填报和更正报表", "enter and correct reports"),
    Action.IMPORT_REPORTS: ("从文件导入报表", "import reports from a file"),
    Action.EXPORT_REMINDERS: ("导出催报名单", "export the reminder list"),
    Action.VIEW_PLACES: ("查看地区和机构", "see places and facilities"),
    Action.CHANGE_PLACES: ("修改地区和机构", "change places and facilities"),
    Action.VIEW_PLAN: ("查看应急预案", "see the emergency plan"),
    Action.CHANGE_PLAN: ("启用应急预案", "put an emergency plan in force"),
    Action.VIEW_AUDIT: ("查看审计记录", "see the audit trail"),
    Action.CHANGE_ACCOUNTS: ("管理账号、角色和值班岗位", "change accounts, roles and duty posts"),
}

FOR_EVERYBODY = frozenset({Action.USE_OWN_ACCOUNT})
"""Needs an account and no role."""

REACHES_UPWARD = frozenset({Action.VIEW_PLAN, Action.VIEW_PLACES})
"""Also at the places above a scope: the plan that binds a village is in force at its city."""

_READ = frozenset({Action.VIEW_FIGURES, Action.VIEW_PLAN, Action.VIEW_PLACES})
_WORK_ON_REPORTS = frozenset({Action.VIEW_REPORTS, Action.ENTER_REPORTS, Action.IMPORT_REPORTS})

ROLES: dict[Role, RoleRule] = {
    Role.REPORTER: RoleRule(
        "报告员",
        "Reporter",
        _WORK_ON_REPORTS | {Action.VIEW_PLAN, Action.VIEW_PLACES},
        "对本单位的数字负责；不需要看全区汇总。",
        "Answers for the figures of the own unit; the totals of others are not needed for that.",
    ),
    Role.COUNTY_OFFICER: RoleRule(
        "县级疾控值班员",
        "County officer",
        _READ | _WORK_ON_REPORTS | {Action.EXPORT_REMINDERS},
        "审核县内报表、催报，并可代没有网络的村卫生室填报。",
        "Checks and chases the reports of the county, and enters those of clinics without a connection.",
    ),
    Role.CITY_DUTY_OFFICER: RoleRule(
        "市级值班员",
        "City duty officer",
        _READ | _WORK_ON_REPORTS | {Action.EXPORT_REMINDERS},
        "每天早上为全市数字负责，须能从汇总查到每一张报表。",
        "Answers each morning for the figures of the city and must be able to open them down to a report.",
    ),
    Role.LEADER: RoleRule(
        "领导",
        "Leader",
        _READ,
        "依据汇总和简报决策；不经手单个报表。",
        "Decides on totals and the brief; does not handle single reports.",
    ),
    Role.SUPERVISOR: RoleRule(
        "督导员",
        "Supervisor",
        _READ | {Action.VIEW_REPORTS, Action.EXPORT_REMINDERS, Action.VIEW_AUDIT},
        "查迟报、瞒报、漏报及由谁修改；自己不得改动数字。",
        "Looks into late, hidden and missed reports and who changed what; must not change a figure.",
    ),
    Role.EPIDEMIOLOGIST: RoleRule(
        "流行病学专家",
        "Epidemiologist",
        _READ | {Action.VIEW_REPORTS},
        "研判需要单个报表及其修订；不填报。",
        "Assessment needs single reports and their revisions; does not report.",
    ),
    Role.ADMINISTRATOR: RoleRule(
        "管理员",
        "Administrator",
        frozenset(
            {
                Action.VIEW_PLACES,
                Action.CHANGE_PLACES,
                Action.VIEW_PLAN,
                Action.CHANGE_PLAN,
                Action.VIEW_AUDIT,
                Action.CHANGE_ACCOUNTS,
            }
        ),
        "管账号、地区和预案；疫情数字与管理权分开，不因管账号而看数据。",
        "Keeps accounts, places and plans; looking at figures is kept apart from handing out rights.",
    ),
}

ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    role: rule.actions | FOR_EVERYBODY for role, rule in ROLES.items()
}


def roles_with(action: Action) -> list[Role]:
    """Return the roles that may do something."""
    return [role for role in Role if action in ROLE_ACTIONS[role]]


def reaches(scope: Scope, action: Action, target: Target | None) -> bool:
    """Say whether one grant lets its holder do this there, its time and role put aside."""
    if target is None:
        return True
    if action in REACHES_UPWARD and target.left <= scope.left <= target.right:
        return True
    if scope.facility is not None:
        return scope.facility == target.facility
    return scope.left <= target.left <= scope.right


def decide(scopes: Sequence[Scope], action: Action, target: Target | None, at: datetime) -> Decision:
    """Say whether somebody with these grants may do this there at that moment, and the reason in words."""
    act_zh, act_en = ACTION_NAMES[action]
    if action in FOR_EVERYBODY:
        return Decision(True, "每个账号都可以。", "Every account may.")
    held = [scope for scope in scopes if scope.in_force(at)]
    if not held:
        over = "（原有角色已到期或尚未生效）" if scopes else ""
        over_en = " (the roles on record have ended or not yet begun)" if scopes else ""
        return Decision(
            False,
            f"您目前没有任何角色{over}，不能{act_zh}。",
            f"You hold no role at present{over_en}, so you may not {act_en}.",
        )
    able = [scope for scope in held if action in ROLE_ACTIONS[scope.role]]
    if not able:
        return Decision(
            False,
            f"您的角色（{_roles(held, 'zh')}）不包括：{act_zh}。",
            f"Your role ({_roles(held, 'en')}) does not include: {act_en}.",
        )
    for scope in able:
        if reaches(scope, action, target):
            rule = ROLES[scope.role]
            return Decision(True, f"{rule.zh}({scope.name})。", f"{rule.en} ({scope.name}).")
    where = target.name if target is not None else ""
    mine = "、".join(sorted({scope.name for scope in able}))
    return Decision(
        False,
        f"{where} 不在您的范围（{mine}）之内，不能{act_zh}。",
        f"{where} lies outside your scope ({mine}), so you may not {act_en} there.",
    )


def _roles(scopes: Iterable[Scope], language: str) -> str:
    rules = {ROLES[scope.role] for scope in scopes}
    return "、".join(sorted(rule.zh for rule in rules)) if language == "zh" else _english(rules)


def _english(rules: Iterable[RoleRule]) -> str:
    return ", ".join(sorted(rule.en for rule in rules))
