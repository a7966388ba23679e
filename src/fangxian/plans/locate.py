"""Finding the line of a value in a TOML text: the standard parser tells values but not where they stand."""

from __future__ import annotations

from collections.abc import Mapping

Path = tuple[str | int, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def line_numbers(text: str) -> Mapping[Path, int]:
    """Return the line, counted from 1, of every table, array entry and key of a TOML text.

    Parameters
    ----------
    text : str
        A text that ``tomllib`` accepts; on another the result is unspecified but the call returns.

    Returns
    -------
    Mapping[Path, int]
        Keyed by path, e.g. ``("form", 0, "field", 2, "maximum")``.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    try:
        scanner.document()
    except (IndexError, RecursionError):
        return scanner.lines
    return scanner.lines


def nearest_line(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of the path, or of the nearest thing around it that stands in the file."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text + "\n"
        self.at = 0
        self.counted_to = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.entries: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._skip_blank():
            if self.text.startswith("[[", self.at):
                table = self._array_header()
            elif self.text[self.at] == "[":
                self.at += 1
                table = self._resolve(self._dotted())
                self._note(table)
                self._to_line_end()
            else:
                self._key_value(table)
                self._to_line_end()

    def _array_header(self) -> Path:
        self.at += 2
        array = self._resolve(self._dotted())
        index = self.entries.get(array, -1) + 1
        self.entries[array] = index
        self._note(array)
        self._note((*array, index))
        self._to_line_end()
        return (*array, index)

    def _resolve(self, keys: list[str]) -> Path:
        """Turn the keys of a header into a path: an array of tables on the way means its last entry."""
        path: Path = ()
        for key in keys:
            if path in self.entries:
                path = (*path, self.entries[path])
            path = (*path, key)
        return path

    def _key_value(self, table: Path) -> None:
        path = table
        line = self._here()
        for key in self._dotted():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._skip_spaces()
        self.at += 1
        self._skip_spaces()
        self._value(path)

    def _value(self, path: Path) -> None:
        character = self.text[self.at]
        if character in "\"'":
            self._string()
        elif character == "[":
            self._array(path)
        elif character == "{":
            self._inline_table(path)
        else:
            start = self.at
            while self.text[self.at] not in ",]}#\n":
                self.at += 1
            if self.at == start:
                raise IndexError("no value here")

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip_blank() and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._note((*path, index))
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip_blank() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._key_value(path)
        self.at += 1

    def _dotted(self) -> list[str]:
        keys = [self._key()]
        self._skip_spaces()
        while self.text[self.at] == ".":
            self.at += 1
            keys.append(self._key())
            self._skip_spaces()
        return keys

    def _key(self) -> str:
        self._skip_spaces()
        if self.text[self.at] in "\"'":
            return self._string()
        start = self.at
        while self.text[self.at] in _BARE:
            self.at += 1
        if self.at == start:
            raise IndexError("no key here")
        return self.text[start : self.at]

    def _string(self) -> str:
        quote = self.text[self.at]
        fence = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(fence)
        said = []
        while not self.text.startswith(fence, self.at):
            if quote == '"' and self.text[self.at] == "\\":
                self.at += 1
                said.append(_ESCAPES.get(self.text[self.at], ""))
            else:
                said.append(self.text[self.at])
            self.at += 1
        self.at += len(fence)
        while len(fence) == 3 and self.text[self.at] == quote:
            self.at += 1
        return "".join(said)

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._here())

    def _here(self) -> int:
        self.line += self.text.count("\n", self.counted_to, self.at)
        self.counted_to = self.at
        return self.line

    def _skip_spaces(self) -> None:
        while self.text[self.at] in " \t":
            self.at += 1

    def _skip_blank(self) -> bool:
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                self._to_line_end()
            elif self.text[self.at] in " \t\n\r":
                self.at += 1
            else:
                return True
        return False

    def _to_line_end(self) -> None:
        self.at = self.text.index("\n", self.at)
