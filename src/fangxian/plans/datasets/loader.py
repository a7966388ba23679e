"""Reading a descriptor: from the packaged ones by name, or from a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from fangxian.base.errors import InvalidDataset
from fangxian.plans.datasets.schema import Descriptor
from fangxian.plans.locate import line_numbers
from fangxian.plans.mistakes import schema_findings
from fangxian.plans.syntax import parse_toml

SHIPPED = resources.files("fangxian.plans.datasets") / "shipped"


def packaged_descriptors() -> tuple[str, ...]:
    """Return the names of the descriptors that are shipped, in alphabetical order."""
    return tuple(sorted(entry.name[:-5] for entry in SHIPPED.iterdir() if entry.name.endswith(".toml")))


def load_descriptor(name_or_path: str | Path) -> Descriptor:
    """Load a descriptor by its packaged name or from a TOML file.

    Parameters
    ----------
    name_or_path : str or Path
        ``"china-cities-2020"``, or the path of a file ending in ``.toml``.

    Returns
    -------
    Descriptor
        Checked and frozen.

    Raises
    ------
    InvalidDataset
        When there is no such descriptor, or with one finding for each mistake in it.
    """
    name = str(name_or_path)
    if name in packaged_descriptors():
        return parse_descriptor((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), file=f"{name}.toml")
    path = Path(name_or_path)
    if not path.is_file():
        shipped = ", ".join(packaged_descriptors())
        raise InvalidDataset(
            message={
                "zh": f"没有名为 {name} 的数据集描述，也没有这个文件。",
                "en": f"There is no dataset descriptor {name}, and no such file.",
            },
            remedy={
                "zh": f"请用自带的名称之一（{shipped}），或给出 .toml 文件的路径。",
                "en": f"Use one of the packaged names ({shipped}) or the path of a .toml file.",
            },
            fields={"descriptor": name},
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as broken:
        raise InvalidDataset(
            message={
                "zh": f"{path.name} 不是 UTF-8 文本：第 {broken.start} 字节。",
                "en": f"{path.name} is not UTF-8 text: byte {broken.start}.",
            },
            remedy={"zh": "请把描述文件存为 UTF-8。", "en": "Save the descriptor as UTF-8."},
        ) from None
    return parse_descriptor(text, file=path.name)


def parse_descriptor(text: str, *, file: str) -> Descriptor:
    """Check the text of a descriptor.

    Parameters
    ----------
    text : str
        TOML.
    file : str
        Name used in the findings.

    Raises
    ------
    InvalidDataset
        With one finding for each mistake.
    """
    reading = parse_toml(text, file=file)
    findings = reading.findings
    if reading.data is not None:
        try:
            read = Descriptor.model_validate(reading.data)
        except ValidationError as invalid:
            wrong = schema_findings(Descriptor, invalid, lines=line_numbers(reading.text), file=file)
            findings = [*findings, *(one for one in wrong if one.column not in reading.left_out)]
        else:
            if not findings:
                return read
    raise InvalidDataset(
        message={
            "zh": f"数据集描述 {file} 有 {len(findings)} 处错误。",
            "en": f"The dataset descriptor {file} has {len(findings)} mistake(s).",
        },
        remedy={
            "zh": "请逐条改正；各项含义见 docs/reference/dataset-descriptor.md。",
            "en": "Mend each; docs/reference/dataset-descriptor.md explains every key.",
        },
        fields={"file": file, "mistakes": len(findings)},
        findings=tuple(findings),
    )
