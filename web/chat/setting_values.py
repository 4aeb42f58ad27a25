"""The values of settings: what the text of an environment variable has to be, and what it becomes.

Each function returns the value of a text, or raises ValueError with what is wrong with it.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from relay import Origin, check_url


def redis_url(text: str) -> str:
    check_url(text)
    return text


def secret_file(text: str) -> str:
    try:
        with Path(text).open(encoding="utf-8-sig") as file:
            secret = file.read(10_000).strip()
    except PermissionError:
        raise ValueError(f"{text!r} cannot be read by user {os.getuid()}, which this runs as") from None
    except OSError as error:
        raise ValueError(f"{text!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{text!r} holds no text in UTF-8") from None
    if not secret:
        raise ValueError(f"{text!r} is empty")
    if not secret.isprintable():
        raise ValueError(f"{text!r} holds more than one line of text, or what is no text")
    return secret


def access_code(text: str) -> str:
    if len(text) > 200:
        raise ValueError(f"expected at most 200 characters, not {len(text)}")
    return text


def secret_key(text: str) -> str:
    if len(text) < 32:
        raise ValueError(f"expected at least 32 characters, not {len(text)}; `openssl rand -hex 32` makes 64")
    return text


def between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,15}", text) or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def unless(word: str, parse: Callable[[str], int]) -> Callable[[str], int | None]:
    """What `parse` makes of a text, and None for a word, in any case, that means that there is no limit."""

    def parse_unless(text: str) -> int | None:
        if text.lower() == word:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise ValueError(f"{error}, nor is it {word!r}") from None

    return parse_unless


def size(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,6})([kmg])b?", text.lower())
    bytes = int(match[1]) << {"k": 10, "m": 20, "g": 30}[match[2]] if match else 0
    if bytes < 1 << 20:
        raise ValueError(f"{text!r} is not a size of 1m or more, with k, m or g")
    return bytes


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"{text!r} is none of {', '.join(words)}")
        return text.lower()

    return parse


def on_or_off(text: str) -> bool:
    return one_of("on", "off")(text) == "on"


def visible(text: str) -> str:
    """What a client's id and its secret are made of (RFC 6749, appendix A)."""
    if not (text.isascii() and text.isprintable()):
        raise ValueError("expected letters, digits and signs of ASCII alone")
    return text


def comma_list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def hosts(text: str) -> tuple[str, ...]:
    for host in comma_list(text):
        if not re.fullmatch(r"\*|(\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", host):
            raise ValueError(f"{host!r} is not a host name without port, *.domain or *")
    return comma_list(text)


def domains(text: str) -> tuple[str, ...]:
    for domain in comma_list(text):
        if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", domain):
            raise ValueError(f"{domain!r} is not the domain of an e-mail address, after the @")
    return tuple(domain.lower() for domain in comma_list(text))


def issuer(text: str) -> str:
    parts = urlsplit(text)
    if not parts.hostname or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{text!r} is not an address without ? and #")
    local = parts.hostname.endswith(".localhost") or parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError(f"{text!r} is no https address")
    return text


def kinds(text: str) -> tuple[str, ...]:
    for kind in comma_list(text):
        if not re.fullmatch(r"[a-z]+/(\*|[a-z0-9][a-z0-9.+-]*)", kind):
            raise ValueError(f"{kind!r} is not a kind of files such as application/pdf or image/*")
    return comma_list(text)


def files_url(text: str) -> str:
    parts = urlsplit(text)
    folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    bucket = parts.scheme == "s3" and bool(re.fullmatch(r"[a-z0-9][a-z0-9.-]+", parts.netloc))
    if not (folder or bucket) or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is neither file:///folder nor s3://bucket or s3://bucket/folder")
    return text


def endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{text!r} is not the address of a server, as in https://s3.example.org")
    return text.rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    for origin in comma_list(text):
        Origin.parse(origin)
    return comma_list(text)
