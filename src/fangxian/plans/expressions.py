"""Rules of a plan: safe expressions over reported numbers, decided for many reports at once.

A rule is a comparison of sums over field names, e.g. ``deaths <= previous(in_hospital) + admissions``. The
text is parsed, never run: only the nodes listed here pass. Absent is NaN, and a rule over an absent value, a
division by zero or an overflow is not decided: it is neither kept nor broken.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import Finding, InvalidInput, Text

MAXIMUM_LENGTH = 500
MAXIMUM_DEPTH = 40
LARGEST_NUMBER = 1e15
FUNCTIONS: Mapping[str, Text] = {
    "previous": {"zh": "前一日的值", "en": "the value of the day before"},
    "abs": {"zh": "绝对值", "en": "the absolute value"},
    "min": {"zh": "最小值", "en": "the smallest of several"},
    "max": {"zh": "最大值", "en": "the largest of several"},
}

Name = tuple[str | None, str]
"""Form (as written in the rule, hyphens as underscores; None: the form itself) and field."""

Values = Mapping[str, NDArray[np.float64] | float]
_Array = NDArray[np.float64]
_Evaluate = Callable[[Values], _Array]

_UNKNOWN_CHARACTER = re.compile(r"[^A-Za-z0-9_.,()+\-*/<>=! \t\r\n]")
_RUN_TOGETHER = re.compile(r"(?<![A-Za-z0-9_.])(?:\d+\.?\d*|\.\d+)(?!\d|\.|[eE][+-]?\d)[A-Za-z_]")
_HALF_WIDTH = {
    "≤": "<=", "≥": ">=", "≠": "!=", "<": "<", ">": ">", "=": "=", "+": "+", "-": "-", "−": "-",
    "×": "*", "÷": "/", "(": "(", ")": ")", ",": ",", "、": ",", "&": "and", "|": "or",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A rule that was read and can be decided for arrays of reports.

    Parameters
    ----------
    text : str
        The rule as written.
    names : frozenset of Name
        Fields whose value of the day is used.
    previous_names : frozenset of Name
        Fields whose value of the day before is used.
    """

    text: str
    names: frozenset[Name]
    previous_names: frozenset[Name]
    _evaluate: _Evaluate

    @property
    def keys(self) -> frozenset[str]:
        """What `evaluate` looks up: ``deaths``, ``hospital_daily.deaths``, ``previous(deaths)``."""
        today = {value_key(name) for name in self.names}
        return frozenset(today | {value_key(name, previous=True) for name in self.previous_names})

    def evaluate(self, values: Values) -> _Array:
        """Decide the rule.

        Parameters
        ----------
        values : Mapping[str, NDArray[float64] or float]
            By key (see `keys`); arrays of one shape or numbers; NaN, or no entry, is absent.

        Returns
        -------
        NDArray[float64]
            1.0 where the rule holds, 0.0 where it is broken, NaN where it is not decided; of the shape to
            which the values broadcast.
        """
        with np.errstate(all="ignore"):
            return self._evaluate(values)


def value_key(name: Name, *, previous: bool = False) -> str:
    """Return the key under which `Rule.evaluate` looks a field up."""
    form, field = name
    key = field if form is None else f"{form.replace('-', '_')}.{field}"
    return f"previous({key})" if previous else key


