"""QR codes, as pictures in a page."""

import segno
from markupsafe import Markup


def svg(text: str) -> Markup:
    """Return the QR code of a text as an SVG element. It is dark on light in every colour scheme: many
    cameras read no other. An element around it has to say what it is."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True))  # noqa: S704
