"""What a comparison says, one plain sentence a figure, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from fangxian.base.errors import Text
from fangxian.studies.comparison.figures import FIGURES
from fangxian.studies.comparison.paired import Compared, Estimate

LOWEST_PEAK = 0.05
"""A peak below this share of the other's is hardly one."""
_END: Text = {"zh": "。", "en": "."}
_DOUBTS: Mapping[str, Text] = {
    "one_run": {"zh": "；只有一次推演，没有区间。", "en": "; one run has no interval."},
    "chance": {
        "zh": "；仅凭偶然也可能有这样的差别。",
        "en": "; chance alone could make that difference.",
    },
}
PEAK_SHAPE = ("peak_day", "peak_width_days")
_FLAT: Text = {
    "zh": "{name}：其中一方几乎没有高峰，不作比较。",
    "en": "{name}: one of the two has hardly a peak; not compared.",
}


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
        said = change_sentences(one, language)
        return [f"Beside {reference!r}, {title!r}: {each[0].lower()}{each[1:]}" for each in said]
    return [f"与“{reference}”相比，“{title}”：{said}" for said in change_sentences(one, language)]


def change_sentences(one: Compared, language: str) -> list[str]:
    """Return the same without the names, to stand below them."""
    english = language == "en"
    said = []
    flat = hardly_a_peak(one)
    for key, difference in one.differences.items():
        if flat and key in PEAK_SHAPE:
            said.append(
                _FLAT["en" if english else "zh"].format(name=FIGURES[key].name["en" if english else "zh"])
            )
            continue
        sentence = _change(key, difference, english=english)
        sure = difference.differs_from_zero or is_same(difference)
        doubt = "one_run" if difference.low is None else "chance"
        said.append(sentence + (_END if sure else _DOUBTS[doubt])["en" if english else "zh"])
    return said


def number_words(value: float, language: str) -> str:
    """Return a number as a person reads it: in 万 and 亿, or in thousands and millions."""
    size = abs(value)
    if language == "en" and size >= 1e6:
        return f"{value / 1e6:,.1f}".removesuffix(".0") + " million"
    if language == "en":
        return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}".removesuffix(".0")
    for least, unit in ((1e8, " 亿"), (1e4, " 万")):
        if size >= least:
            digits = 2 if size < 10 * least else 1
            return f"{value / least:,.{digits}f}".rstrip("0").rstrip(".") + unit
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


def hardly_a_peak(one: Compared) -> bool:
    """Return whether one of the two waves is so low beside the other that its day and width mean nothing."""
    height, change = one.figures.get("peak_height"), one.differences.get("peak_height")
    if height is None or change is None:
        return False
    heights = (height.mean, height.mean - change.mean)
    return min(heights) < LOWEST_PEAK * max(heights)


def is_same(difference: Estimate) -> bool:
    """Return whether every run had the same value with both plans."""
    return difference.mean == 0 and difference.low in (None, 0.0) and difference.high in (None, 0.0)


def _change(key: str, difference: Estimate, *, english: bool) -> str:
    kind = FIGURES[key]
    name = kind.name["en" if english else "zh"]
    more = difference.mean > 0
    if is_same(difference):
        return f"{name}: the same" if english else f"{name}相同"
    if key == "peak_day":
        amount = estimate_words(_size(difference), "days" if english else "天", "en" if english else "zh")
        if english:
            return f"The peak comes {amount} {'later' if more else 'earlier'}"
        return f"感染高峰{'推迟' if more else '提前'} {amount}"
    unit = kind.unit["en" if english else "zh"]
    amount = estimate_words(_size(difference), unit, "en" if english else "zh")
    if english:
        return f"{name}: {'more' if more else 'fewer'} by {amount}"
    return f"{name}{'多' if more else '少'} {amount}"


def _size(difference: Estimate) -> Estimate:
    """Return a difference without its sign, which the words carry."""
    if difference.mean >= 0:
        return difference
    low = None if difference.high is None else -difference.high
    high = None if difference.low is None else -difference.low
    return Estimate(-difference.mean, low, high)
