"""A certificate authority of the tests' own, made with openssl, and the certificates it signs."""

import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMES = "DNS:localhost,DNS:chat.test,IP:127.0.0.1"
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
# Python asks for both since 3.13.
IDENTIFIERS = ("-addext", "subjectKeyIdentifier=hash", "-addext", "authorityKeyIdentifier=keyid")


@dataclass(frozen=True)
class Pair:
    """A certificate with those between it and the authority, and its key; both PEM."""

    chain: bytes
    key: bytes

    @property
    def files(self) -> dict[str, bytes]:
        return {"fullchain.pem": self.chain, "privkey.pem": self.key}


class Authority:
    def __init__(self, folder: Path) -> None:
        """Made in this folder, or found there; `certificate` is what clients have to trust."""
        self._folder = folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        if not self.certificate.exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._openssl(
                *("-subj", "/CN=Tertulia's tests", "-days", "30"),
                *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"),
                *("-keyout", str(self._key), "-out", str(self.certificate)),
            )

    @property
    def trust(self) -> ssl.SSLContext:
        """For clients that trust nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def signs(self, name: str = "chat.test", valid: tuple[str, ...] = ("-days", "20")) -> Pair:
        """A new certificate for `NAMES`, with a new key. `valid`: openssl's options."""
        chain, key = self._folder / "leaf.pem", self._folder / "leaf.key"
        self._openssl(
            *("-CA", str(self.certificate), "-CAkey", str(self._key), "-subj", f"/CN={name}", *valid),
            *("-addext", f"subjectAltName={NAMES}", "-addext", "basicConstraints=critical,CA:FALSE"),
            *("-addext", "extendedKeyUsage=serverAuth", "-keyout", str(key), "-out", str(chain)),
        )
        return Pair(chain.read_bytes(), key.read_bytes())

    def _openssl(self, *arguments: str) -> None:
        command = ["openssl", "req", "-x509", *NEW_KEY, *IDENTIFIERS, *arguments]
        subprocess.run(command, check=True, capture_output=True)


def trusted_by_chromium(certificate: Path, database: Path = Path("~/.pki/nssdb")) -> None:
    """Let Chromium trust an authority, for this user; it does not ask OpenSSL's environment."""
    folder = database.expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    certutil = ["certutil", "-d", f"sql:{folder}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "tests", "-i", str(certificate)], check=True)


if __name__ == "__main__":
    trusted_by_chromium(Authority(Path(sys.argv[1])).certificate)
