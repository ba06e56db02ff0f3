"""What lies on what: columns of cells, and arrows from cell to cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import palette
from svg import SIZE, SMALL, Sheet, text_width

WIDTH, BETWEEN = 1152, 120
CELL_LEAST, CELL_MOST, ROOM, HEAD, GAP = 58, 78, 400, 52, 16


@dataclass
class Cell:
    """One box. `gap` is how far below the one before."""

    name: str
    what: str
    content: str
    gap: float
    is_here: bool = False


@dataclass
class Stack:
    """One column."""

    name: str
    model: str
    label: str
    cells: list[Cell] = field(default_factory=list)


class Stacks:
    """What a diagram's lines have said, and how it looks."""

    def __init__(self, colours: Mapping[str, str]):
        self.colours = colours
        self.stacks: list[Stack] = []
        self.arrows: list[tuple[str, str, str, bool]] = []
        self.gap = 0.0

    # --- the words of the format ------------------------------------------------------------------

    def take_stack(self, name: str, model: str, label: str) -> None:
        """The next column."""
        self.stacks.append(Stack(name, model, label))

    def take_cell(self, name: str, what: str, content: str = "") -> None:
        """Below the last one."""
        self.stacks[-1].cells.append(Cell(name, what, content, self.gap))
        self.gap = 0

    def take_gap(self) -> None:
        """Before the next cell."""
        self.gap += GAP

    def take_here(self) -> None:
        """Marks the last cell."""
        self.stacks[-1].cells[-1].is_here = True

    def take_arrow(self, begin: str, end: str, label: str = "") -> None:
        """From STACK.CELL to STACK.CELL."""
        self.arrows.append((begin, end, label, True))

    def take_tie(self, begin: str, end: str, label: str = "") -> None:
        """The same without a head: two names for one thing."""
        self.arrows.append((begin, end, label, False))

    # --- the picture ------------------------------------------------------------------------------

    @property
    def cell(self) -> float:
        """A cell's height: few have more room."""
        most = max(len(stack.cells) for stack in self.stacks)
        return min(max(ROOM / max(most, 1), CELL_LEAST), CELL_MOST)

    def sheet(self) -> Sheet:
        """All of it."""
        count = len(self.stacks)
        width = (WIDTH - BETWEEN * (count - 1)) / count
        heights = [HEAD + sum(self.cell + cell.gap for cell in stack.cells)
                   for stack in self.stacks]
        sheet = Sheet(WIDTH, max(heights) + 8, "stacks")
        places: dict[str, tuple[float, float, float]] = {}
        for number, stack in enumerate(self.stacks):
            self.draw_stack(sheet, stack, number * (width + BETWEEN), width, places)
        for begin, end, label, has_head in self.arrows:
            self.draw_arrow(sheet, places[begin], places[end], label, has_head)
        return sheet

    def draw_stack(self, sheet: Sheet, stack: Stack, x: float, width: float,
                   places: dict[str, tuple[float, float, float]]) -> None:
        """A label in the model's colour, and the boxes."""
        own = self.colours.get(stack.model.upper(), "#6B6B75")
        sheet.rect(x, 0, width, 8, own, radius=2)
        fit(stack.label, width, SIZE, mono=False)
        sheet.text(x, 30, stack.label, SIZE, palette.ink(own), bold=True)
        y: float = HEAD
        for cell in stack.cells:
            y += cell.gap
            disk = self.colours["DISK"]
            fill = palette.mix(disk, palette.GROUND, 0.7) if cell.is_here else palette.PANEL
            edge = disk if cell.is_here else "#C9C9C4"
            sheet.rect(x + 1, y, width - 2, self.cell - 4, fill, edge, 3)
            room = width - 28
            size = SIZE if mono_width(cell) <= room else SMALL
            if mono_width(cell, size) > room:
                raise ValueError(f"{cell.what!r} and {cell.content!r} do not fit")
            middle = y + (self.cell - 4) / 2
            sheet.text(x + 14, middle, cell.what, size, on=fill, mono=True,
                       bold=cell.is_here)
            if cell.content:
                sheet.text(x + width - 14, middle, cell.content, size, palette.SOFT, fill, "end")
            places[f"{stack.name}.{cell.name}"] = (x, x + width, middle)
            y += self.cell

    def draw_arrow(self, sheet: Sheet, begin: tuple[float, float, float],
                   end: tuple[float, float, float], label: str, has_head: bool) -> None:
        """Between the sides that face each other."""
        rightwards = begin[1] <= end[0]
        x1, x2 = (begin[1], end[0]) if rightwards else (begin[0], end[1])
        step = 3 if rightwards else -3
        if has_head:
            sheet.arrow(x1 + step, begin[2], x2 - step, end[2], curved=True)
        else:
            sheet.line(x1 + step, begin[2], x2 - step, end[2], palette.SOFT, 2.5, dashed=True)
        if label:
            middle, y = (x1 + x2) / 2, (begin[2] + end[2]) / 2 - 20
            fit(label, BETWEEN + 10, SMALL, mono=False)
            width = text_width(label, SMALL)
            sheet.rect(middle - width / 2 - 3, y - 13, width + 6, 26, palette.GROUND, radius=2)
            sheet.text(middle, y, label, SMALL, anchor="middle")


def mono_width(cell: Cell, size: float = SIZE) -> float:
    """How much room a cell's words take."""
    return text_width(cell.what, size, mono=True) + (
        text_width(cell.content, size) + 18 if cell.content else 0)


def fit(label: str, room: float, size: float, mono: bool) -> None:
    """Letters that stand over the edge are a fault of the source."""
    if text_width(label, size, mono) > room:
        raise ValueError(f"the label {label!r} does not fit")
