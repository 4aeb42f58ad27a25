"""TLS: the certificate is valid, names the host, and does so for a while yet."""

import asyncio
import ssl
import time

from doctor.address import PATIENCE, Address, tls_context
from doctor.findings import Finding, look, ok, unknown, wrong

RENEWED_DAYS = 14
"""Authorities that renew by themselves do it 30 days before the end: with fewer days left it failed."""

FAILURES = {
    9: ("is not valid yet", "Look at this machine's clock, and at the certificate's first day."),
    10: ("has expired", "Renew it, let the proxy load it, and find out why that was not done by itself."),
    18: ("is signed by itself", "Use one of an authority that browsers know, such as Let's Encrypt."),
    62: ("is for another name", "Get one for this very host, or use the address it was made for."),
    64: ("is for another address", "Get one for this very address, or use the name it was made for."),
}
UNKNOWN_AUTHORITY = (
    "is signed by an authority that this machine does not know, or comes without its chain",
    "Let the proxy send the whole chain. If the authority is your own, name its file in SSL_CERT_FILE.",
)


async def certificate(address: Address) -> Finding:
    """Shake hands as a browser does. What is no fault of the certificate is left to others to say."""
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(
                address.host, address.port, ssl=tls_context(verify=True), server_hostname=address.host
            )
            found = writer.get_extra_info("peercert")
            version = writer.get_extra_info("ssl_object").version()
            writer.transport.abort()
    except ssl.SSLCertVerificationError as error:
        return judge_failure(address.host, error.verify_code)
    except (OSError, TimeoutError) as error:
        return unknown("certificate", f"no TLS connection ({type(error).__name__})")
    return judge_expiry(ssl.cert_time_to_seconds(found["notAfter"]), time.time(), version)


def judge_failure(host: str, code: int) -> Finding:
    """`code`: OpenSSL's reason for not trusting it, an X509_V_ERR number."""
    what, advice = FAILURES.get(code, UNKNOWN_AUTHORITY)
    return wrong("certificate", f"the certificate shown for {host} {what}; browsers refuse it", advice)


def judge_expiry(ends: float, now: float, version: str | None) -> Finding:
    """Seconds since 1970 at which a certificate ends that is trusted now, and the version of TLS."""
    days = int((ends - now) // 86_400)
    said = f"valid for this host, for {days} more days, over {version or 'TLS'}"
    if days < RENEWED_DAYS:
        return look(
            "certificate",
            f"{said}; expected at least {RENEWED_DAYS} days",
            "Renew it now, and find out why that was not done by itself.",
        )
    return ok("certificate", said)
