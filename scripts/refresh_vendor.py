"""Fetch the browser libraries that the pages use, and record what was fetched.

A maintainer runs this after changing a version in ``PACKAGES``; it asks the package client for each by name
(``npm pack``), keeps only the minified files and the licence under ``console/static/vendor/NAME-VERSION/``
and writes ``manifest.json`` with the SHA-256 of each file. Users never need Node.

    python scripts/refresh_vendor.py            fetch and write
    python scripts/refresh_vendor.py --check    compare the committed files with the manifest, offline
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "src/fangxian/console/static/vendor"

ICONS = """
home layout-dashboard clipboard-list pencil upload map-2 map-pin building-hospital book-2 history
user logout language moon sun alert-triangle circle-check clock clock-exclamation circle-x
circle-dashed circle-minus download printer phone chevron-right chevron-down arrow-up arrow-down
arrow-right minus question-mark search check x edit arrows-diff menu-2 file-spreadsheet info-circle
shield-check report-medical users table circle-number-0 scale device-floppy eye lock chart-line
chevron-left cloud-upload file-download
""".split()  # noqa: SIM905 -- a list of fifty names reads as words

MIT = """MIT License

{holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


@dataclass(frozen=True)
class Package:
    """One library: its name in the registry, the name of its folder here, and the files that are kept."""

    name: str
    folder: str
    version: str
    licence: str
    files: tuple[str, ...]
    copyright: str = field(default="")  # only where the package carries no licence file of its own


PACKAGES = (
    Package(
        "@tabler/core",
        "tabler",
        "1.6.1",
        "MIT",
        ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
        "Copyright 2018-2026 The Tabler Authors\nCopyright 2018-2026 codecalm.net Paweł Kuna",
    ),
    Package("@tabler/icons", "tabler-icons", "3.51.0", "MIT", ("LICENSE",)),
    Package(
        "@alpinejs/csp",
        "alpine-csp",
        "3.17.4",
        "MIT",
        ("dist/cdn.min.js",),
        "Copyright Caleb Porzio and contributors",
    ),
    Package("echarts", "echarts", "6.1.0", "Apache-2.0", ("dist/echarts.min.js", "LICENSE", "NOTICE")),
    Package(
        "leaflet",
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        (
            "dist/leaflet.js",
            "dist/leaflet.css",
            "dist/images/layers.png",
            "dist/images/layers-2x.png",
            "dist/images/marker-icon.png",
            "dist/images/marker-icon-2x.png",
            "dist/images/marker-shadow.png",
            "LICENSE",
        ),
    ),
)


def unpack(package: Package, into: Path) -> Path:
    """Fetch a package by name and version and return the folder that it unpacks to."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(into / packed.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(into / package.folder, filter="data")
    return into / package.folder / "package"


def kept_name(file: str) -> str:
    """Return where a file lies here: without the package's ``dist`` and kind folders."""
    return re.sub(r"^(dist/)?((css|js)/)?", "", file)


def write_sprite(source: Path, target: Path) -> None:
    """Join the icons in use into one sprite, each a symbol that takes the colour of the text around it."""
    symbols = []
    for name in ICONS:
        drawing = (source / "icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        body = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        if body is None:
            raise SystemExit(f"{name}.svg holds no drawing")
        strokes = " ".join(body[1].split())
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round">{strokes}</symbol>'
        )
    joined = "\n".join(symbols)
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{joined}\n</svg>\n', encoding="utf-8")


def place(package: Package, source: Path) -> dict[str, str]:
    """Copy the files that are kept and return the SHA-256 of each, by its path under the vendor folder."""
    folder = VENDOR / f"{package.folder}-{package.version}"
    shutil.rmtree(folder, ignore_errors=True)
    for file in package.files:
        target = folder / kept_name(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target)
    if package.copyright:
        (folder / "LICENSE").write_text(MIT.format(holder=package.copyright), encoding="utf-8")
    if package.folder == "tabler-icons":
        write_sprite(source, folder / "sprite.svg")
    return digests(folder)


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder of the vendor folder."""
    return {
        file.relative_to(VENDOR).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def refresh() -> None:
    """Fetch everything and write the manifest."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    entries = []
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            files = place(package, unpack(package, Path(scratch)))
            entries.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "files": files,
                }
            )
            print(f"{package.folder}-{package.version}: {len(files)} files")
    manifest = json.dumps(entries, indent=1, ensure_ascii=False)
    (VENDOR / "manifest.json").write_text(manifest + "\n", encoding="utf-8")


def check() -> list[str]:
    """Return what differs between the committed files and the manifest."""
    entries = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    stated = {file: digest for entry in entries for file, digest in entry["files"].items()}
    found = {file: digest for file, digest in digests(VENDOR).items() if file != "manifest.json"}
    names = sorted(stated.keys() | found.keys())
    return [file for file in names if stated.get(file) != found.get(file)]


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        differing = check()
        print("\n".join(differing) or "The vendored files are those of the manifest.")
        raise SystemExit(1 if differing else 0)
    refresh()
