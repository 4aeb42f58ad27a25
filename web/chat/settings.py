"""The settings: read once from the environment, typed and checked, every problem reported at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from relay import Options

from chat.http.hosts import names_of
from chat.setting_values import (
    access_code,
    between,
    comma_list,
    domains,
    endpoint,
    files_url,
    hosts,
    issuer,
    kinds,
    on_or_off,
    one_of,
    origins,
    redis_url,
    secret_file,
    secret_key,
    size,
    unless,
    visible,
)

T = TypeVar("T")

PREFIX = "tertulia:"
"""What all keys of the chat begin with. Its Redis user may use no others: see redis/start.sh."""

# Where `npm ci` puts the Socket.IO client in a checkout.
DEFAULT_CLIENT_BUNDLE = Path(__file__).parents[2] / "nginx/client/node_modules/socket.io-client/dist"


class SettingsError(Exception):
    """One line per setting that is wrong: its name, what is wrong with its value, and an example."""


@dataclass(frozen=True)
class Settings:
    """The settings of a running chat. Each field is the environment variable of the same name in capitals."""

    redis_url: str | None = None  # None: one process on its own ("embedded")
    redis_replicas: int = 0  # of a cluster, that have a message on disk before it is acknowledged
    redis_password: str | None = field(default=None, repr=False)
    redis_password_file: Path | None = None  # holds the password, and later perhaps another
    host: str = "127.0.0.1"
    port: int = 8000
    sockets_folder: Path | None = None  # where nginx reaches this worker without TCP; None: nowhere
    log_level: str = "info"
    log_format: str = "text"
    allowed_hosts: tuple[str, ...] = ("*",)  # unset, where only this machine comes in: its names
    allowed_origins: tuple[str, ...] = ()  # besides the page's own
    message_max_chars: int = 4000
    edit_minutes: int | None = 1440  # for which people may change what they wrote; 0: never; None: always
    messages_per_second: int = 5  # of a person, all their tabs together
    messages_at_once: int = 20
    bytes_per_second: int = 1000  # of a person's messages
    bytes_at_once: int = 200_000
    people_per_address: int = 20  # whose messages an address may send
    keep_messages: int = 0  # in each room, at least; 0 keeps all
    rooms_per_person: int = 100
    rooms_in_all: int = 10_000  # that something was written in
    rooms_per_day: int = 200  # that an address may begin
    login_days: int = 365  # after which a login ends that was not seen
    sessions_per_worker: int = Options.max_sessions
    buffers_per_worker: int | None = None  # bytes; None: a share of the memory that there may be
    connections_per_address: int = 1000  # for a worker: sessions
    ping_interval_seconds: int = int(Options.ping_interval)  # nginx waits 30 s for a poll's answer
    ping_timeout_seconds: int = int(Options.ping_timeout)  # for the answer to a ping
    drain_seconds: int = 10  # within which a worker that ends begins to move its last client
    node_name: str = ""  # of the host that this worker is on, for Prometheus
    web_replicas: int = 1  # workers that there should be, for Prometheus
    guests: bool = True  # whether who reaches a chat without access_code comes in; else by invitation
    access_code: str | None = field(default=None, repr=False)  # None: everybody may come in
    admin_code: str | None = field(default=None, repr=False)  # None: there are no moderators
    secret_key: str | None = field(default=None, repr=False)  # None: made once, and kept where the log is
    oidc_issuer: str | None = None  # by whose word people come in; None: by nobody's
    oidc_client_id: str = ""
    oidc_client_secret: str | None = field(default=None, repr=False)  # None: the provider asks for none
    oidc_name: str = ""  # what the provider is called; empty: by its host
    oidc_domains: tuple[str, ...] = ()  # of verified e-mail addresses; empty: any come in
    oidc_groups: tuple[str, ...] = ()  # empty: all come in
    oidc_groups_claim: str = "groups"
    oidc_moderators: tuple[str, ...] = ()  # groups
    oidc_owners: tuple[str, ...] = ()
    files_url: str | None = None  # where files lie; None: of one process a folder for its time, else nowhere
    files_endpoint: str = ""  # of an S3 that is not Amazon's
    files_region: str = "us-east-1"
    files_key_id: str = ""
    files_key: str | None = field(default=None, repr=False)
    file_max_bytes: int = 100_000_000  # of a file; 0: there are no files
    file_kinds: tuple[str, ...] = ()  # that may be shared; empty: all
    files_bytes_per_day: int = 1_000_000_000  # of a person
    files_bytes_in_all: int = 10_000_000_000
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

    @property
    def has_files(self) -> bool:
        """True if people can share files."""
        return self.file_max_bytes > 0 and (self.embedded or self.files_url is not None)

    def _oidc_problems(self) -> list[str]:
        """What makes no sense of the settings of the provider together."""
        if self.oidc_issuer is not None:
            missing = "OIDC_CLIENT_ID: the provider knows the chat by it. Example: OIDC_CLIENT_ID=tertulia"
            return [] if self.oidc_client_id else [missing]
        given = {
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "OIDC_NAME": self.oidc_name,
            "OIDC_DOMAINS": self.oidc_domains,
            "OIDC_GROUPS": self.oidc_groups,
            "OIDC_MODERATORS": self.oidc_moderators,
            "OIDC_OWNERS": self.oidc_owners,
        }
        return [
            f"{name}: it is for a provider, and there is no OIDC_ISSUER."
            f" Example: {name}=, or OIDC_ISSUER=https://login.example.org"
            for name, value in given.items()
            if value
        ]

    @property
    def provider(self) -> str:
        """What the provider is called; empty if there is none."""
        return "" if self.oidc_issuer is None else self.oidc_name or urlsplit(self.oidc_issuer).netloc

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

        def get_number(name: str, least: int, most: int) -> int:
            default: int = getattr(cls, name.lower())
            return get(name, between(least, most), default, str(default))

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
            redis_replicas=get_number("REDIS_REPLICAS", 0, 5),
            redis_password=get_secret("REDIS_PASSWORD", str, "a-long-random-text"),
            redis_password_file=get("REDIS_PASSWORD_FILE", Path, None, "/run/secrets/redis-password"),
            host=host,
            port=get_number("PORT", 1, 65535),
            sockets_folder=get("SOCKETS_FOLDER", Path, None, "/sockets"),
            log_level=get("LOG_LEVEL", one_of("debug", "info", "warning", "error"), cls.log_level, "info"),
            log_format=get("LOG_FORMAT", one_of("text", "json"), cls.log_format, "json"),
            allowed_hosts=get("ALLOWED_HOSTS", hosts, default_hosts, "chat.example.org,*.example.net"),
            allowed_origins=get("ALLOWED_ORIGINS", origins, cls.allowed_origins, "https://www.example.org"),
            message_max_chars=get_number("MESSAGE_MAX_CHARS", 1, 8000),
            edit_minutes=get("EDIT_MINUTES", unless("always", between(0, 10**9)), cls.edit_minutes, "1440"),
            messages_per_second=get_number("MESSAGES_PER_SECOND", 1, 10**6),
            messages_at_once=get_number("MESSAGES_AT_ONCE", 1, 10**6),
            bytes_per_second=get_number("BYTES_PER_SECOND", 100, 10**8),
            bytes_at_once=get_number("BYTES_AT_ONCE", 40_000, 10**8),
            people_per_address=get_number("PEOPLE_PER_ADDRESS", 1, 10**6),
            keep_messages=get_number("KEEP_MESSAGES", 0, 10**9),
            rooms_per_person=get_number("ROOMS_PER_PERSON", 1, 1000),
            rooms_in_all=get_number("ROOMS_IN_ALL", 1, 10**6),
            rooms_per_day=get_number("ROOMS_PER_DAY", 1, 10**6),
            login_days=get_number("LOGIN_DAYS", 1, 365),
            sessions_per_worker=get_number("SESSIONS_PER_WORKER", 10, 10**6),
            buffers_per_worker=get("BUFFERS_PER_WORKER", size, None, "128m"),
            connections_per_address=get_number("CONNECTIONS_PER_ADDRESS", 1, 65535),
            ping_interval_seconds=get_number("PING_INTERVAL_SECONDS", 2, 25),
            ping_timeout_seconds=get_number("PING_TIMEOUT_SECONDS", 6, 50),
            drain_seconds=get_number("DRAIN_SECONDS", 0, 30),
            node_name=get("NODE_NAME", str, cls.node_name, "host-1"),
            web_replicas=get_number("WEB_REPLICAS", 1, 1000),
            guests=get("GUESTS", on_or_off, cls.guests, "off"),
            access_code=get_secret("ACCESS_CODE", access_code, "open-sesame"),
            admin_code=get_secret("ADMIN_CODE", access_code, "a-long-random-text"),
            secret_key=get_secret("SECRET_KEY", secret_key, "32-random-characters-or-more-abc"),
            oidc_issuer=get("OIDC_ISSUER", issuer, None, "https://login.example.org/realms/staff"),
            oidc_client_id=get("OIDC_CLIENT_ID", visible, cls.oidc_client_id, "tertulia"),
            oidc_client_secret=get_secret("OIDC_CLIENT_SECRET", visible, "what-the-provider-gave-you"),
            oidc_name=get("OIDC_NAME", str, cls.oidc_name, "Example"),
            oidc_domains=get("OIDC_DOMAINS", domains, cls.oidc_domains, "example.org,example.net"),
            oidc_groups=get("OIDC_GROUPS", comma_list, cls.oidc_groups, "staff,guests"),
            oidc_groups_claim=get("OIDC_GROUPS_CLAIM", str, cls.oidc_groups_claim, "groups"),
            oidc_moderators=get("OIDC_MODERATORS", comma_list, cls.oidc_moderators, "chat-moderators"),
            oidc_owners=get("OIDC_OWNERS", comma_list, cls.oidc_owners, "chat-owners"),
            files_url=get("FILES_URL", files_url, None, "s3://tertulia"),
            files_endpoint=get("FILES_ENDPOINT", endpoint, cls.files_endpoint, "https://s3.example.org"),
            files_region=get("FILES_REGION", visible, cls.files_region, "eu-central-1"),
            files_key_id=get("FILES_KEY_ID", visible, cls.files_key_id, "the-id-of-a-key"),
            files_key=get_secret("FILES_KEY", visible, "the-key-itself"),
            file_max_bytes=get_number("FILE_MAX_BYTES", 0, 10**12),
            file_kinds=get("FILE_KINDS", kinds, cls.file_kinds, "image/*,application/pdf"),
            files_bytes_per_day=get_number("FILES_BYTES_PER_DAY", 1, 10**14),
            files_bytes_in_all=get_number("FILES_BYTES_IN_ALL", 1, 10**14),
            trusted_proxies=trusted_proxies,
            client_bundle=get("CLIENT_BUNDLE", Path, cls.client_bundle, str(DEFAULT_CLIENT_BUNDLE)),
        )
        if settings.redis_replicas and "+cluster://" not in (settings.redis_url or ""):
            problems.append(
                "REDIS_REPLICAS: only a cluster has replicas, and REDIS_URL names none."
                " Example: REDIS_REPLICAS=0, or REDIS_URL=redis+cluster://redis-1:6379,redis-2:6379"
            )
        problems += settings._oidc_problems()
        if not problems and bool(settings.files_key_id) != bool(settings.files_key):
            there, missing = ("FILES_KEY_ID", "FILES_KEY")[:: 1 if settings.files_key_id else -1]
            problems.append(
                f"{there}: it is one of a pair with {missing}, which is not set."
                f" Example: {there}=, or FILES_KEY_ID=the-id-of-a-key and FILES_KEY=the-key-itself"
            )
        ways_in = settings.access_code, settings.admin_code, settings.oidc_issuer
        if not problems and not settings.guests and not any(ways_in):
            problems.append(
                "GUESTS: nobody could come in: there is no ACCESS_CODE, no ADMIN_CODE and no OIDC_ISSUER."
                " Example: GUESTS=on, or ADMIN_CODE=a-long-random-text"
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
