"""The places of a dataset: from its rows, from the descriptor, with people from a companion file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from fangxian.base.errors import Finding
from fangxian.plans.datasets import faults
from fangxian.plans.datasets.files import SEPARATORS, find_files, read_text
from fangxian.plans.datasets.parsing import text_expression
from fangxian.plans.datasets.schema import Descriptor, PopulationFile

PLACES_SCHEMA = pl.Schema(
    {
        "code": pl.String,
        "name": pl.String,
        "name_en": pl.String,
        "parent_code": pl.String,
        "level": pl.Int8,
        "population": pl.Int64,
    }
)


def read_maps(descriptor: Descriptor, data: Path) -> dict[str, dict[str, str]]:
    """Return the code maps of a descriptor, with those of companion files read.

    Raises
    ------
    InvalidDataset
        When a companion file or its column is missing.
    """
    maps = {}
    for name, rule in descriptor.maps.items():
        entries = dict(rule.entries)
        if rule.file is not None and rule.key is not None and rule.code is not None:
            frame = _companion(rule.file, data, encoding=rule.encoding, separator=rule.separator)
            faults.refuse_companion_without(rule.file, frame, [rule.key, rule.code])
            rows = frame.select(rule.key, rule.code).drop_nulls().unique(rule.key, keep="first").rows()
            entries = {str(key): str(code) for key, code in rows} | entries
        maps[name] = entries
    return maps


def places_of(
    descriptor: Descriptor,
    seen: Sequence[pl.DataFrame],
    data: Path,
    maps: Mapping[str, Mapping[str, str]],
) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the places of the rows and of the descriptor, parents first, and what is wrong with the tree.

    A place is called as in its latest row; what the descriptor says of it wins.
    """
    rows = pl.concat(seen) if seen else pl.DataFrame()
    latest = rows.sort("_day", "_name", "_parent", nulls_last=False).group_by("_place").last()
    from_rows = latest.select(
        pl.col("_place").alias("code"),
        pl.col("_name").fill_null(pl.col("_place")).alias("name"),
        pl.col("_name_en").fill_null("").alias("name_en"),
        pl.col("_parent").alias("parent_code"),
        pl.col("_level").alias("level"),
        pl.lit(None, pl.Int64).alias("population"),
    )
    known = pl.DataFrame(
        [
            (place.code, place.name, place.name_en, place.parent, place.level, place.population)
            for place in descriptor.places.known
        ],
        schema=PLACES_SCHEMA,
        orient="row",
    )
    places = pl.concat([known, from_rows.join(known, on="code", how="anti")])
    places = places.with_columns(
        pl.when(pl.col("parent_code") != pl.col("code")).then("parent_code").alias("parent_code")
    )
    if descriptor.places.population is not None:
        people = _people(descriptor.places.population, data, maps)
        places = (
            places.join(people, left_on="code", right_on="place", how="left")
            .with_columns(pl.coalesce("population", "people").alias("population"))
            .drop("people")
        )
    places = places.sort("level", "code")
    return places, faults.of_orphans(places)


def _people(rule: PopulationFile, data: Path, maps: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    frame = _companion(rule.file, data, encoding=rule.encoding, separator=rule.separator)
    faults.refuse_companion_without(
        rule.file, frame, [name for name in (rule.key.column, rule.people) if name]
    )
    return (
        frame.select(
            text_expression(rule.key, maps).alias("place"),
            pl.col(rule.people).cast(pl.Float64, strict=False).alias("people"),
        )
        .filter(~pl.col("place").is_in(list(rule.leave_out)))
        .group_by("place")
        .agg(pl.col("people").sum().round().cast(pl.Int64))
    )


def _companion(pattern: str, data: Path, *, encoding: str, separator: str) -> pl.DataFrame:
    folder = data.parent if data.is_file() else data
    path = find_files([pattern], folder, table=pattern)[0]
    text = read_text(path, encoding)
    return pl.read_csv(text.encode(), separator=SEPARATORS[separator], infer_schema=False)
