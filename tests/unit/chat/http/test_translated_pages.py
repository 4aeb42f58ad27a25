"""Pages in the browser's language: the chat, signing in, moderating, and what is shown instead of them."""

import re
from pathlib import Path

import httpx
import pytest
from chat.http import words

from tests.unit.visitors import browser, sign_in
from tests.unit.wire import Chat

NGINX = Path(__file__).parents[4] / "nginx"
SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("path", "english", "spanish"),
    [
        ("/", "Say something", "Di algo"),
        ("/sign-in", "Your name", "Tu nombre"),
        ("/nowhere", "Nothing here", "Aquí no hay nada"),
        ("/rooms/No", "No such room", "No existe esa sala"),
        ("/moderate", "No moderators", "Sin moderación"),
    ],
)
async def test_a_page_comes_in_the_language_that_is_asked_for(
    chat: Chat, path: str, english: str, spanish: str
) -> None:
    """It says so to the browser, and to whatever keeps pages for several people."""
    for headers, language, said in (({}, "en", english), (SPANISH, "es", spanish)):
        page = await chat.http.get(path, headers=headers)
        assert f'<html lang="{language}">' in page.text
        assert said in page.text
        assert page.headers["vary"] == "Accept-Language"
        assert page.headers["cache-control"] in ("private, no-cache", "no-store")


async def test_a_refusal_is_told_in_the_language_of_the_page(chat: Chat) -> None:
    """With its values."""
    async with browser(chat) as visitor:
        visitor.headers.update(SPANISH)
        answer = await sign_in(visitor, name="x" * 41)
        assert "El nombre es demasiado largo: 41 de 40 caracteres como máximo." in answer.text


async def test_programs_are_told_in_english(chat: Chat) -> None:
    """As the wire contract says."""
    answer = await chat.http.get("/health/nothing", headers=SPANISH)
    assert answer.json()["detail"] == "There is no page at this address."


async def test_a_form_from_another_site_is_refused_in_the_language_of_the_page(chat: Chat) -> None:
    """The site is named."""
    headers = {**SPANISH, "Origin": "https://evil.example"}
    answer: httpx.Response = await chat.http.post("/sign-in", data={"name": "Ana"}, headers=headers)
    assert answer.status_code == 403
    assert "desde una página de otro sitio: https://evil.example." in answer.text


def test_nginx_has_its_own_pages_in_the_same_languages() -> None:
    """A folder for each, and a line that chooses it."""
    languages = set(words.read())
    assert {folder.name for folder in (NGINX / "errors").iterdir()} == languages
    for language in languages:
        for page in (NGINX / "errors" / language).iterdir():
            assert f'<html lang="{language}">' in page.read_text()
        assert len(list((NGINX / "errors" / language).iterdir())) == 2
    chosen = re.search(r"\$language \{(.*?)\}", (NGINX / "snippets/languages.conf").read_text(), re.DOTALL)
    assert chosen is not None
    assert set(re.findall(r"(\S+);", chosen[1])) == languages
