"""What a comparison says, one plain sentence a figure, in Chinese and English."""

from __future__ import annotations

from fangxian.studies.comparison.figures import FIGURES
from fangxian.studies.comparison.paired import Compared, Estimate


def difference_sentences(one: Compared, title: str, reference: str, language: str) -> list[str]:
    """Return what a scenario changes beside the reference, each sentence with both names.

    Parameters
    ----------
    one : Compared
        With differences.
    title, reference : str
        What the two are called, in the language.
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    list of str
        A sentence a figure; where the interval holds zero it says that chance alone could do it.
    """
    if language == "en":
        return [f"Beside {reference!r}, {title!r}: {said}" for said in change_sentences(one, language)]
    return [f"与“{reference}”相比，“{title}”：{said}" for said in change_sentences(one, language)]


def change_sentences(one: Compared, language: str) -> list[str]:
    """Return the same without the names, to stand below them."""
    english = language == "en"
    said = []
    for key, difference in one.differences.items():
        sentence = _change(key, difference, english=english)
        sure = difference.differs_from_zero or _same(difference)
        if english:
            said.append(sentence + ("." if sure else "; chance alone could make that difference."))
        else:
            said.append(sentence + ("。" if sure else "；仅凭偶然也可能有这样的差别。"))
    return said


def number_words(value: float, language: str) -> str:
    """Return a number as a person reads it, in 万 and 亿 or in thousands."""
    size = abs(value)
    if language == "en":
        return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}".removesuffix(".0")
    for least, unit in ((1e8, " 亿"), (1e4, " 万")):
        if size >= least:
            return f"{value / least:,.1f}".removesuffix(".0") + unit
    return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}".removesuffix(".0")


def estimate_words(one: Estimate, unit: str, language: str) -> str:
    """Return a mean with unit and interval, e.g. ``12 days (95 % interval 9 to 15)``."""
    mean = number_words(one.mean, language)
    said = f"{mean} {unit}" if not mean.endswith(("万", "亿")) or language == "en" else f"{mean}{unit}"
    if one.low is None or one.high is None:
        return said
    low, high = number_words(one.low, language), number_words(one.high, language)
    if language == "en":
        return f"{said} (95 % interval {low} to {high})"
    return f"{said}（95% 区间 {low} 至 {high}）"


def _same(difference: Estimate) -> bool:
    return difference.mean == 0 and difference.low in (None, 0.0) and difference.high in (None, 0.0)


def _change(key: str, difference: Estimate, *, english: bool) -> str:
    kind = FIGURES[key]
    name = kind.name["en" if english else "zh"]
    more = difference.mean > 0
    if _same(difference):
        return f"{name}: the same" if english else f"{name}相同"
    if key == "peak_day":
        amount = estimate_words(_size(difference), "days" if english else "天", "en" if english else "zh")
        if english:
            return f"the peak comes {amount} {'later' if more else 'earlier'}"
        return f"感染高峰{'推迟' if more else '提前'} {amount}"
    unit = kind.unit["en" if english else "zh"]
    amount = estimate_words(_size(difference), unit, "en" if english else "zh")
    if english:
        return f"{name[0].lower()}{name[1:]}: {'more' if more else 'fewer'} by {amount}"
    return f"{name}{'多' if more else '少'} {amount}"


def _size(difference: Estimate) -> Estimate:
    """Return a difference without its sign, which the words carry."""
    if difference.mean >= 0:
        return difference
    low = None if difference.high is None else -difference.high
    high = None if difference.low is None else -difference.low
    return Estimate(-difference.mean, low, high)
