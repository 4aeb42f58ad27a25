"""Every word that a template names is a text of words.html."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

TEMPLATES = Path(__file__).parents[4] / "web/templates"


def test_every_word_of_the_templates_is_found() -> None:
    """Where it is not, a page shows nothing, or a method: Jinja takes `words.clear` for that of the dict."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    words: dict[str, object] = vars(environment.get_template("words.html").module)["words"]
    pages = [template.read_text() for template in TEMPLATES.glob("*.html")]
    used = {name for page in pages for name in re.findall(r"\bwords\.(\w+)", page)} - {"html"}
    assert len(used) > 40
    assert [name for name in sorted(used) if environment.getattr(words, name) is not words.get(name)] == []
    assert sorted(used - set(words)) == []
