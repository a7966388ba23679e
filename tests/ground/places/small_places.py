"""The files of the small city."""

from __future__ import annotations

SMALL = {
    "provinces.csv": 'code,name\n13,"河北省"\n',
    "cities.csv": 'code,name,provinceCode\n1304,"邯郸市",13\n',
    "areas.csv": 'code,name,cityCode,provinceCode\n130402,"邯山区",1304,13\n130403,"丛台区",1304,13\n',
    "streets.csv": (
        "code,name,areaCode,provinceCode,cityCode\n"
        '130402001,"火磨街道",130402,13,1304\n'
        '130403001,"丛台西街道",130403,13,1304\n'
    ),
    "villages_1304.csv": (
        "code,name,streetCode,provinceCode,cityCode,areaCode\n"
        '130402001006,"焦窑社区",130402001,13,1304,130402\n'
        '130403001001,"丛中社区",130403001,13,1304,130403\n'
        '130403001002,"邯钢社区",130403001,13,1304,130403\n'
    ),
}


def small_files(**changed: bytes | str) -> list[tuple[str, bytes]]:
    """Return the small city's files, some replaced by stem (``streets=...``)."""
    files = dict(SMALL) | {f"{stem}.csv": content for stem, content in changed.items()}
    return [(name, text.encode() if isinstance(text, str) else text) for name, text in files.items()]
