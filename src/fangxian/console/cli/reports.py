"""``fangxian reports``: files in and out, the template, DHIS2, and the proof of the totals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fangxian.base.errors import Finding
    from fangxian.ground.accounts.models import User
    from fangxian.ground.places.models import Place
    from fangxian.reporting.models import ImportBatch

app = typer.Typer(no_args_is_help=True)
dhis2 = typer.Typer(no_args_is_help=True)
app.add_typer(dhis2, name="dhis2", help="DHIS2 data value sets. DHIS2 数据交换")

SHOWN_FINDINGS = 20
Progress = Callable[[int, int], None]
UserOption = Annotated[str, typer.Option("--user", help="Account in whose name this is done")]
DayOption = Annotated[
    datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Day, e.g. 2023-01-05")
]
FromOption = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")]
ToOption = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")]
OutOption = Annotated[Path, typer.Option("--out", help="File to write")]
PlaceOption = Annotated[str, typer.Option("--place", help="Code of a place")]


class ReportedAt(StrEnum):
    """When the figures of a dataset count as reported."""

    NOW = "now"
    DAY = "day"


@app.callback()
def _group() -> None:
    """Keep this a group of commands even while it holds one."""


@app.command("import")
def import_reports(
    user: UserOption,
    files: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Excel or CSV")
    ] = None,
    form: Annotated[str | None, typer.Option(help="Form, if the file does not say it")] = None,
    day: DayOption = None,
    reason: Annotated[str, typer.Option(help="Reason for the corrections in the files")] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would happen and write nothing")
    ] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm-warnings", help="The warnings have been checked")
    ] = False,
    errors: Annotated[Path | None, typer.Option(help="Folder for the files with a column of errors")] = None,
    descriptor: Annotated[
        str | None, typer.Option(help="Dataset descriptor: a packaged name or a file")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(exists=True, help="Folder with the files of the dataset")
    ] = None,
    place: Annotated[str | None, typer.Option(help="Only places of a dataset below this code")] = None,
    create_units: Annotated[
        bool, typer.Option("--create-units", help="Create places and health authorities of a dataset")
    ] = False,
    reported_at: Annotated[
        ReportedAt, typer.Option(help="now: known from now on; day: assumed at the deadline of each day")
    ] = ReportedAt.NOW,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Dataset: as-of day")] = None,
) -> None:
    """Import reports from files, or a dataset by its descriptor; a file is written whole or not at all. 导入

    Exit status 1 when rows were refused.
    """
    actor = _start(user)
    if descriptor is not None:
        if data is None:
            raise typer.BadParameter("--descriptor needs --data")
        _import_dataset(actor, descriptor, data, place, create_units, reported_at, until)
        return
    if not files:
        raise typer.BadParameter("name at least one file, or --descriptor and --data")
    refused = 0
    for file in files:
        batch = _preview(actor, file, form, day, reason)
        if not preview and batch.rows_accepted + batch.rows_unchanged:
            batch = _commit(actor, batch, confirm)
        _say(batch)
        refused += batch.rows_refused
        if errors is not None and batch.rows_refused:
            _write_errors(actor, batch, errors)
    raise typer.Exit(1 if refused else 0)


def _preview(actor: User, file: Path, form: str | None, day: datetime | None, reason: str) -> ImportBatch:
    from fangxian.reporting.services.imports import preview_import

    with _spinner(f"{file.name}: 预览 preview"):
        return preview_import(
            actor=actor,
            file_name=file.name,
            content=file.read_bytes(),
            form=form,
            day=day.date() if day else None,
            reason=reason,
        )


def _commit(actor: User, batch: ImportBatch, confirm: bool) -> ImportBatch:
    from fangxian.reporting.services.imports import commit_import

    with _bar(f"{batch.file_name}: 写入 write") as step:
        return commit_import(actor=actor, batch=batch, confirm_warnings=confirm, progress=step)


def _write_errors(actor: User, batch: ImportBatch, folder: Path) -> None:
    from fangxian.reporting.selectors.imports import refused_rows_file

    folder.mkdir(parents=True, exist_ok=True)
    file = refused_rows_file(actor, batch.pk)
    (folder / file.name).write_bytes(file.content)
    print(f"  → {folder / file.name}")


def _import_dataset(
    actor: User,
    descriptor: str,
    data: Path,
    place: str | None,
    create_units: bool,
    reported_at: ReportedAt,
    until: datetime | None,
) -> None:
    from fangxian.plans.datasets import load_descriptor
    from fangxian.reporting.services.datasets import DatasetRequest, import_dataset

    request = DatasetRequest(
        descriptor=load_descriptor(descriptor),
        data_dir=data,
        root=_place(place) if place else None,
        create_units=create_units,
        reported_at=reported_at.value,
        until=until.date() if until else None,
    )
    with _bar(request.descriptor.dataset.id) as step:
        outcome = import_dataset(actor=actor, request=request, progress=step)
    _say(outcome.batch)
    print(
        f"  新建地区 places created {outcome.places_created} · 新建单位 units created {outcome.units_created}"
        f" · 更正 corrections {outcome.corrected}"
    )


def _say(batch: ImportBatch) -> None:
    from fangxian.reporting.selectors.imports import findings_of

    print(
        f"{batch.file_name}: {batch.get_status_display()} · 读入 read {batch.rows_read}"
        f" · 采用 accepted {batch.rows_accepted} · 退回 refused {batch.rows_refused}"
        f" · 未变 unchanged {batch.rows_unchanged}"
    )
    _list(findings_of(batch), batch.options.get("findings", 0))


def _list(findings: Sequence[Finding], total: int) -> None:
    for finding in findings[:SHOWN_FINDINGS]:
        print(f"  {finding.severity} {finding.sentence('zh')}")
        print(f"      {finding.message['en']} {finding.remedy['en']}".rstrip())
    if total > SHOWN_FINDINGS:
        print(f"  … {total - SHOWN_FINDINGS} more")


@app.command("template")
def template(
    user: UserOption,
    out: OutOption,
    form: Annotated[str | None, typer.Option(help="Only this form")] = None,
    place: Annotated[str | None, typer.Option(help="Only units below this place")] = None,
    day: DayOption = None,
) -> None:
    """Write the Excel template with the units of a person filled in. 下载填报模板"""
    actor = _start(user)
    from fangxian.reporting.selectors.templates import TemplateRequest, report_template

    request = TemplateRequest(_day(day), form, _place(place) if place else None)
    out.write_bytes(report_template(actor, request))
    print(out)


@app.command("export")
def export(
    user: UserOption, form: str, place: PlaceOption, first: FromOption, last: ToOption, out: OutOption
) -> None:
    """Write the current reports of a form as .csv or .xlsx; the file can be imported again. 导出"""
    actor = _start(user)
    from fangxian.reporting.selectors.exports import ExportRequest, reports_table
    from fangxian.reporting.selectors.plans import form_at

    suffix = out.suffix.lower().lstrip(".")
    if suffix not in {"csv", "xlsx"}:
        raise typer.BadParameter("--out must end in .csv or .xlsx")
    where = _place(place)
    asked = ExportRequest(form, where, first.date(), last.date())
    file = reports_table(actor, form_at(where, form, last.date()), asked, suffix)
    out.write_bytes(file.content)
    print(out)


@dhis2.command("export")
def export_value_set(
    user: UserOption, form: str, place: PlaceOption, first: FromOption, last: ToOption, out: OutOption
) -> None:
    """Write the current reports of a form as a DHIS2 data value set. 导出 DHIS2"""
    actor = _start(user)
    from fangxian.reporting.selectors.exports import ExportRequest, data_value_set, place_or_unit

    where, unit = place_or_unit(place)
    answer = data_value_set(actor, ExportRequest(form, where, first.date(), last.date(), unit))
    out.write_text(json.dumps(answer, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"{out}: {len(answer['dataValues'])}")


@dhis2.command("import")
def import_value_set(
    user: UserOption,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    form: Annotated[str | None, typer.Option(help="Form of a set that names no dataSet")] = None,
    mapping: Annotated[Path | None, typer.Option(exists=True, help="JSON object: foreign id to ours")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Write nothing")] = False,
) -> None:
    """Take a DHIS2 data value set and print its import summary. 导入 DHIS2"""
    actor = _start(user)
    from fangxian.reporting.services import dhis2 as service

    codes = json.loads(mapping.read_text(encoding="utf-8")) if mapping else {}
    body = json.loads(file.read_text(encoding="utf-8-sig"))
    asked = service.ValueSetRequest(body, form, codes, dry_run=preview)
    answer = service.import_value_set(actor=actor, asked=asked)
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    raise typer.Exit(1 if answer["response"]["conflicts"] else 0)


@app.command("verify-totals")
def verify(
    forms: Annotated[list[str] | None, typer.Argument(help="Forms; all if none is named")] = None,
) -> None:
    """Compare every kept total with the sum of its reports. Status 1 on a difference. 核对汇总"""
    _start()
    from fangxian.reporting.selectors import verify_totals

    with _spinner("核对 verifying"):
        differences = verify_totals(forms or None)
    for one in differences[:SHOWN_FINDINGS]:
        print(f"{one.place_code} {one.form} {one.day}: {dict(one.kept)} ≠ {dict(one.recomputed)}")
    print(f"不一致 differences: {len(differences)}")
    raise typer.Exit(1 if differences else 0)


def _start(user: str | None = None) -> User | None:
    import django

    django.setup()
    if user is None:
        return None
    from fangxian.ground.accounts.selectors.lookup import user_by_name

    return user_by_name(user)


def _place(code: str) -> Place:
    from fangxian.ground.places.selectors import place_by_code

    return place_by_code(code)


def _day(day: datetime | None) -> date:
    from django.utils import timezone

    return day.date() if day else timezone.localdate()


@contextmanager
def _spinner(label: str) -> Iterator[None]:
    from rich.console import Console

    with Console(stderr=True).status(label):
        yield


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
