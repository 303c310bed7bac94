"""A column of text as the numbers of its different texts: four bytes a row, however long the texts are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from protocols import Array


class CodedColumn:
    """The cells of a column, each different text once."""

    def __init__(self, texts: Sequence[str], codes: Array) -> None:
        self.texts, self.codes = texts, codes

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, self.codes.tolist())

    def mapped(self, change: Callable[[str], str]) -> CodedColumn:
        """The same rows with every text changed.

        Args:
            change: From a text to another.
        """
        changed = [change(text) for text in self.texts]
        number = {text: i for i, text in enumerate(dict.fromkeys(changed))}
        return CodedColumn(list(number), np.array([number[text] for text in changed], dtype=np.int32)[self.codes])

    def taken(self, rows: Array) -> CodedColumn:
        """Some of the rows.

        Args:
            rows: Their indices, or (rows,) bool.
        """
        return CodedColumn(self.texts, self.codes[rows])

    @property
    def numbers_rows(self) -> bool:
        """Whether the cells are 0, 1, 2, ... or 1, 2, 3, ..., as tables number their rows."""
        return False


class NumberedColumn(CodedColumn):
    """A column that numbers its rows, whose texts would be as many as they are."""

    def __init__(self, numbers: Array) -> None:
        super().__init__([], numbers)

    def __iter__(self) -> Iterator[str]:
        return map(str, self.codes.tolist())

    def mapped(self, change: Callable[[str], str]) -> CodedColumn:
        """The same rows with every text changed."""
        texts = [change(text) for text in self]
        return CodedColumn(texts, np.arange(len(texts), dtype=np.int32))

    def taken(self, rows: Array) -> CodedColumn:
        """Some of the rows."""
        return NumberedColumn(self.codes[rows])

    @property
    def numbers_rows(self) -> bool:
        """Whether that is so still, after rows were taken."""
        return bool(np.array_equal(self.codes, self.codes[0] + np.arange(len(self.codes))) and self.codes[0] in (0, 1))


class ColumnReader:
    """Takes the cells of a column block by block."""

    def __init__(self) -> None:
        self._known = _Codes()
        self._blocks: list[Array] = []
        self._first: int | None = None
        """What the rows so far are numbered from; None where they are not."""
        self._rows = 0

    def add(self, cells: Sequence[str]) -> None:
        """Takes further cells, with or without surrounding blanks."""
        if not self._rows and cells[0] in ("0", "1"):
            self._first = int(cells[0])
        if self._first is not None:
            start = self._first + self._rows
            if all(map(str.__eq__, cells, map(str, range(start, start + len(cells))))):
                self._rows += len(cells)
                return
            before = range(self._first, self._first + self._rows)
            self._first = None
            if before:
                self._blocks.append(self._coded(list(map(str, before))))
        self._blocks.append(self._coded(cells))
        self._rows += len(cells)

    def _coded(self, cells: Sequence[str]) -> Array:
        return np.fromiter(map(self._known.__getitem__, cells), dtype=np.int32, count=len(cells))

    def column(self) -> CodedColumn:
        """The column so far."""
        if self._first is not None and self._rows > 1:
            return NumberedColumn(np.arange(self._first, self._first + self._rows, dtype=np.int32))
        if self._first is not None:
            self._blocks, self._first = [self._coded([str(self._first)] * self._rows)], None
        return CodedColumn(self._known.texts, np.concatenate(self._blocks or [np.zeros(0, dtype=np.int32)]))


class _Codes(dict[str, int]):
    """Text as it stands in the file -> number of the text without surrounding blanks."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def __missing__(self, written: str) -> int:
        text = written.strip()
        if text != written:
            code = self[text]
        else:
            code = len(self.texts)
            self.texts.append(text)
        self[written] = code
        return code
