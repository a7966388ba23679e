"""``fangxian places``: load places, outlines, people and facilities, and show them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fangxian.base.errors import Finding
    from fangxian.ground.places.rules.outcome import Outcome

app = typer.Typer(no_args_is_help=True)

SHOWN_FINDINGS = 20
Progress = Callable[[int, int], None]
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File to read")]
ErrorsOption = Annotated[Path | None, typer.Option(help="Write every finding to this CSV file")]
SourceOption = Annotated[str, typer.Option(help="Where the data comes from")]


@app.command("import")
def import_places(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Folder, or files of one kind")],
    source: SourceOption,
    country: Annotated[str, typer.Option(help="Two letters; the divisions of China are CN")] = "CN",
    errors: ErrorsOption = None,
) -> None:
    """Load places: the divisions of China (a folder or its files), or a plain table for any country."""
    _start()
    from fangxian.ground.places import services
    from fangxian.ground.places.rules.tables import read_csv

    files = [one for path in paths for one in _files_of(path)]
    plain = [one for one in files if "parent_code" in read_csv(*one).columns]
    if plain and len(files) > 1:
        raise typer.BadParameter("a plain table of places is imported by itself")
    if plain:
        origin = services.Origin(country, source)
        _run(
            lambda step: services.import_places(actor=None, file=plain[0], origin=origin, progress=step),
            errors,
        )
    else:
        _run(
            lambda step: services.import_divisions(actor=None, files=files, source=source, progress=step),
            errors,
        )


@app.command("load-packaged")
def load_packaged(code: Annotated[str, typer.Argument(help="Code of the city")] = "1304") -> None:
    """Load a city that travels with the package: 邯郸 1304."""
    _start()
    from fangxian.ground.places import services

    _run(lambda step: services.load_packaged(actor=None, city=code, progress=step), None)


@app.command("levels")
def levels(file: FileArgument) -> None:
    """State what a country calls its levels, from a TOML file: [IT] 1 = {zh = "大区", en = "Region"}."""
    _start()
    import tomllib

    from fangxian.ground.places import services

    for country, named in tomllib.loads(file.read_text(encoding="utf-8")).items():
        names = {int(level): (both["zh"], both["en"]) for level, both in named.items()}
        services.set_level_names(actor=None, country=country, names=names)
        print(f"{country}: {len(names)}")


@app.command("facilities")
def facilities(
    file: FileArgument,
    capacity_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day from which the capacities hold")
    ] = None,
    preview: Annotated[bool, typer.Option(help="Only say what would happen")] = False,
    errors: ErrorsOption = None,
) -> None:
    """Load facilities and their capacities from an Excel or CSV file."""
    _start()
    from fangxian.ground.places import services
    from fangxian.ground.places.rules.facility_files import read_facility_file

    since = capacity_from.date() if capacity_from is not None else None
    table = read_facility_file(file.name, file.read_bytes())
    _run(
        lambda _: services.import_facilities(actor=None, table=table, capacity_from=since, preview=preview),
        errors,
    )


@app.command("boundaries")
def boundaries(
    file: FileArgument,
    source: SourceOption,
    licence: Annotated[str, typer.Option(help="Licence of the outlines")],
    code_system: Annotated[str, typer.Option(help="By which codes the file names places")] = "",
    codes: Annotated[
        Path | None, typer.Option(exists=True, help="CSV with columns old,code: old codes and present ones")
    ] = None,
    valid_from: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    errors: ErrorsOption = None,
) -> None:
    """Load outlines from GeoJSON."""
    _start()
    from fangxian.ground.places import services

    if codes is not None:
        with codes.open(encoding="utf-8-sig", newline="") as lines:
            mapped = {row["old"]: row["code"] for row in csv.DictReader(lines)}
        services.register_codes(actor=None, system=code_system, codes=mapped)
    since = valid_from.date() if valid_from is not None else None
    origin = services.BoundaryOrigin(code_system, source, licence, since)
    content = (file.name, file.read_bytes())
    _run(lambda _: services.import_boundaries(actor=None, file=content, origin=origin), errors)


@app.command("populations")
def populations(file: FileArgument, errors: ErrorsOption = None) -> None:
    """Load population by age from a CSV file."""
    _start()
    from fangxian.ground.places import services
    from fangxian.ground.places.rules.tables import read_csv

    table = read_csv(file.name, file.read_bytes())
    _run(lambda _: services.import_populations(actor=None, table=table), errors)


@app.command("show")
def show(code: Annotated[str, typer.Argument(help="Code of a place")]) -> None:
    """Show a place: the chain above it, those below it, and its facilities."""
    _start()
    from django.utils import timezone
    from rich.console import Console
    from rich.table import Table

    from fangxian.ground.places import selectors

    place, today = selectors.place_by_code(code), timezone.localdate()
    chain = " > ".join(one.name for one in [*selectors.ancestors(place), place])
    console = Console()
    console.print(f"{place.code} {chain} ({selectors.level_label(place, 'zh')})", highlight=False)
    if place.population is not None:
        console.print(f"人口 {place.population:,}", highlight=False)
    if place.successor is not None:
        console.print(f"{place.valid_to} 并入 {place.successor.code} {place.successor.name}", highlight=False)
    below = selectors.children(place, on=today)
    counts = selectors.units_by_child(below, on=today)
    table = Table("代码", "名称", "机构", title=f"下级 {len(below)}")
    for child in below:
        table.add_row(child.code, child.name, str(counts.get(child.pk, 0)))
    console.print(table)
    for kind, number in selectors.kinds_under(place, on=today):
        console.print(f"{kind}: {number}", highlight=False)


@app.command("merge")
def merge(
    code: Annotated[str, typer.Argument(help="Place that ends")],
    into: Annotated[str, typer.Option(help="Place that takes it over")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the new map")],
) -> None:
    """Merge one place into another; its figures go on under the successor, whose totals take them in."""
    _start()
    from fangxian.ground.places import selectors, services

    place = services.merge_place(
        actor=None,
        place=selectors.place_by_code(code),
        into=selectors.place_by_code(into),
        on=on.date(),
    )
    print(f"{place.code} {place.name} -> {into} ({place.valid_to})")


@app.command("rename")
def rename(
    code: Annotated[str, typer.Argument(help="Place")],
    name: Annotated[str, typer.Option(help="Name from then on")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the new name")],
    name_en: Annotated[str, typer.Option(help="The same in English")] = "",
) -> None:
    """Give a place a new name from a day on; the name before is kept."""
    _start()
    from fangxian.ground.places import selectors, services

    place = services.rename_place(
        actor=None, place=selectors.place_by_code(code), name=name, name_en=name_en, on=on.date()
    )
    print(f"{place.code} {place.name}")


def _start() -> None:
    """Make ready; a database that was never used gets its tables first."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if "places_place" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0)