@lru_cache(maxsize=4096)
def compile_rule(text: str) -> Rule:
    """Read a rule.

    Parameters
    ----------
    text : str
        At most 500 characters.

    Returns
    -------
    Rule
        Ready to be decided.

    Raises
    ------
    InvalidInput
        Says what cannot be taken and in which column, counted from 1 (also ``fields["column"]``).
    """
    _check_characters(text)
    try:
        tree = ast.parse(_one_line(text).strip(), mode="eval")
    except SyntaxError as error:
        raise _refusal(
            {"zh": "规则写法有误", "en": "The rule cannot be read"},
            {
                "zh": "请检查括号和运算符是否成对、完整。",
                "en": "Check that brackets match and operators have both sides.",
            },
            (error.offset or len(text.strip()) + 1) + _indent(text),
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _refusal_of_depth(1) from error
    reader = _Reader(_indent(text))
    evaluate = reader.truth(tree.body, 0)
    if not reader.names and not reader.previous_names:
        raise _refusal(
            {"zh": "规则没有用到任何字段", "en": "The rule names no field"},
            {"zh": "请写上至少一个字段。", "en": "Name at least one field."},
            1,
        )
    return Rule(text, frozenset(reader.names), frozenset(reader.previous_names), evaluate)


class _Reader:
    """Turns a checked tree into a function, collecting the names that it uses."""

    def __init__(self, indent: int) -> None:
        self.indent = indent
        self.names: set[Name] = set()
        self.previous_names: set[Name] = set()

    def truth(self, node: ast.expr, depth: int) -> _Evaluate:
        """Read a node that must be true or false."""
        self._bound(node, depth)
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(part, depth + 1) for part in node.values]
            return _fold(np.minimum if isinstance(node.op, ast.And) else np.maximum, parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand, depth + 1)
            return lambda values: 1.0 - inner(values)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth)
        raise self._refusal(
            node,
            {"zh": "这里应当是一个比较", "en": "A comparison is expected here"},
            {"zh": "例如 deaths <= admissions。", "en": "For example deaths <= admissions."},
        )

    def number(self, node: ast.expr, depth: int) -> _Evaluate:
        """Read a node that must be a number."""
        self._bound(node, depth)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name | ast.Attribute):
            name = self._name(node)
            self.names.add(name)
            return _lookup(value_key(name))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            sign = -1.0 if isinstance(node.op, ast.USub) else 1.0
            inner = self.number(node.operand, depth + 1)
            return lambda values: sign * inner(values)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, depth)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        raise self._refusal(
            node,
            {"zh": "这里应当是数字、字段或算式", "en": "A number, a field or a sum is expected here"},
            {
                "zh": "可用：+ - * /、比较、and、or、not、previous、abs、min、max。",
                "en": "Use + - * /, comparisons, and, or, not, previous, abs, min, max.",
            },
        )

    def _comparison(self, node: ast.Compare, depth: int) -> _Evaluate:
        operands = [self.number(part, depth + 1) for part in (node.left, *node.comparators)]
        links = []
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            compare = _COMPARISONS.get(type(operator))
            if compare is None:
                raise self._refusal(
                    node,
                    {"zh": "这种比较不可用", "en": "This comparison is not available"},
                    {"zh": "可用：< <= > >= == !=。", "en": "Use < <= > >= == !=."},
                )
            links.append(_compare(compare, left, right))
        return _fold(np.minimum, links)

    def _arithmetic(self, node: ast.BinOp, depth: int) -> _Evaluate:
        operate = _ARITHMETIC.get(type(node.op))
        if operate is None:
            raise self._refusal(
                node,
                {"zh": "这种运算不可用", "en": "This operator is not available"},
                {"zh": "可用：+ - * /。", "en": "Use + - * /."},
            )
        left, right = self.number(node.left, depth + 1), self.number(node.right, depth + 1)
        return lambda values: _finite(operate(left(values), right(values)))

    def _call(self, node: ast.Call, depth: int) -> _Evaluate:
        function = node.func.id if isinstance(node.func, ast.Name) else None
        if function not in FUNCTIONS or node.keywords:
            raise self._refusal(
                node,
                {"zh": "没有这个函数", "en": "There is no such function"},
                {"zh": "可用：previous、abs、min、max。", "en": "Use previous, abs, min, max."},
            )
        if function in ("previous", "abs") and len(node.args) != 1:
            raise self._refusal(
                node,
                {"zh": f"{function} 只用一个值", "en": f"{function} takes one value"},
                {"zh": f"例如 {function}(deaths)。", "en": f"For example {function}(deaths)."},
            )
        if function == "previous":
            return self._previous(node.args[0])
        parts = [self.number(part, depth + 1) for part in node.args]
        if function == "abs":
            return lambda values: np.abs(parts[0](values))
        if len(parts) < 2:
            raise self._refusal(
                node,
                {"zh": f"{function} 至少用两个值", "en": f"{function} takes two values or more"},
                {
                    "zh": f"例如 {function}(tests, positive)。",
                    "en": f"For example {function}(tests, positive).",
                },
            )
        return _fold(np.minimum if function == "min" else np.maximum, parts)

    def _previous(self, node: ast.expr) -> _Evaluate:
        if not isinstance(node, ast.Name | ast.Attribute):
            raise self._refusal(
                node,
                {"zh": "previous 里只能写一个字段", "en": "previous takes the name of one field"},
                {
                    "zh": "例如 previous(in_hospital) + previous(deaths)。",
                    "en": "For example previous(in_hospital) + previous(deaths).",
                },
            )
        name = self._name(node)
        self.previous_names.add(name)
        return _lookup(value_key(name, previous=True))

    def _name(self, node: ast.Name | ast.Attribute) -> Name:
        if isinstance(node, ast.Name) and node.id not in FUNCTIONS:
            return None, node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.value.id, node.attr
        raise self._refusal(
            node,
            {"zh": "字段名写法有误", "en": "This is not the name of a field"},
            {"zh": "请写 字段 或 表单.字段。", "en": "Write field or form.field."},
        )

    def _constant(self, node: ast.Constant) -> _Evaluate:
        value = node.value
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > LARGEST_NUMBER:
            raise self._refusal(
                node,
                {"zh": "这个数不可用", "en": "This number cannot be used"},
                {"zh": "请写绝对值不超过 10^15 的数。", "en": "Write a number of at most 10^15."},
            )
        constant = np.asarray(float(value))
        return lambda values: constant

    def _bound(self, node: ast.expr, depth: int) -> None:
        if depth > MAXIMUM_DEPTH:
            raise _refusal_of_depth(node.col_offset + 1 + self.indent)

    def _refusal(self, node: ast.expr, message: Text, remedy: Text) -> InvalidInput:
        return _refusal(message, remedy, node.col_offset + 1 + self.indent)


