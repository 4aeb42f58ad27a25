"""The plots: horizontal bars as SVG, readable on light and dark pages, with the figures beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, GAP, HEAD = 760, 150, 20, 6, 64

# The peers' colours tell apart without red and green, on white and on near black alike.
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 } .quiet { fill: #57606a } .group { font-weight: 600 }
.bar0 { fill: #0969da } .bar1 { fill: #54aeff } .bar2 { fill: #bf8700 }
.bar3 { fill: #8250df } .bar4 { fill: #8c959f }
.whisker { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #9198a1 } .whisker { stroke: #e6edf3 }
}
"""


@dataclass(frozen=True)
class Bar:
    """`colour` is the number of a style; `low` and `high` are the extremes of the repetitions."""

    label: str
    colour: int
    value: float
    low: float
    high: float
    text: str


def bars(title: str, subtitle: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Return an SVG document. All bars share one scale, beginning at zero."""
    most = max(bar.high for _, group in groups for bar in group) or 1.0
    scale = (WIDTH - LABEL - 110) / most
    parts, y = [], HEAD
    for name, group in groups:
        parts.append(f'<text class="group" x="0" y="{y + 14}">{escape(name)}</text>')
        y += BAR + GAP
        for bar in group:
            parts.append(_bar(bar, y, scale))
            y += BAR + GAP
        y += 2 * GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<text class="title" x="0" y="18">{escape(title)}</text>'
        f'<text class="quiet" x="0" y="40">{escape(subtitle)}</text>{"".join(parts)}</svg>\n'
    )


def _bar(bar: Bar, y: int, scale: float) -> str:
    middle, end = y + BAR / 2, LABEL + bar.high * scale
    whisker = ""
    if bar.high > bar.low:
        whisker = f'<path class="whisker" d="M{LABEL + bar.low * scale:.1f} {middle}H{end:.1f}"/>'
    shape = f'x="{LABEL}" y="{y}" width="{max(1.0, bar.value * scale):.1f}" height="{BAR}" rx="2"'
    return (
        f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect class="bar{bar.colour}" {shape}/>{whisker}'
        f'<text x="{end + 8:.1f}" y="{y + 15}">{escape(bar.text)}</text>'
    )
