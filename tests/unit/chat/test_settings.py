"""The settings: what is read, and what is said when something is wrong."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from chat.settings import Settings, SettingsError

from tests.support.waiting import PATIENCE

REDIS = {"REDIS_URL": "redis://redis:6379/0"}


def test_nothing_has_to_be_set(bundle: Path) -> None:
    """An empty environment, and empty values, give one process on its own, for this machine only."""
    for environ in ({}, {"REDIS_URL": "", "ALLOWED_ORIGINS": " ", "PORT": ""}):
        settings = Settings.read({**environ, "CLIENT_BUNDLE": str(bundle)})
        assert settings.embedded
        assert (settings.host, settings.port, settings.allowed_origins) == ("127.0.0.1", 8000, ())


def test_every_setting_is_read_from_the_variable_of_its_name(tmp_path: Path) -> None:
    """With its type; lists are separated by commas."""
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    settings = Settings.read(
        {
            "REDIS_URL": "rediss+cluster://redis:6380",
            "REDIS_REPLICAS": "2",
            "REDIS_PASSWORD_FILE": str(secret),
            "HOST": "0.0.0.0",
            "PORT": "9000",
            "SOCKETS_FOLDER": "/sockets",
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            "ALLOWED_HOSTS": "chat.example.org, *.example.net",
            "ALLOWED_ORIGINS": "https://a.example,http://b.example:8080",
            "MESSAGE_MAX_CHARS": "100",
            "EDIT_MINUTES": "15",
            "MESSAGES_PER_SECOND": "3",
            "MESSAGES_AT_ONCE": "30",
            "BYTES_PER_SECOND": "900",
            "BYTES_AT_ONCE": "90000",
            "PEOPLE_PER_ADDRESS": "300",
            "KEEP_MESSAGES": "5000",
            "ROOMS_PER_PERSON": "7",
            "ROOMS_IN_ALL": "70",
            "ROOMS_PER_DAY": "10",
            "LOGIN_DAYS": "30",
            "GUESTS": "off",
            "SESSIONS_PER_WORKER": "700",
            "BUFFERS_PER_WORKER": "64m",
            "CONNECTIONS_PER_ADDRESS": "50",
            "PING_INTERVAL_SECONDS": "5",
            "PING_TIMEOUT_SECONDS": "8",
            "DRAIN_SECONDS": "20",
            "NODE_NAME": "b",
            "WEB_REPLICAS": "3",
            "ACCESS_CODE": "open sesame",
            "ADMIN_CODE": "order order",
            "SECRET_KEY": "k" * 32,
            "OIDC_ISSUER": "https://login.example.org/realms/staff",
            "OIDC_CLIENT_ID": "tertulia",
            "OIDC_CLIENT_SECRET": "psst psst",
            "OIDC_NAME": "Example",
            "OIDC_DOMAINS": "Example.org, example.net",
            "OIDC_GROUPS": "staff,guests",
            "OIDC_GROUPS_CLAIM": "roles",
            "OIDC_MODERATORS": "order",
            "OIDC_OWNERS": "boss",
            "FILES_URL": "s3://tertulia/chat",
            "FILES_ENDPOINT": "https://s3.example.org/",
            "FILES_REGION": "eu-central-1",
            "FILES_KEY_ID": "an-id",
            "FILES_KEY": "a key of files",
            "FILE_MAX_BYTES": "5000000000",
            "FILE_KINDS": "image/*, application/pdf",
            "FILES_BYTES_PER_DAY": "6000000000",
            "FILES_BYTES_IN_ALL": "7000000000",
            "TRUSTED_PROXIES": "10.0.0.0/8",
            "CLIENT_BUNDLE": "/nowhere",
        }
    )
    assert dataclasses.astuple(settings) == (
        "rediss+cluster://redis:6380",
        2,
        "hush",
        secret,
        "0.0.0.0",
        9000,
        Path("/sockets"),
        "debug",
        "json",
        ("chat.example.org", "*.example.net"),
        ("https://a.example", "http://b.example:8080"),
        100,
        15,
        3,
        30,
        900,
        90000,
        300,
        5000,
        7,
        70,
        10,
        30,
        700,
        64 << 20,
        50,
        5,
        8,
        20,
        "b",
        3,
        False,
        "open sesame",
        "order order",
        "k" * 32,
        "https://login.example.org/realms/staff",
        "tertulia",
        "psst psst",
        "Example",
        ("example.org", "example.net"),
        ("staff", "guests"),
        "roles",
        ("order",),
        ("boss",),
        "s3://tertulia/chat",
        "https://s3.example.org",
        "eu-central-1",
        "an-id",
        "a key of files",
        5_000_000_000,
        ("image/*", "application/pdf"),
        6_000_000_000,
        7_000_000_000,
        ("10.0.0.0/8",),
        Path("/nowhere"),
    )
    for secret_text in ("hush", "open sesame", "kkk", "psst"):
        assert secret_text not in repr(settings)


def test_a_provider_on_this_machine_may_do_without_tls(bundle: Path) -> None:
    """It is called by its host, unless it has a name."""
    given = {"OIDC_CLIENT_ID": "tertulia", "CLIENT_BUNDLE": str(bundle)}
    for issuer in ("http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000/x"):
        assert Settings.read({**given, "OIDC_ISSUER": issuer}).oidc_issuer == issuer
    named = Settings.read({**given, "OIDC_ISSUER": "http://login.localhost:9000/x"})
    assert named.provider == "login.localhost:9000"


def test_an_issuer_needs_the_id_of_the_client(bundle: Path) -> None:
    with pytest.raises(SettingsError, match=r"^OIDC_CLIENT_ID: .* Example: OIDC_CLIENT_ID=tertulia$"):
        Settings.read({"OIDC_ISSUER": "https://login.example.org", "CLIENT_BUNDLE": str(bundle)})


def test_a_provider_is_a_way_in_for_a_chat_without_guests(bundle: Path) -> None:
    given = {"OIDC_CLIENT_ID": "tertulia", "CLIENT_BUNDLE": str(bundle), "GUESTS": "off"}
    assert not Settings.read({**given, "OIDC_ISSUER": "https://login.example.org"}).guests


def test_without_a_provider_its_libraries_are_not_loaded(bundle: Path) -> None:
    """They take 12 MB of each worker."""
    program = (
        "import sys; from pathlib import Path;"
        " from chat.app import build; from chat.settings import Settings;"
        f" build(Settings(client_bundle=Path({str(bundle)!r})));"
        " sys.exit(not {'authlib', 'joserfc', 'httpx2', 'cryptography.hazmat'}.isdisjoint(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": "web"})
    assert ran.returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis"),
        ("REDIS_URL", "http://redis:6379"),
        ("REDIS_URL", "redis://redis:port"),
        ("REDIS_URL", "redis+cluster://redis-1,"),
        ("REDIS_URL", "redis+cluster://redis-1:6379/1"),
        ("REDIS_URL", "redis+cluster://redis-1,redis://redis-2"),
        ("REDIS_URL", "redis://redis-1:6379,redis-2:6379"),
        ("REDIS_URL", "redis+sentinel://redis-1:26379"),
        ("REDIS_REPLICAS", "1"),
        ("REDIS_REPLICAS", "two"),
        ("REDIS_PASSWORD_FILE", "/no/such/file"),
        ("REDIS_PASSWORD_FILE", "/dev/null"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "8_0"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("ALLOWED_HOSTS", "https://chat.example.org"),
        ("ALLOWED_HOSTS", "chat.*"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "chat.example.org"),
        ("ALLOWED_ORIGINS", "https://chat.example.org/"),
        ("MESSAGE_MAX_CHARS", "0"),
        ("MESSAGE_MAX_CHARS", "1e3"),
        ("EDIT_MINUTES", "-1"),
        ("EDIT_MINUTES", "never"),
        ("ROOMS_PER_PERSON", "0"),
        ("ROOMS_IN_ALL", "many"),
        ("BYTES_AT_ONCE", "39999"),
        ("PING_INTERVAL_SECONDS", "26"),
        ("PING_INTERVAL_SECONDS", "2.5"),
        ("PING_TIMEOUT_SECONDS", "5"),
        ("GUESTS", "no"),
        ("GUESTS", "off"),  # and neither an access code nor moderators: nobody could come in
        ("ACCESS_CODE", "x" * 201),
        ("SECRET_KEY", "too short"),
        ("OIDC_ISSUER", "login.example.org"),
        ("OIDC_ISSUER", "http://login.example.org"),
        ("OIDC_ISSUER", "http://localhost.example.org"),
        ("OIDC_ISSUER", "https://login.example.org/?realm=staff"),
        ("OIDC_ISSUER", "https://ana:secret@login.example.org"),
        ("OIDC_CLIENT_ID", "tertulia"),  # and no issuer
        ("OIDC_CLIENT_ID", "tertúlia"),
        ("OIDC_CLIENT_SECRET", "psst"),
        ("OIDC_CLIENT_SECRET", "¡psst!"),
        ("OIDC_OWNERS", "boss"),
        ("OIDC_DOMAINS", "@example.org"),
    ],
)
def test_a_wrong_value_is_named_with_its_problem_and_an_example(name: str, value: str) -> None:
    """On one line, which can be acted upon."""
    with pytest.raises(SettingsError) as error:
        Settings.read({**REDIS, name: value})
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{name}: ")
    assert f"Example: {name}=" in line


def test_without_the_client_bundle_a_single_process_does_not_start(tmp_path: Path) -> None:
    """Its page would be dead."""
    with pytest.raises(SettingsError, match="CLIENT_BUNDLE: there is no folder"):
        Settings.read({"CLIENT_BUNDLE": str(tmp_path / "missing")})


def test_the_process_stops_at_once_and_names_everything_that_is_wrong() -> None:
    """With exit code 2, and no traceback."""
    environ = {**os.environ, **REDIS, "PORT": "eighty", "LOG_LEVEL": "loud", "PYTHONPATH": "web"}
    run = subprocess.run(
        [sys.executable, "-m", "chat"],
        env=environ,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 2
    assert [line.split(":")[0] for line in run.stderr.splitlines()[1:]] == ["PORT", "LOG_LEVEL"]


@pytest.mark.parametrize(("there", "missing"), [("FILES_KEY_ID", "FILES_KEY"), ("FILES_KEY", "FILES_KEY_ID")])
def test_half_of_a_key_of_files_is_named(bundle: Path, there: str, missing: str) -> None:
    """The half that is set, since that is where one looks."""
    with pytest.raises(
        SettingsError, match=f"^{there}: it is one of a pair with {missing}, which is not set"
    ):
        Settings.read({there: "a", "CLIENT_BUNDLE": str(bundle)})
