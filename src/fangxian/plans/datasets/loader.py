"""Reading a descriptor: from the packaged ones by name, or from a file."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from fangxian.base.errors import Finding, InvalidDataset
from fangxian.plans.datasets.schema import Descriptor

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
    try:
        return Descriptor.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as broken:
        findings = [_broken_toml(broken, file)]
    except ValidationError as invalid:
        findings = [_finding(dict(error), file) for error in invalid.errors(include_url=False)]
    raise InvalidDataset(
        message={
            "zh": f"数据集描述 {file} 有 {len(findings)} 处错误。",
            "en": f"The dataset descriptor {file} has {len(findings)} mistakes.",
        },
        remedy={
            "zh": "请逐条改正；各项含义见 docs/reference/dataset-descriptor.md。",
            "en": "Mend each; docs/reference/dataset-descriptor.md explains every key.",
        },
        findings=findings,
    )


def _broken_toml(broken: tomllib.TOMLDecodeError, file: str) -> Finding:
    return Finding(
        code="toml-broken",
        message={"zh": f"不是正确的 TOML：{broken}", "en": f"This is not TOML: {broken}"},
        remedy={
            "zh": "请检查该处的引号、括号和等号。",
            "en": "Look at quotes, brackets and equals signs there.",
        },
        file=file,
    )


def _finding(error: dict[str, object], file: str) -> Finding:
    location = error["loc"]
    path = ".".join(str(part) for part in location) if isinstance(location, tuple) else ""
    said = str(error["msg"]).removeprefix("Value error, ")
    return Finding(
        code="descriptor-invalid",
        message={"zh": f"{path}：{said}", "en": f"{path}: {said}."},
        remedy={"zh": "请按参考文档改正。", "en": "Mend it as the reference says."},
        file=file,
        column=path,
        value=repr(error.get("input"))[:80],
    )
