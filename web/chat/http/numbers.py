"""The numbers in forms."""

from chat.domain.refusals import Refused


def whole_number(fields: dict[str, str], name: str, least: int, most: int) -> int:
    """Return a whole number that a form has. Raises Refused."""
    text = fields.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        detail = f"`{name}` is a whole number from {least} to {most}."
        raise Refused("invalid", detail, reason="number", least=least, most=most)
    return int(text)
