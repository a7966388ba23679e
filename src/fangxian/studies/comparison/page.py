"""A comparison as one self-contained HTML page: curves, sentences, figures, and what is simplified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

import numpy as np
import polars as pl

from fangxian.base.errors import Text
from fangxian.plans.schema import DiseaseFile, Plan, Status
from fangxian.studies.comparison.charts import COLOURS, PANELS, draw
from fangxian.studies.comparison.figures import FIGURES
from fangxian.studies.comparison.paired import Compared, Estimate
from fangxian.studies.comparison.sentences import change_sentences, is_same, number_words

SYNTHETIC: Text = {
    "zh": "模拟数据：推演结果，不是实际疫情",
    "en": "Simulated data (模拟数据): a rehearsal, not an actual epidemic",
}
LIMITS: Mapping[str, tuple[str, ...]] = {
    "zh": (
        "人口按公布的边际总数合成，不是真实的个人；没有出处的县乡人口、就业和通勤为假设。",
        "一次只有一种毒株；保护随时间按半衰期减弱，各年龄相同。",
        "级别由预案中的规则按已报告的数字切换，代替人的决定；真实启动由有权机关决定。",
        "实验室是全市一个网络，一县筛查，全市排队；措施按乡镇或全市实施，不到小区。",
        "抗病毒药按疾病文件减少重症、死亡和继续传播，不缩短病程和住院；医务人员感染不影响床位。",
        "成本只含预案写明单价的项目，不含停工停课以外的社会损失。",
        "区间只反映偶然，不反映参数不准；参数的来源和可信程度见疾病文件与预案。",
    ),
    "en": (
        "People are synthetic, built from published totals; where none exists (people of townships, work, "
        "commuting) assumptions stand in.",
        "One strain at a time; protection wanes by half-lives, the same at every age.",
        "Levels are switched by the plan's rules on reported figures, in place of people; real levels are "
        "decided by the authority in charge.",
        "Laboratories are one network: a screened county lengthens the queue of all; measures act on "
        "townships or the city, never on a street.",
        "Antivirals prevent severe disease, deaths and infections passed on by the shares of the "
        "disease file, and shorten no illness or stay; infected staff close no beds.",
        "Costs hold only what the plan prices, no other loss to society.",
        "Intervals show chance, not doubt about parameters; see the disease file and the plan for sources.",
    ),
}
_WORDS: Mapping[str, Text] = {
    "title": {"zh": "{city} 预案推演", "en": "{city}: rehearsal of plans"},
    "curves": {"zh": "曲线", "en": "Curves"},
    "bands": {
        "zh": "线为各次推演的中位数，深浅色带含一半和九成的推演。",
        "en": "Lines are medians of the runs; the bands hold half and nine tenths of them.",
    },
    "differences": {"zh": "与“{name}”相比（同样的运气）", "en": "Beside {name!r}, on the same luck"},
    "figures": {"zh": "数字", "en": "Figures"},
    "figures_note": {
        "zh": "平均值，下为 95% 区间；人数按 {people} 人的推演城市计。",
        "en": "Means, below them 95 % intervals; counts of a town of {people} people.",
    },
    "levels": {"zh": "级别", "en": "Levels"},
    "never": {
        "zh": "{title}：{level}在任何一次推演中都没有启动；若本应启动，请核对它的规则。",
        "en": "{title}: {level} was started in no run; if it should have been, check its rule.",
    },
    "limits": {"zh": "简化了什么", "en": "What is simplified"},
    "one_run": {
        "zh": "只有一次推演，没有区间；请增加次数再下结论。",
        "en": "One run has no interval; run more before concluding.",
    },
    "scaled": {
        "zh": "这是 {whole} 人城市的缩小版（{people} 人）：低级别的触发值按人数写的，会比全市更难达到。",
        "en": "This is a smaller copy ({people} people) of a city of {whole}: triggers written as a number "
        "of cases are harder to reach than in the whole city.",
    },
    "trust": {
        "zh": "疾病参数 {n} 项中 {k} 项为工作值：没有论文给出该值，疾病文件注明其依据和范围。",
        "en": "{k} of {n} disease parameters are working values: no paper states them, the "
        "disease file says what bounds them.",
    },
}


@dataclass(frozen=True)
class PageFacts:
    """What the page says about the ensemble.

    Parameters
    ----------
    city : str
        Name of the city, in the language.
    people, whole : int
        People of the town, and of the city that it stands for.
    days, replicates, seed : int
        Of the ensemble.
    version : str
        Of the software.
    disease : DiseaseFile
        What spreads.
    plans : Mapping of str to Plan
        By scenario, in order.
    titles : Mapping of str to str
        What each scenario is called, in the language.
    idle : tuple of str
        Scenarios whose levels bring nothing.
    """

    city: str
    people: int
    whole: int
    days: int
    replicates: int
    seed: int
    version: str
    disease: DiseaseFile
    plans: Mapping[str, Plan]
    titles: Mapping[str, str]
    idle: tuple[str, ...] = ()


def render_page(
    facts: PageFacts,
    series: pl.DataFrame,
    switches: pl.DataFrame,
    compared: Sequence[Compared],
    language: str,
) -> str:
    """Return a comparison as HTML.

    Parameters
    ----------
    facts : PageFacts
        What was run.
    series, switches : polars.DataFrame
        Of the ensemble.
    compared : sequence of Compared
        `paired.compare`.
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        A page without script or other files.
    """
    body = _head(facts, language) + _curves(facts, series, language) + _differences(facts, compared, language)
    body += _figures(facts, compared, language) + _levels(facts, switches, language)
    body += _limits(facts, language) + _foot(facts, language)
    tag = "en" if language == "en" else "zh-CN"
    title = _say("title", language, city=facts.city)
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<link rel="icon" href="data:,">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_style_sheet()}</style>\n</head>\n<body>\n<main>\n{body}"
        "</main>\n</body>\n</html>\n"
    )


def _style_sheet() -> str:
    folder = resources.files("fangxian.studies.comparison") / "templates"
    return (folder / "comparison.css").read_text(encoding="utf-8")


def _say(key: str, language: str, **values: object) -> str:
    return _WORDS[key]["en" if language == "en" else "zh"].format(**values)


def _head(facts: PageFacts, language: str) -> str:
    english = language == "en"
    disease = facts.disease.name.in_language(language)
    said = (
        f"{disease} · {facts.people:,} people · {facts.days} days · {facts.replicates} runs of each plan"
        if english
        else f"{disease} · {facts.people:,} 人 · {facts.days} 天 · 每个预案推演 {facts.replicates} 次"
    )
    lines = f'<p class="synthetic">{escape(SYNTHETIC["en" if english else "zh"])}</p>\n'
    lines += f"<h1>{escape(_say('title', language, city=facts.city))}</h1>\n"
    lines += f'<p class="sub">{escape(said)}</p>\n'
    if facts.people != facts.whole:
        note = _say("scaled", language, people=f"{facts.people:,}", whole=f"{facts.whole:,}")
        lines += f'<p class="sub">{escape(note)}</p>\n'
    if facts.replicates == 1:
        lines += f'<p class="sub">{escape(_say("one_run", language))}</p>\n'
    return lines


def _curves(facts: PageFacts, series: pl.DataFrame, language: str) -> str:
    items = "".join(
        f'<li><i style="background:{COLOURS[at % len(COLOURS)]}"></i>{escape(title)}</li>'
        for at, title in enumerate(facts.titles.values())
    )
    note = "模拟数据" if language != "en" else "simulated data"
    pictures = ""
    for name, panel in PANELS.items():
        picture = draw(series, facts.titles, language=language, form="svg", note=note, panels=(name,))
        title = escape(panel.title["en" if language == "en" else "zh"])
        pictures += f'<figure aria-label="{title}">{_inline(picture, name)}</figure>\n'
    return (
        f"<h2>{escape(_say('curves', language))}</h2>\n<ul class='legend'>{items}</ul>\n"
        f'<p class="sub">{escape(_say("bands", language))}</p>\n<div class="charts">\n{pictures}</div>\n'
    )


def _inline(svg: bytes, name: str) -> str:
    """Return a picture to stand inside a page: no XML head, and ids of its own."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    for mark in ('id="', 'xlink:href="#', "url(#"):
        text = text.replace(mark, f"{mark}{name}-")
    return text


def _differences(facts: PageFacts, compared: Sequence[Compared], language: str) -> str:
    reference = facts.titles[compared[0].scenario]
    parts = []
    for one in compared[1:]:
        title = facts.titles[one.scenario]
        said = change_sentences(one, language)
        items = "".join(
            f"<li{'' if _told(difference) else ' class=unsure'}>{escape(sentence)}</li>"
            for sentence, difference in zip(said, one.differences.values(), strict=True)
        )
        parts.append(f"<h3>{escape(title)}</h3>\n<ul class='said'>{items}</ul>\n")
    if not parts:
        return ""
    return f"<h2>{escape(_say('differences', language, name=reference))}</h2>\n{''.join(parts)}"


def _told(difference: Estimate) -> bool:
    return difference.differs_from_zero or is_same(difference)


def _figures(facts: PageFacts, compared: Sequence[Compared], language: str) -> str:
    key = "en" if language == "en" else "zh"
    head = "".join(f"<th>{escape(facts.titles[one.scenario])}</th>" for one in compared)
    rows = "".join(
        f"<tr><td>{escape(kind.name[key])} <small>{escape(kind.unit[key])}</small></td>"
        + "".join(_cell(one.figures[name], language) for one in compared)
        + "</tr>\n"
        for name, kind in FIGURES.items()
    )
    note = _say("figures_note", language, people=f"{facts.people:,}")
    return (
        f"<h2>{escape(_say('figures', language))}</h2>\n<p class='sub'>{escape(note)}</p>\n"
        f'<div class="table"><table><thead><tr><th></th>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>\n"
    )


def _cell(one: Estimate, language: str) -> str:
    mean = number_words(one.mean, language)
    if one.low is None or one.high is None:
        return f"<td>{mean}</td>"
    low, high = number_words(one.low, language), number_words(one.high, language)
    return f"<td>{mean}<small>{low} {'to' if language == 'en' else '至'} {high}</small></td>"


def _levels(facts: PageFacts, switches: pl.DataFrame, language: str) -> str:
    """Say for each plan when each level was first started, as the median of the runs, and which never was."""
    english = language == "en"
    items = []
    acting = {name: plan for name, plan in facts.plans.items() if name not in facts.idle}
    for scenario, plan in acting.items():
        own = switches.filter((pl.col("scenario") == scenario) & pl.col("started"))
        for level in sorted(plan.levels, key=lambda one: -one.rank):
            first = own.filter(pl.col("level") == level.id).group_by("replicate").agg(pl.col("day").min())
            title, name = facts.titles[scenario], level.title.in_language(language)
            if not len(first):
                if level.start_when is not None:
                    items.append(_say("never", language, title=title, level=name))
                continue
            day = f"{float(np.median(first['day'].to_numpy())):.0f}"
            items.append(
                f"{title}: {name} first on day {day} in {len(first)} of {facts.replicates} runs"
                if english
                else f"{title}：{name}最早在第 {day} 天生效（{facts.replicates} 次中的 {len(first)} 次）"
            )
    if not items:
        return ""
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<h2>{escape(_say('levels', language))}</h2>\n<ul class='said'>{listed}</ul>\n"


def _limits(facts: PageFacts, language: str) -> str:
    total, working = trust_of(facts.disease)
    items = [*LIMITS["en" if language == "en" else "zh"], _say("trust", language, n=total, k=working)]
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<h2>{escape(_say('limits', language))}</h2>\n<ul class='limits'>{listed}</ul>\n"


def trust_of(disease: DiseaseFile) -> tuple[int, int]:
    """Return how many parameters a disease file has, and how many are working values."""
    statuses = [
        record.status
        for section in (disease.transmission, disease.course, disease.stays, *disease.protections)
        if section is not None
        for name in type(section).model_fields
        if (record := getattr(section, name)) is not None and hasattr(record, "status")
    ]
    return len(statuses), sum(status is Status.DEFAULT for status in statuses)


def _foot(facts: PageFacts, language: str) -> str:
    plans = ", ".join(f"{plan.identity.id} {plan.identity.version}" for plan in facts.plans.values())
    said = f"fangxian {facts.version} · {plans} · {facts.disease.id} · seed {facts.seed}"
    how = (
        "Repeat: fangxian rehearse --repeat manifest.json"
        if language == "en"
        else "重复推演：fangxian rehearse --repeat manifest.json"
    )
    return f"<footer>{escape(said)}<br>{escape(how)}</footer>\n"
