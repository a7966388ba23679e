"""``fangxian brief``: the brief of a place, from files without a database, or from the database."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import check_language

if TYPE_CHECKING:
    from fangxian.studies.brief.contract import Brief
    from fangxian.studies.brief.records import BriefInput


def brief(
    place: Annotated[str, typer.Option(help="Code of the place; its name with --data")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="End of this local day")],
    data: Annotated[
        Path | None, typer.Option(help="Folder or file of a dataset; without it: the database")
    ] = None,
    descriptor: Annotated[str | None, typer.Option(help="Packaged descriptor or a .toml file")] = None,
    json_: Annotated[bool, typer.Option("--json", help="The published contract")] = False,
    html: Annotated[bool, typer.Option("--html", help="Two A4 sheets, self-contained")] = False,
    docx: Annotated[bool, typer.Option("--docx", help="A Word file; needs --out")] = False,
    out: Annotated[Path | None, typer.Option(help="Write to this file")] = None,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    boundaries: Annotated[
        Path | None, typer.Option(help="GeoJSON whose features have the codes as id")
    ] = None,
    estimator: Annotated[str, typer.Option(help="Of the reproduction number: cori or renewal")] = "cori",
    forecast: Annotated[
        bool, typer.Option("--forecast", help="With --data: forecast four weeks; the database keeps its own")
    ] = False,
) -> None:
    """Print or write the brief of a place as of a day."""
    _check_options(json_ + html + docx, docx=docx, out=out, language=lang)
    _check_estimator(estimator)
    shapes = _boundaries(boundaries)
    if data is None:
        made, shapes = _from_database(place, as_of, shapes, estimator)
    else:
        made = _compose(_from_files(place, as_of, data, descriptor), estimator, forecast=forecast)
    if docx:
        from fangxian.studies.brief.render_docx import render_docx

        content = render_docx(made, lang)
    elif html:
        from fangxian.studies.brief.render_html import render_html

        content = render_html(made, lang, boundaries=shapes).encode()
    elif json_:
        content = made.to_json().encode()
    else:
        from fangxian.studies.brief.render_text import render_text

        content = render_text(made, lang).encode()
    if out is not None:
        out.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


def _check_options(formats: int, *, docx: bool, out: Path | None, language: str) -> None:
    if formats > 1:
        raise InvalidInput(
            {"zh": "一次只能选一种格式。", "en": "Only one format can be chosen at a time."},
            {
                "zh": "请在 --json、--html、--docx 中选一个。",
                "en": "Choose one of --json, --html and --docx.",
            },
        )
    if docx and out is None:
        raise InvalidInput(
            {"zh": "Word 文件不能打印到屏幕。", "en": "A Word file cannot be printed to the screen."},
            {"zh": "请加 --out 文件名.docx。", "en": "Add --out FILE.docx."},
        )
    check_language(language)


def _check_estimator(name: str) -> None:
    from fangxian.studies.brief.estimators import ESTIMATORS

    if name not in ESTIMATORS:
        raise InvalidInput(
            {"zh": f"没有估计方法 {name}。", "en": f"There is no estimator {name}."},
            {"zh": f"请用 {' 或 '.join(ESTIMATORS)}。", "en": f"Use {' or '.join(ESTIMATORS)}."},
        )


def _boundaries(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        pairs = [
            (feature.get("id") or feature["properties"]["id"], feature["geometry"]) for feature in features
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            {
                "zh": f"读不懂边界文件 {path.name}:{error}",
                "en": f"Cannot read the boundaries {path.name}: {error}",
            },
            {
                "zh": "请给出 GeoJSON FeatureCollection，要素以代码为 id。",
                "en": "Give a GeoJSON FeatureCollection whose features have the codes as id.",
            },
        ) from error
    return {str(code): geometry for code, geometry in pairs if geometry}


def _compose(source: BriefInput, estimator: str, *, forecast: bool) -> Brief:
    from fangxian.studies.brief.compose import compose_brief
    from fangxian.studies.brief.estimators import ESTIMATORS

    if forecast:
        from fangxian import __version__
        from fangxian.studies.brief.figures import make_figures
        from fangxian.studies.brief.forecasting import retold_forecasts

        source = replace(source, forecasts=retold_forecasts(make_figures(source), __version__))
    return compose_brief(source, ESTIMATORS[estimator](source.serial_interval))


def _from_files(place: str, as_of: datetime, data: Path, descriptor: str | None) -> BriefInput:
    from fangxian.plans.datasets import load_descriptor, packaged_descriptors, read_dataset
    from fangxian.studies.brief.from_dataset import brief_input_from_dataset

    if descriptor is None:
        names = ", ".join(packaged_descriptors())
        raise InvalidInput(
            {"zh": "没有说明如何读取数据。", "en": "Nothing says how to read the data."},
            {
                "zh": f"请加 --descriptor（{names} 或 .toml 文件）。",
                "en": f"Add --descriptor ({names}, or a .toml file).",
            },
        )
    day = as_of.date()
    dataset = read_dataset(load_descriptor(descriptor), data, until=day)
    return brief_input_from_dataset(dataset, place, day)


def _from_database(
    place: str, as_of: datetime, shapes: dict[str, Any], estimator: str
) -> tuple[Brief, dict[str, Any]]:
    import django

    django.setup()
    from fangxian.assessment.selectors import boundaries_below, brief_of

    made = brief_of(place_code=place, as_of=as_of.date(), estimator=estimator)
    return made, shapes or boundaries_below(place_code=place, day=as_of.date())