def _files_of(path: Path) -> list[tuple[str, bytes]]:
    from fangxian.ground.places import services

    return services.division_files(path) if path.is_dir() else [(path.name, path.read_bytes())]


def _run(work: Callable[[Progress], Outcome], errors: Path | None) -> None:
    """Do the work behind a progress bar, then say what came of it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    from fangxian.base.errors import InvalidInput

    bar = Progress(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), transient=True)
    try:
        with bar:
            step = bar.add_task("", total=None)
            outcome = work(lambda done, total: bar.update(step, completed=done, total=total))
    except InvalidInput as refused:
        _say_findings(refused.findings, errors)
        print(refused.sentence("zh"), refused.sentence("en"), sep="\n")
        raise typer.Exit(1) from None
    _say_findings(outcome.findings, errors)
    counts = outcome.counts()
    print("读取 {read}  写入 {accepted}  未变 {unchanged}  未取 {refused}".format(**counts))


def _say_findings(findings: Sequence[Finding], errors: Path | None) -> None:
    """Print the first findings; the file, if one is named, takes them all."""
    for one in findings[:SHOWN_FINDINGS]:
        print(one.sentence("zh"), one.sentence("en"), sep="\n  ")
    if len(findings) > SHOWN_FINDINGS:
        print(f"… {len(findings) - SHOWN_FINDINGS} more: --errors FILE.csv")
    if errors is not None and findings:
        with errors.open("w", encoding="utf-8-sig", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(
                ["file", "row", "column", "value", "severity", "zh", "remedy_zh", "en", "remedy_en"]
            )
            for one in findings:
                said = (one.message["zh"], one.remedy["zh"], one.message["en"], one.remedy["en"])
                writer.writerow([one.file, one.row, one.column, one.value, one.severity, *said])
