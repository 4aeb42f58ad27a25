"""The settings: read once from the environment, typed and checked, every problem reported at once."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from relay import Origin

from chat.http.hosts import names_of

T = TypeVar("T")

# Where `npm ci` puts the Socket.IO client in a checkout.
DEFAULT_CLIENT_BUNDLE = Path(__file__).parents[2] / "nginx/client/node_modules/socket.io-client/dist"


class SettingsError(Exception):
    """One line per setting that is wrong: its name, what is wrong with its value, and an example."""


@dataclass(frozen=True)
class Settings:
    """The settings of a running chat. Each field is the environment variable of the same name in capitals."""

    redis_url: str | None = None  # None: one process on its own ("embedded")
    redis_password: str | None = field(default=None, repr=False)
    redis_password_file: Path | None = None  # holds the password, and later perhaps another
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "info"
    log_format: str = "text"
    allowed_hosts: tuple[str, ...] = ("*",)  # unset, where only this machine comes in: its names
    allowed_origins: tuple[str, ...] = ()  # besides the page's own
    message_max_chars: int = 4000
    messages_per_second: int = 5  # of a person, all their tabs together
    messages_at_once: int = 20
    bytes_per_second: int = 1000  # of a person's messages
    bytes_at_once: int = 200_000
    people_per_address: int = 20  # whose messages an address may send
    keep_messages: int = 0  # in each room, at least; 0 keeps all
    rooms_per_person: int = 100
    rooms_in_all: int = 10_000  # that something was written in
    rooms_per_day: int = 200  # that an address may begin
    sessions_per_worker: int = 10_000
    buffers_per_worker: int | None = None  # bytes; None: a share of the memory that there may be
    connections_per_address: int = 1000  # for a worker: sessions
    drain_seconds: int = 10  # within which a worker that ends begins to move its last client
    web_replicas: int = 1  # workers that there should be, for Prometheus
    access_code: str | None = field(default=None, repr=False)  # None: everybody may come in
    admin_code: str | None = field(default=None, repr=False)  # None: there are no moderators
    secret_key: str | None = field(default=None, repr=False)  # None: made once, and kept where the log is
    trusted_proxies: tuple[str, ...] = ()
    client_bundle: Path = DEFAULT_CLIENT_BUNDLE

    @property
    def embedded(self) -> bool:
        """True if this process serves everything by itself, without Redis and nginx."""
        return self.redis_url is None

    @property
    def redis_password_now(self) -> Callable[[], str] | None:
        """What returns Redis' password as it is whenever it is called; None if there is none."""
        if (file := self.redis_password_file) is not None:
            return lambda: secret_file(str(file))
        if (password := self.redis_password) is not None:
            return lambda: password
        return None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings in `environ`; an empty value counts as unset. A secret is given itself, or as
        the name of a file that holds it, in the variable of its name and `_FILE`. Raises SettingsError."""
        problems: list[str] = []

        def get(name: str, parse: Callable[[str], T], default: T, example: str) -> T:
            text = environ.get(name, "").strip()
            if not text:
                return default
            try:
                return parse(text)
            except ValueError as error:
                problems.append(f"{name}: {error}. Example: {name}={example}")
                return default

        def get_secret(name: str, parse: Callable[[str], str], example: str) -> str | None:
            of_file = f"{name}_FILE"
            file_example = f"/run/secrets/{name.lower().replace('_', '-')}"
            if not environ.get(of_file, "").strip():
                return get(name, parse, None, example)
            if environ.get(name, "").strip():
                problems.append(f"{of_file}: {name} is set too; give one. Example: {of_file}={file_example}")
                return None
            return get(of_file, lambda file: parse(secret_file(file)), None, file_example)

        host = get("HOST", str, cls.host, "0.0.0.0")
        trusted_proxies = get("TRUSTED_PROXIES", comma_list, cls.trusted_proxies, "10.0.0.0/8")
        default_hosts = cls.allowed_hosts if trusted_proxies else names_of(host)
        settings = cls(
            redis_url=get("REDIS_URL", redis_url, None, "redis://redis:6379/0"),
            redis_password=get_secret("REDIS_PASSWORD", str, "a-long-random-text"),
            redis_password_file=get("REDIS_PASSWORD_FILE", Path, None, "/run/secrets/redis-password"),
            host=host,
            port=get("PORT", between(1, 65535), cls.port, "8000"),
            log_level=get("LOG_LEVEL", one_of("debug", "info", "warning", "error"), cls.log_level, "info"),
            log_format=get("LOG_FORMAT", one_of("text", "json"), cls.log_format, "json"),
            allowed_hosts=get("ALLOWED_HOSTS", hosts, default_hosts, "chat.example.org,*.example.net"),
            allowed_origins=get("ALLOWED_ORIGINS", origins, cls.allowed_origins, "https://www.example.org"),
            message_max_chars=get("MESSAGE_MAX_CHARS", between(1, 8000), cls.message_max_chars, "4000"),
            messages_per_second=get("MESSAGES_PER_SECOND", between(1, 10**6), cls.messages_per_second, "5"),
            messages_at_once=get("MESSAGES_AT_ONCE", between(1, 10**6), cls.messages_at_once, "20"),
            bytes_per_second=get("BYTES_PER_SECOND", between(100, 10**8), cls.bytes_per_second, "1000"),
            bytes_at_once=get("BYTES_AT_ONCE", between(40_000, 10**8), cls.bytes_at_once, "200000"),
            people_per_address=get("PEOPLE_PER_ADDRESS", between(1, 10**6), cls.people_per_address, "20"),
            keep_messages=get("KEEP_MESSAGES", between(0, 10**9), cls.keep_messages, "100000"),
            rooms_per_person=get("ROOMS_PER_PERSON", between(1, 1000), cls.rooms_per_person, "100"),
            rooms_in_all=get("ROOMS_IN_ALL", between(1, 10**6), cls.rooms_in_all, "10000"),
            rooms_per_day=get("ROOMS_PER_DAY", between(1, 10**6), cls.rooms_per_day, "200"),
            sessions_per_worker=get(
                "SESSIONS_PER_WORKER", between(10, 10**6), cls.sessions_per_worker, "10000"
            ),
            buffers_per_worker=get("BUFFERS_PER_WORKER", size, None, "128m"),
            connections_per_address=get(
                "CONNECTIONS_PER_ADDRESS", between(1, 65535), cls.connections_per_address, "1000"
            ),
            drain_seconds=get("DRAIN_SECONDS", between(0, 30), cls.drain_seconds, "10"),
            web_replicas=get("WEB_REPLICAS", between(1, 1000), cls.web_replicas, "2"),
            access_code=get_secret("ACCESS_CODE", access_code, "open-sesame"),
            admin_code=get_secret("ADMIN_CODE", access_code, "a-long-random-text"),
            secret_key=get_secret("SECRET_KEY", secret_key, "32-random-characters-or-more-abc"),
            trusted_proxies=trusted_proxies,
            client_bundle=get("CLIENT_BUNDLE", Path, cls.client_bundle, str(DEFAULT_CLIENT_BUNDLE)),
        )
        if not problems and settings.embedded and not settings.client_bundle.is_dir():
            problems.append(
                f"CLIENT_BUNDLE: there is no folder {str(settings.client_bundle)!r}. Run `npm ci` in"
                " nginx/client, or set REDIS_URL if nginx serves the bundle."
                " Example: CLIENT_BUNDLE=/srv/socket.io"
            )
        if problems:
            raise SettingsError("\n".join(problems))
        return settings


def redis_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
        raise ValueError("expected redis://host:port/database, rediss:// for TLS or unix:///path")
    parts.port  # noqa: B018 - raises ValueError for a port that is none
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
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


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


def comma_list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def hosts(text: str) -> tuple[str, ...]:
    for host in comma_list(text):
        if not re.fullmatch(r"\*|(\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", host):
            raise ValueError(f"{host!r} is not a host name without port, *.domain or *")
    return comma_list(text)


def origins(text: str) -> tuple[str, ...]:
    for origin in comma_list(text):
        Origin.parse(origin)
    return comma_list(text)
