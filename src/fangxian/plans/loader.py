"""Reading plan and disease files: every mistake at once, each with its line and a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fangxian.base.errors import Finding, InvalidPlan, NotFound
from fangxian.plans.checker import check_disease, check_plan
from fangxian.plans.locate import line_numbers
from fangxian.plans.mistakes import schema_findings
from fangxian.plans.schema import DiseaseFile, Plan
from fangxian.plans.syntax import parse_toml
from fangxian.plans.vocabulary import did_you_mean

MAXIMUM_BYTES = 2_000_000

Model = TypeVar("Model", bound=BaseModel)


def load_plan(path_or_text: Path | str, *, name: str | None = None) -> Plan:
    """Read a plan file and check it wholly.

    Parameters
    ----------
    path_or_text : Path or str
        A path, or the text of a plan itself.
    name : str, optional
        What to call the file in messages; the path's name by default.

    Returns
    -------
    Plan
        A plan without errors; it may have warnings (`plan_findings`).

    Raises
    ------
    InvalidPlan
        ``findings`` lists every mistake with file, line and remedy.
    NotFound
        There is no such file.
    """
    plan, findings = read_plan(path_or_text, name=name)
    errors = [finding for finding in findings if finding.severity == "error"]
    if plan is None or errors:
        raise _refusal(errors, name or _name(path_or_text))
    return plan


def read_plan(path_or_text: Path | str, *, name: str | None = None) -> tuple[Plan | None, list[Finding]]:
    """Read a plan file and return it, if it could be read, with every finding, warnings included."""
    name = name or _name(path_or_text)
    text, findings = _text(path_or_text, name)
    if findings:
        return None, findings
    plan, findings, lines = _parse(Plan, text, name)
    if plan is None:
        return None, findings
    return plan, [*findings, *check_plan(plan, lines=lines, file=name, diseases=known_diseases())]


def packaged_plans() -> tuple[str, ...]:
    """Return the ids of the plans that come with the software, sorted."""
    return _packaged("packaged")


@cache
def packaged_plan(plan_id: str) -> Plan:
    """Return a plan that comes with the software; NotFound says which there are."""
    return load_plan(packaged_plan_text(plan_id), name=f"{plan_id}.toml")


def packaged_plan_text(plan_id: str) -> str:
    """Return the text of a plan file that comes with the software."""
    return _packaged_text("packaged", plan_id, {"zh": "预案", "en": "plan"})


def packaged_diseases() -> tuple[str, ...]:
    """Return the ids of the diseases that come with the software, sorted."""
    return _packaged("diseases")


@cache
def known_diseases() -> dict[str, str]:
    """Return, for every id that a plan may name, the id of the disease file; former ids included."""
    now = {name: name for name in packaged_diseases()}
    former = {old: name for name in now for old in _read_packaged_disease(name).former_ids}
    return former | now


def packaged_disease(disease_id: str) -> DiseaseFile:
    """Return a packaged disease, by its id or a former one; NotFound says which there are."""
    if disease_id not in packaged_diseases():
        disease_id = known_diseases().get(disease_id, disease_id)
    return _read_packaged_disease(disease_id)


@cache
def _read_packaged_disease(disease_id: str) -> DiseaseFile:
    text = packaged_disease_text(disease_id)
    return load_disease(text, name=f"{disease_id}.toml")


def packaged_disease_text(disease_id: str) -> str:
    """Return the text of a disease file that comes with the software."""
    return _packaged_text("diseases", disease_id, {"zh": "疾病", "en": "disease"})


def load_disease(path_or_text: Path | str, *, name: str | None = None) -> DiseaseFile:
    """Read a disease file and check it wholly; InvalidPlan lists every mistake with its line."""
    disease, findings = read_disease(path_or_text, name=name)
    errors = [finding for finding in findings if finding.severity == "error"]
    if disease is None or errors:
        raise _refusal(errors, name or _name(path_or_text))
    return disease


def read_disease(
    path_or_text: Path | str, *, name: str | None = None
) -> tuple[DiseaseFile | None, list[Finding]]:
    """Read a disease file and return it, if it could be read, with every finding, warnings included."""
    name = name or _name(path_or_text)
    text, findings = _text(path_or_text, name)
    if findings:
        return None, findings
    disease, findings, lines = _parse(DiseaseFile, text, name)
    if disease is None:
        return None, findings
    return disease, [*findings, *check_disease(disease, lines=lines, file=name)]


def is_disease_file(path: Path) -> bool:
    """Return whether a file speaks of a disease and not of a plan, by the keys that only one of them has."""
    text, findings = _text(path, path.name)
    data = None if findings else parse_toml(text, file=path.name).data
    return data is not None and "pathogen" in data and "plan" not in data


def plan_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a plan file, with the keys as the file writes them."""
    schema = Plan.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Fangxian plan, schema 1",
    }


