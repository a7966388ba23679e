"""What a file is before it is read: its kind by content, its size, its encoding."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from enum import StrEnum

from fangxian.base.errors import Finding, InvalidInput
from fangxian.ground.exchange.rules.cells import problem


class Kind(StrEnum):
    """How a table is stored."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


@dataclass(frozen=True)
class Limits:
    """What a file may hold; a file beyond is refused before it is opened."""

    file_bytes: int = 64 * 2**20
    expanded_bytes: int = 256 * 2**20
    expansion: int = 200  # a table written by an office program shrinks 5 to 20 times
    rows: int = 1_100_000
    columns: int = 400
    cells: int = 20_000_000


LIMITS = Limits()
_TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
_FOREIGN = {
    b"%PDF": ("PDF 文件", "a PDF document"),
    b"\x89PNG": ("图片", "a picture"),
    b"\xff\xd8\xff": ("图片", "a picture"),
    b"Rar!": ("RAR 压缩包", "a RAR archive"),
    b"7z\xbc\xaf": ("7z 压缩包", "a 7z archive"),
    b"{\\rtf": ("RTF 文档", "an RTF document"),
}
_OFFICE_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = (
    "请在 Excel 或 WPS 中另存为 .xlsx 或 CSV（UTF-8）后再导入。",
    "Save it as .xlsx or CSV (UTF-8) in Excel or WPS and import that.",
)


def refuse(file: str, finding: Finding) -> InvalidInput:
    """Return the error that refuses a whole file."""
    located = Finding(
        finding.code,
        finding.message,
        finding.remedy,
        file=file,
        sheet=finding.sheet,
        row=finding.row,
        column=finding.column,
        value=finding.value,
    )
    return InvalidInput(finding.message, finding.remedy, {"file": file, "code": finding.code}, (located,))


def kind_of(content: bytes, file: str, limits: Limits = LIMITS) -> tuple[Kind, Finding | None]:
    """Return how the file is stored, by its content, and a warning if its name says otherwise."""
    if not content[:4096].strip() and not content.strip():
        raise refuse(
            file,
            problem(
                "file-empty",
                "",
                ("文件是空的。", "The file is empty."),
                ("请检查保存是否成功，再重新选择。", "Check that it was saved, then choose it again."),
            ),
        )
    if len(content) > limits.file_bytes:
        raise _too_big(file, len(content), limits.file_bytes)
    kind = _sniff(content, file, limits)
    suffix = file[file.rfind(".") :].lower() if "." in file else ""
    expected = {Kind.XLSX: (".xlsx", ".xlsm"), Kind.XLS: (".xls", ".et"), Kind.CSV: _TEXT_SUFFIXES}[kind]
    if suffix in expected:
        return kind, None
    return kind, Finding(
        "file-name-misleads",
        {
            "zh": f"扩展名是“{suffix}”，内容其实是 {kind.value}。",
            "en": f"The name ends in “{suffix}”, the content is {kind.value}.",
        },
        {"zh": "已按内容读取，请核对预览。", "en": "It was read by its content; check the preview."},
        severity="warning",
        file=file,
        value=suffix,
    )


def _sniff(content: bytes, file: str, limits: Limits) -> Kind:
    for mark, (zh, en) in _FOREIGN.items():
        if content.startswith(mark):
            raise refuse(
                file,
                problem(
                    "file-not-a-table", en, (f"这是{zh}，不是表格。", f"This is {en}, not a table."), _SAVE_AS
                ),
            )
    if content.startswith(b"PK"):
        _check_archive(content, file, limits)
        return Kind.XLSX
    if content.startswith(_OFFICE_CONTAINER):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise refuse(
                file,
                problem(
                    "file-encrypted",
                    file,
                    ("文件设有打开密码。", "The file is protected by a password."),
                    ("请去掉密码后另存，再导入。", "Save it without a password and import that."),
                ),
            )
        return Kind.XLS
    start = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise refuse(
            file,
            problem(
                "file-is-a-web-page",
                file,
                ("这是网页或 XML，只是改了扩展名。", "This is a web page or XML under another name."),
                _SAVE_AS,
            ),
        )
    return Kind.CSV


def _check_archive(content: bytes, file: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError):
        raise refuse(
            file,
            problem(
                "file-broken",
                file,
                ("Excel 文件损坏或没有传完。", "The Excel file is broken or was cut short."),
                ("请重新保存或重新取得文件。", "Save it again or ask for it again."),
            ),
        ) from None
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise refuse(
            file,
            problem(
                "file-not-a-table",
                file,
                ("这个压缩文件不是 Excel 工作簿。", "This archive is not an Excel workbook."),
                _SAVE_AS,
            ),
        )
    expanded = sum(member.file_size for member in members)
    if expanded > limits.expanded_bytes or expanded > max(len(content), 2**16) * limits.expansion:
        raise _too_big(file, expanded, limits.expanded_bytes)


def _too_big(file: str, size: int, limit: int) -> InvalidInput:
    return refuse(
        file,
        problem(
            "file-too-big",
            str(size),
            (
                f"文件展开后有 {size:,} 字节，超过上限 {limit:,} 或压缩率异常。",
                f"The file holds {size:,} bytes when opened: over {limit:,}, or packed abnormally tight.",
            ),
            ("请按月份或机构拆分成几个文件。", "Split it by month or by unit."),
        ),
    )


def decode(content: bytes, file: str) -> tuple[str, Finding | None]:
    """Return the text of a delimited file and, if it ends inside a character, the finding for that.

    UTF-8 (with or without mark) is tried first, then GB18030, which takes GBK and GB2312 as well; UTF-16
    only with its mark. A text that is none of these is refused with the place of the first bad byte.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), None
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        first_bad, cut_short = error.start, error.end >= len(content) and len(content) - error.start <= 3
    if cut_short and first_bad > 0 and not content[:first_bad].isascii():
        return content.decode("utf-8-sig", errors="replace"), problem(
            "file-cut-short",
            repr(content[first_bad:]),
            ("文件在一个字的中间结束。", "The file ends in the middle of a character."),
            ("请重新取得完整的文件。", "Ask for the complete file again."),
        )
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and not any("\ue000" <= character <= "\uf8ff" for character in text):
        return text, None
    row = content.count(b"\n", 0, first_bad) + 1
    raise refuse(
        file,
        Finding(
            "file-encoding-unknown",
            {
                "zh": f"第 {row} 行第 {first_bad + 1} 字节既不是 UTF-8 也不是 GB18030。",
                "en": f"Byte {first_bad + 1} (row {row}) is neither UTF-8 nor GB18030.",
            },
            {"zh": "请另存为 CSV（UTF-8）。", "en": "Save the file as CSV (UTF-8)."},
            row=row,
            value=content[first_bad : first_bad + 8].hex(" "),
        ),
    )
