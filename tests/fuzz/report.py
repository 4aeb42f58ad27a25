"""The report: each promise with what was seen of it, and whether it held."""

from dataclasses import dataclass, field


@dataclass
class Report:
    lines: list[str] = field(default_factory=list)
    held: bool = True

    def title(self, text: str) -> None:
        self.lines += ["", f"  {text}", f"  {'─' * len(text)}"]

    def fact(self, name: str, seen: object) -> None:
        self.lines.append(f"    {name:<44} {seen}")

    def promise(self, name: str, seen: object, holds: bool) -> None:
        self.held &= holds
        self.lines.append(f"  {'✓' if holds else '✗'} {name:<44} {seen}")

    def __str__(self) -> str:
        return "\n".join(self.lines)