def _name(path_or_text: Path | str) -> str:
    return path_or_text.name if isinstance(path_or_text, Path) else "plan.toml"


def _text(path_or_text: Path | str, name: str) -> tuple[str, list[Finding]]:
    if isinstance(path_or_text, str):
        return path_or_text.removeprefix("\ufeff"), []
    try:
        raw = path_or_text.read_bytes()
    except OSError as error:
        raise NotFound(
            {"zh": f"读不到文件 {name}:{error.strerror}。", "en": f"Cannot read {name}: {error.strerror}."},
            {"zh": "请核对路径。", "en": "Check the path."},
        ) from error
    if len(raw) > MAXIMUM_BYTES:
        return "", [
            Finding(
                "file-too-large",
                {"zh": f"文件有 {len(raw)} 字节。", "en": f"The file has {len(raw)} bytes."},
                {"zh": "预案文件不超过 2 MB。", "en": "A plan file has at most 2 MB."},
                file=name,
            )
        ]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return "", [
            Finding(
                "not-utf-8",
                {
                    "zh": f"文件不是 UTF-8 编码（第 {error.start + 1} 个字节）。",
                    "en": f"The file is not UTF-8 (byte {error.start + 1}).",
                },
                {"zh": "请另存为 UTF-8 编码。", "en": "Save it as UTF-8."},
                file=name,
                line=raw.count(b"\n", 0, error.start) + 1,
            )
        ]


def _parse(model: type[Model], text: str, name: str) -> tuple[Model | None, list[Finding], Any]:
    reading = parse_toml(text, file=name)
    if reading.data is None:
        return None, reading.findings, {}
    lines = line_numbers(reading.text)
    try:
        read = model.model_validate(reading.data)
    except ValidationError as error:
        wrong = [
            finding
            for finding in schema_findings(model, error, lines=lines, file=name)
            if not (finding.code == "key-missing" and finding.column in reading.left_out)
        ]
        return None, [*reading.findings, *wrong], lines
    return (None if reading.findings else read), reading.findings, lines


def _refusal(findings: Sequence[Finding], name: str) -> InvalidPlan:
    count = len(findings)
    return InvalidPlan(
        {
            "zh": f"{name} 有 {count} 处错误。",
            "en": f"{name} has {count} mistake{'' if count == 1 else 's'}.",
        },
        {"zh": "请逐条改正后重试。", "en": "Mend each and try again."},
        {"file": name, "mistakes": count},
        tuple(findings),
    )


def _packaged(folder: str) -> tuple[str, ...]:
    files = resources.files("fangxian.plans").joinpath(folder).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def _packaged_text(folder: str, wanted: str, kind: dict[str, str]) -> str:
    known = _packaged(folder)
    if wanted not in known:
        raise NotFound(
            {
                "zh": f"没有内置{kind['zh']}“{wanted}”。",
                "en": f"There is no packaged {kind['en']} {wanted!r}.",
            },
            did_you_mean(wanted, known),
        )
    return resources.files("fangxian.plans").joinpath(folder, f"{wanted}.toml").read_text("utf-8")
