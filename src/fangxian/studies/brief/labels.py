"""Fixed words of the rendered brief in both languages."""

from __future__ import annotations

LABELS: dict[str, tuple[str, str]] = {
    "brief": ("疫情晨报", "Epidemic brief"),
    "as_of": ("截至当日24时", "As of the end of"),
    "synthetic": (
        "模拟数据 由程序生成，不是任何真实地区的情况",
        "模拟数据 Synthetic data: made by a generator, not the situation of any real place",
    ),
    "figures": ("主要数字", "Figures"),
    "absent": ("未报告", "not reported"),
    "cumulative": ("累计", "total"),
    "coverage": ("覆盖", "coverage"),
    "week": ("近7日比前7日", "7 days against the 7 before"),
    "curves": ("走势", "Curves"),
    "reproduction": (
        "再生数（阴影为95%区间，虚线为1）",
        "Reproduction number (shaded: 95% interval; dashed: 1)",
    ),
    "mean": ("柱为当日，线为7日均", "bars: the day; line: 7-day mean"),
    "transmission": ("传播", "Transmission"),
    "alarms": ("异常信号（近7日）", "Alarms (7 days)"),
    "no_alarms": ("没有异常信号。", "No alarm."),
    "forecast": ("预测与实际", "Forecast, and what came of earlier ones"),
    "forecast_chart": (
        "每周：柱为实际，阴影为预测50%和95%区间，竖线为提前一周的预测",
        "by week: bars came, shaded 50% and 95% of the forecast, upright lines said a week ahead",
    ),
    "forecast_note": (
        "预测只延续已报告的走势，不知道明天开始的措施、假日或口径变化；供参考，决定由人作出。",
        "A forecast goes on from what was reported. It knows of no measure that starts tomorrow, no holiday "
        "and no change of definition. It advises; people decide.",
    ),
    "interval_50": ("50%区间", "50% interval"),
    "interval_95": ("95%区间", "95% interval"),
    "capacity": ("床位", "Beds"),
    "no_capacity": ("没有床位数据。", "No beds are known."),
    "changes": ("变化最大的五件事及原因", "The five things that changed most, and why"),
    "no_changes": ("没有可比较的变化。", "No change can be told."),
    "unknowns": ("尚不知道的和所作假定", "What is not known, and what was assumed"),
    "timeliness": ("报送", "Reports"),
    "on_time": ("按时", "in time"),
    "late": ("迟报", "late"),
    "missing": ("未报", "missing"),
    "map": ("近7日每10万人新增病例", "New cases per 100 000 people, 7 days"),
    "map_counts": ("近7日新增病例", "New cases, 7 days"),
    "below": ("下级地区", "Places below"),
    "place": ("地区", "Place"),
    "day_value": ("当日新增", "New, day"),
    "week_value": ("7日新增", "New, 7 d"),
    "change": ("变化", "Change"),
    "per_100000": ("7日/10万", "7 d/100k"),
    "reported": ("覆盖", "Cov."),
    "more": ("其余 {n} 项见完整数据", "{n} more in the full data"),
    "source": ("来源", "Sources"),
    "method": ("方法", "Methods"),
    "lineage": ("每个数字都可打开到报告", "Every figure opens down to its reports"),
    "not_known": ("未知", "not known"),
}


def label(key: str, language: str) -> str:
    """Return a fixed word in a language, ``"zh"`` or ``"en"``."""
    return LABELS[key][1 if language == "en" else 0]