_COMPARISONS: Mapping[type[ast.cmpop], np.ufunc] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_ARITHMETIC: Mapping[type[ast.operator], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}


def _lookup(key: str) -> _Evaluate:
    def look_up(values: Values) -> _Array:
        return _finite(np.asarray(values.get(key, np.nan), dtype=np.float64))

    return look_up


def _compare(operator: np.ufunc, left: _Evaluate, right: _Evaluate) -> _Evaluate:
    def decide(values: Values) -> _Array:
        first, second = left(values), right(values)
        undecided = np.isnan(first) | np.isnan(second)
        return np.where(undecided, np.nan, operator(first, second).astype(np.float64))

    return decide


def _fold(operator: np.ufunc, parts: list[_Evaluate]) -> _Evaluate:
    def folded(values: Values) -> _Array:
        result = parts[0](values)
        for part in parts[1:]:
            result = operator(result, part(values))
        return np.asarray(result, dtype=np.float64)

    return folded


def _finite(result: _Array) -> _Array:
    return np.where(np.isfinite(result), result, np.nan)


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\t", " ")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _check_characters(text: str) -> None:
    if len(text) > MAXIMUM_LENGTH:
        raise _refusal(
            {"zh": f"规则有 {len(text)} 个字符", "en": f"The rule has {len(text)} characters"},
            {"zh": f"请拆开，每条不超过 {MAXIMUM_LENGTH}。", "en": f"Split it; at most {MAXIMUM_LENGTH}."},
            MAXIMUM_LENGTH + 1,
        )
    unknown = _UNKNOWN_CHARACTER.search(text)
    if unknown is not None:
        character = unknown.group()
        instead = _HALF_WIDTH.get(character)
        raise _refusal(
            {
                "zh": f"字符“{character}”不能用于规则",
                "en": f"The character {character!r} cannot be used in a rule",
            },
            {"zh": f"请写 {instead}。", "en": f"Write {instead}."}
            if instead
            else {"zh": "请用字段名、数字和半角运算符。", "en": "Use field names, numbers and operators."},
            unknown.start() + 1,
        )
    together = _RUN_TOGETHER.search(text)
    if together is not None:
        raise _refusal(
            {
                "zh": f"数字和文字连在一起“{together.group()}”",
                "en": f"A number runs into a word: {together.group()!r}",
            },
            {"zh": "字段名以字母开头，之间加空格或运算符。", "en": "Put an operator or a space between."},
            together.start() + 1,
        )


def _refusal_of_depth(column: int) -> InvalidInput:
    return _refusal(
        {"zh": "规则嵌套过深", "en": "The rule is nested too deeply"},
        {"zh": "请分成几条规则。", "en": "Split it into several rules."},
        column,
    )


def _refusal(message: Text, remedy: Text, column: int) -> InvalidInput:
    said = {"zh": f"{message['zh']}（第 {column} 列）。", "en": f"{message['en']} (column {column})."}
    return InvalidInput(
        said,
        remedy,
        {"column": column},
        (Finding("rule-refused", said, remedy, column=str(column)),),
    )
