"""`make doctor` finds nothing wrong with TLS in front of a stack that is told of it, and names what is."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.doctor.diagnosis import FAR, TLS, doctor
from tests.stack.doctor.proxies import tls_proxy
from tests.support.stack import Stack


@pytest.fixture(scope="module")
def trusting(whole_stack: Stack) -> Iterator[Stack]:
    """A stack that believes the proxy on this machine."""
    up = "up", "--detach", "--wait", "--wait-timeout", "300"
    whole_stack.mend()
    whole_stack.compose(*up, TRUSTED_PROXIES="host")
    whole_stack.wait_until_routed()
    yield whole_stack
    whole_stack.compose(*up)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates that trust themselves: a good one, one that expired, and one for another address."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, address, last in (
        ("good", "127.0.0.1", ("-days", "100")),
        ("other", "127.0.0.2", ("-days", "100")),
        ("expired", "127.0.0.1", ("-not_before", "20230101000000Z", "-not_after", "20230201000000Z")),
    ):
        subprocess.run(
            [
                *(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                ),
                *("-subj", "/CN=chat", "-addext", f"subjectAltName=IP:{address}", *last),
                *("-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"),
            ],
            check=True,
            capture_output=True,
        )
    return folder


async def test_tls_in_front_that_is_well(trusting: Stack, certificates: Path) -> None:
    """The address is seen to lead to the containers here, hence all is checked."""
    async with tls_proxy(trusting, certificates, "good") as proxy:
        trusted = {"SSL_CERT_FILE": str(certificates / "good.pem"), "TRUSTED_PROXIES": "host"}
        found = await doctor(trusting, proxy.url, **trusted)
    assert (found.wrong, found.status) == ({}, 0)
    assert "for 99 more days" in found.named("ok")["certificate"]
    assert {"WebSocket", "appendfsync"} <= found.named("ok").keys()
    assert "hsts" in found.named("look", "ok")


@pytest.mark.parametrize(
    ("name", "said"),
    [("expired", "has expired"), ("other", "is for another"), ("good", "is signed by itself")],
)
async def test_a_certificate_that_browsers_refuse(
    trusting: Stack, certificates: Path, name: str, said: str
) -> None:
    trusted = {"SSL_CERT_FILE": str(certificates / f"{name}.pem")} if name != "good" else {}
    async with tls_proxy(trusting, certificates, name) as proxy:
        found = await doctor(trusting, proxy.url, **FAR, **trusted)
    assert list(found.wrong) == ["certificate"], "what is behind it was looked at all the same"
    assert said in found.wrong["certificate"]


@pytest.mark.skipif(TLS, reason="with TLS of its own the stack need not believe anybody about the scheme")
async def test_a_proxy_in_front_that_nobody_named(well: Stack, certificates: Path) -> None:
    """What it says of the scheme is not believed, and browsers get no connection."""
    async with tls_proxy(well, certificates, "good") as proxy:
        found = await doctor(well, proxy.url, **FAR, SSL_CERT_FILE=str(certificates / "good.pem"))
    assert {"cookie", "origins"} <= found.wrong.keys()
    assert "TRUSTED_PROXIES" in found.printed
