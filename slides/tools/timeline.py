"""Who does what, when: lanes with bars, and arrows between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import palette
from svg import SIZE, SMALL, Sheet, text_width

WIDTH, LABELS, RIGHT = 1152, 196, 12
ROW_LEAST, ROW_MOST, ROOM, GROUP, TOP = 62, 92, 400, 44, 14
PAD = 6  # left and right of a label, at least


@dataclass
class Bar:
    """Something that lasts."""

    begin: float
    end: float
    kind: str
    label: str


@dataclass
class Lane:
    """A row: a thread, a disk, a client. `model` gives it its colour."""

    name: str
    model: str
    label: str
    heading: str = ""
    bars: list[Bar] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)
    y: float = 0


class Timeline:
    """What a diagram's lines have said, and how it looks."""

    KINDS = {"cpu": "works", "disk": "the disk reads", "blocked": "is blocked",
             "queue": "waits in line", "idle": "waits for the next event", "input": "receives",
             "output": "sends", "kernel": "the kernel works", "window": "the gap"}

    def __init__(self, colours: Mapping[str, str]):
        self.colours = colours
        self.low, self.high, self.unit, self.tick = 0.0, 10.0, "", 0.0
        self.lanes: list[Lane] = []
        self.arrows: list[tuple[str, float, str, float, str]] = []
        self.lines: list[tuple[float, str]] = []
        self.heading = ""
        self.has_key = False

    # --- the words of the format ------------------------------------------------------------------

    def take_axis(self, low: str, high: str, unit: str = "", tick: str = "0") -> None:
        """From when to when."""
        self.low, self.high, self.unit, self.tick = float(low), float(high), unit, float(tick)

    def take_lane(self, name: str, model: str, label: str) -> None:
        """The next row."""
        self.lanes.append(Lane(name, model, label, self.heading))
        self.heading = ""

    def take_group(self, heading: str) -> None:
        """Before the next lane."""
        self.heading = heading

    def take_bar(self, begin: str, end: str, kind: str, label: str = "") -> None:
        """On the last lane."""
        if kind not in self.KINDS:
            raise ValueError(f"no kind of bar is called {kind}; there are {', '.join(self.KINDS)}")
        self.lanes[-1].bars.append(Bar(float(begin), float(end), kind, label))

    def take_mark(self, at: str, label: str) -> None:
        """On the last lane."""
        self.lanes[-1].marks.append((float(at), label))

    def take_line(self, at: str, label: str = "") -> None:
        """Across all lanes."""
        self.lines.append((float(at), label))

    def take_arrow(self, lane: str, at: str, to_lane: str, to: str, label: str = "") -> None:
        """Between two lanes."""
        self.arrows.append((lane, float(at), to_lane, float(to), label))

    def take_key(self) -> None:
        """Kinds are explained at the bottom."""
        self.has_key = True

    # --- the picture ------------------------------------------------------------------------------

    def x(self, at: float) -> float:
        """Where a time is."""
        return LABELS + (at - self.low) / (self.high - self.low) * (WIDTH - LABELS - RIGHT)

    @property
    def row(self) -> float:
        """A lane's height: few lanes have more room."""
        return min(max(ROOM / len(self.lanes), ROW_LEAST), ROW_MOST)

    @property
    def bar(self) -> float:
        """A bar's height."""
        return self.row * 0.66

    def sheet(self) -> Sheet:
        """All of it."""
        y: float = TOP + (34 if any(label for _, label in self.lines) else 0)
        for lane in self.lanes:
            y += GROUP if lane.heading else 0
            lane.y = y + self.row / 2
            y += self.row
        sheet = Sheet(WIDTH, y + (48 if self.tick else 6) + (52 if self.has_key else 0),
                      "timeline")
        self.draw_lines(sheet, y)
        for lane in self.lanes:
            self.draw_lane(sheet, lane)
        self.draw_arrows(sheet)
        self.draw_axis(sheet, y)
        if self.has_key:
            self.draw_key(sheet, sheet.height - 24)
        return sheet

    def fill(self, sheet: Sheet, kind: str, model: str) -> tuple[str, str, str]:
        """A bar's fill, its edge, and what letters on it stand on."""
        own = self.colours.get(model.upper(), "#6B6B75")
        plain = {"cpu": own, "disk": self.colours["DISK"], "input": self.colours["INPUT"],
                 "output": self.colours["OUTPUT"], "kernel": "#6B6B75"}
        if kind in plain:
            return plain[kind], "none", plain[kind]
        if kind == "blocked":
            pale = palette.mix(self.colours["DISK"], palette.GROUND, 0.72)
            return sheet.hatch(pale, self.colours["QUEUED"]), self.colours["DISK"], pale
        if kind == "queue":
            return sheet.hatch("#ECECEC", "#D2D2D2"), "#B4B4B4", "#D2D2D2"
        if kind == "window":
            return "#FBE3DC", "#B3261E", "#FBE3DC"
        return palette.GROUND, "#9A9AA2", palette.GROUND

    def draw_lane(self, sheet: Sheet, lane: Lane) -> None:
        """Its label, its bars, its signs."""
        if lane.heading:
            sheet.text(0, lane.y - self.row / 2 - GROUP / 2 + 4, lane.heading, SIZE, bold=True)
        letters = (palette.ink(self.colours[lane.model.upper()]) if lane.model != "-"
                   else palette.INK)
        fit(lane.label, LABELS - 8, SIZE, bold=True)
        sheet.text(0, lane.y, lane.label, SIZE, letters, bold=True)
        sheet.line(LABELS, lane.y, WIDTH - RIGHT, lane.y, "#DDDDDA", 1.5)
        for bar in lane.bars:
            self.draw_bar(sheet, lane, bar)
        for at, label in lane.marks:
            sheet.parts.append(f'<circle cx="{self.x(at):.1f}" cy="{lane.y:.1f}" r="8" '
                               f'fill="{palette.INK}"/>')
            sheet.text(self.x(at) + 16, lane.y, label, SMALL)

    def draw_bar(self, sheet: Sheet, lane: Lane, bar: Bar) -> None:
        """With its label inside."""
        left, right = self.x(bar.begin), self.x(bar.end)
        fill, edge, ground = self.fill(sheet, bar.kind, lane.model)
        sheet.rect(left + 1, lane.y - self.bar / 2, right - left - 2, self.bar, fill, edge, 3,
                   dashed=bar.kind == "idle")
        if bar.label:
            size = SIZE if text_width(bar.label, SIZE) <= right - left - PAD else SMALL
            fit(bar.label, right - left - PAD, size)
            # Letters on stripes stand on a calm ground of their own.
            if bar.kind in ("blocked", "queue"):
                width = text_width(bar.label, size) + 10
                sheet.rect((left + right - width) / 2, lane.y - 16, width, 32, ground, radius=3)
            sheet.text((left + right) / 2, lane.y, bar.label, size, palette.on(ground), ground,
                       "middle")

    def draw_lines(self, sheet: Sheet, bottom: float) -> None:
        """Dashed, with their labels on top."""
        for at, label in self.lines:
            sheet.line(self.x(at), TOP + (26 if label else 0), self.x(at), bottom, palette.SOFT, 2,
                       dashed=True)
            half = text_width(label, SMALL) / 2
            middle = min(max(self.x(at), LABELS + half - 60), WIDTH - half)
            if label:
                sheet.text(middle, TOP + 6, label, SMALL, anchor="middle")

    def draw_arrows(self, sheet: Sheet) -> None:
        """From bar to bar, with the label beside it."""
        lanes = {lane.name: lane for lane in self.lanes}
        for name, at, to_name, to, label in self.arrows:
            y1, y2 = lanes[name].y, lanes[to_name].y
            down = 1 if y2 > y1 else -1
            x1, x2 = self.x(at), self.x(to)
            sheet.arrow(x1, y1 + down * self.bar / 2, x2, y2 - down * (self.bar / 2 + 1))
            if label:
                middle = (y1 + y2) / 2
                width = text_width(label, SMALL)
                right = max(x1, x2) + 12
                if right + width > WIDTH:
                    raise ValueError(f"no room for the arrow's label {label!r}")
                sheet.rect(right - 4, middle - 14, width + 8, 28, palette.GROUND, radius=2)
                sheet.text(right, middle, label, SMALL)

    def draw_axis(self, sheet: Sheet, y: float) -> None:
        """Ticks with numbers, if there are any."""
        if not self.tick:
            return
        sheet.line(LABELS, y + 4, WIDTH - RIGHT, y + 4)
        at = self.low
        while at <= self.high + 1e-9:
            sheet.line(self.x(at), y + 4, self.x(at), y + 12)
            unit = f" {self.unit}" if at + self.tick > self.high + 1e-9 else ""
            sheet.text(self.x(at), y + 30, f"{at:g}{unit}", SMALL, palette.SOFT,
                       anchor="end" if unit else "middle")
            at += self.tick

    def draw_key(self, sheet: Sheet, y: float) -> None:
        """A sample of each kind that is there."""
        used = {bar.kind: lane.model for lane in self.lanes for bar in lane.bars}
        x: float = LABELS
        for kind in (kind for kind in self.KINDS if kind in used):
            fill, edge, _ = self.fill(sheet, kind, used[kind])
            sheet.rect(x, y - 12, 36, 24, fill, edge, 3, dashed=kind == "idle")
            sheet.text(x + 46, y, self.KINDS[kind], SMALL)
            x += 46 + text_width(self.KINDS[kind], SMALL) + 34
        if x - 34 > WIDTH:
            raise ValueError("no room for the key")


def fit(label: str, room: float, size: float, bold: bool = False) -> None:
    """Letters that stand over the edge are a fault of the source."""
    width = text_width(label, size, bold=bold)
    if width > room:
        raise ValueError(f"the label {label!r} needs {width:.0f}, and there are {room:.0f}")
