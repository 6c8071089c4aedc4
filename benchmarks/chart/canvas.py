"""An SVG document with the few shapes that charts are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal
from xml.etree import ElementTree

WIDTH: Final = 760
MARGIN: Final = 20
CHARACTER: Final = 7.2
"""How wide a letter is, about. Enough to set names beside each other without a font to measure them by."""
COLOURS: Final = 6
"""Of competitors. The first is ours. They differ in lightness, too, for who cannot tell the hues."""
_STYLE: Final = """
svg { font: 13px system-ui, sans-serif; --ink: #1c2430; --faint: #5b6675; --rule: #d9dee5; --paper: #ffffff;
  --c0: #0a58ca; --c1: #b35900; --c2: #2b7a4b; --c3: #8a3ea8; --c4: #6b6f76; --c5: #a61e3c; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6eaf0; --faint: #9aa6b5; --rule: #333d4a; --paper: #10161e;
  --c0: #6cb0ff; --c1: #ffb066; --c2: #79d09b; --c3: #d59cf0; --c4: #b4bac3; --c5: #ff8fa3; } }
.paper { fill: var(--paper); } text { fill: var(--ink); } .title { font-weight: 600; font-size: 15px; }
.faint { fill: var(--faint); } .rule { stroke: var(--rule); } .whisker { stroke: var(--ink); }
.fit { stroke: var(--faint); stroke-dasharray: 5 4; }
""" + "".join(f".s{n} {{ stroke: var(--c{n}); }} .f{n} {{ fill: var(--c{n}); }} " for n in range(COLOURS))
Anchor = Literal["start", "middle", "end"]


class Canvas:
    """Grows downwards: its height is given when it is done."""

    def __init__(self, title: str) -> None:
        self._svg = ElementTree.Element(
            "svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": title}
        )
        ElementTree.SubElement(self._svg, "title").text = title
        ElementTree.SubElement(self._svg, "style").text = _STYLE
        self._paper = self._shape("rect", "paper", width="100%", height="100%")
        self.text(MARGIN, 28, title, "title")

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: Anchor = "start") -> None:
        """`y` is the line that the letters stand on."""
        self._shape("text", kind, x=x, y=y, text_anchor=anchor).text = text

    def bar(self, x: float, y: float, width: float, height: float, colour: int) -> None:
        """A filled rectangle, at least a hair wide."""
        self._shape("rect", f"f{colour % COLOURS}", x=x, y=y, width=max(1.0, width), height=height, rx=2)

    def dot(self, x: float, y: float, colour: int) -> None:
        """One measured point."""
        self._shape("circle", f"f{colour % COLOURS}", cx=x, cy=y, r=4)

    def line(self, points: Iterable[tuple[float, float]], kind: str, width: float = 1.0) -> None:
        """Through all points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._shape("polyline", kind, points=path, fill="none", stroke_width=width)

    def legend(self, names: Sequence[str], y: float) -> float:
        """Which colour is who. Returns where it ends below."""
        x: float = MARGIN
        for n, name in enumerate(names):
            width = 18 + len(name) * CHARACTER + 16
            if x > MARGIN and x + width > WIDTH:
                x, y = MARGIN, y + 20
            self.bar(x, y - 10, 12, 12, n)
            self.text(x + 18, y, name)
            x += width
        return y

    def document(self, height: float) -> str:
        """The SVG."""
        self._svg.set("viewBox", f"0 0 {WIDTH} {height:.0f}")
        ElementTree.indent(self._svg, " ")
        return ElementTree.tostring(self._svg, encoding="unicode") + "\n"

    def _shape(self, tag: str, kind: str, **attributes: float | str) -> ElementTree.Element:
        written = {
            name.replace("_", "-"): f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
            for name, value in attributes.items()
        }
        return ElementTree.SubElement(self._svg, tag, ({"class": kind} if kind else {}) | written)
