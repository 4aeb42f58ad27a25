"""Where files lie: a folder, or a bucket of S3 and what is like it. One module over `obstore`.

A key is a path of lower-case letters, digits, hyphens, dots and slashes, which the server makes. Nothing that
somebody typed is ever part of one. What is put is there whole or not at all.
"""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
"""Bytes that are read at once."""
PART = 5 << 20
"""Bytes of a part of what is put. S3 takes no smaller ones but the last. To a folder they are `CHUNK`."""
SIGNED = timedelta(seconds=60)
"""For how long a signed address is good. A download that has begun goes on."""
PATIENCE = timedelta(seconds=30)
"""Within which S3 has to answer, with what is tried again."""


class StoreUnavailable(Exception):
    """The store does not answer, or does not do what was asked. Its own words are in the message."""


class Missing(StoreUnavailable):
    """There is nothing under the key."""


class Stored(NamedTuple):
    """`size` in bytes; `at`: when it was put."""

    key: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Bucket:
    """How a bucket is reached. `endpoint`: of what is not Amazon's; empty: Amazon's in that region."""

    endpoint: str = ""
    region: str = "us-east-1"
    key_id: str = ""
    key: str = ""


class FileStore:
    """Nothing is made or asked before it is used first."""

    def __init__(self, url: str | None, bucket: Bucket | None = None) -> None:
        """`url`: `file:///folder` or `s3://bucket/prefix`; None: a folder that goes with the process."""
        self._url = url
        self._bucket = bucket or Bucket()
        self._passing = ""
        self.is_folder = url is None or url.startswith("file:")
        """Whether the files lie on this machine."""

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        if self._url is None:
            self._passing = mkdtemp(prefix="tertulia-")
            return _folder(self._passing)
        return _folder(urlsplit(self._url).path) if self.is_folder else _in_bucket(self._url, self._bucket)

    def close(self) -> None:
        """Remove the folder that goes with the process, if there is one."""
        if self._passing:
            rmtree(self._passing, ignore_errors=True)

    async def put(self, key: str, chunks: AsyncIterable[bytes], type: str = "") -> int:
        """Keep what comes, and return how many bytes that were. `type`: with which the store answers, if it
        answers over HTTP. Raises StoreUnavailable, and what `chunks` raises: then nothing is kept."""
        size = 0
        failed: BaseException | None = None

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size, failed
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    yield chunk
            except BaseException as error:
                failed = error
                raise

        attributes = {"Content-Type": type} if type and not self.is_folder else None
        try:
            await obstore.put_async(
                self._store,
                key,
                counted(),
                attributes=attributes,
                chunk_size=CHUNK if self.is_folder else PART,
                max_concurrency=1,
            )
        except Exception as error:
            if failed is not None:
                raise failed from None
            raise _unavailable(error) from error
        return size

    async def chunks(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Return what is kept, or its bytes from `start` to before `end`. Raises Missing, and
        StoreUnavailable."""
        try:
            if end is None:
                found = await obstore.get_async(self._store, key)
            else:
                found = await obstore.get_async(self._store, key, options={"range": (start, end)})
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def size(self, key: str) -> int:
        """Return how many bytes are kept. Raises Missing, and StoreUnavailable."""
        try:
            return int((await obstore.head_async(self._store, key))["size"])
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete what there is of these. Raises StoreUnavailable."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise _unavailable(error) from error

    async def list(self, prefix: str) -> AsyncIterator[Stored]:
        """Return all whose keys begin with this path. Raises StoreUnavailable."""
        try:
            async for page in obstore.list(self._store, prefix=prefix, chunk_size=500):
                for each in page:
                    yield Stored(each["path"], each["size"], each["last_modified"])
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def remove_begun(self, seconds: float) -> None:
        """Remove what was begun in a folder so many seconds ago or earlier, by a process that ended before it
        was whole. In a bucket that is a rule of the bucket's; see docs/operating.md."""
        if self.is_folder:
            await asyncio.to_thread(_remove_begun, Path(self._store.prefix or "/"), time() - seconds)

    async def signed(self, key: str, method: str) -> str:
        """Return the address at which the store answers to whoever asks by this method, for a minute. Only
        for a store that has addresses. Raises StoreUnavailable."""
        assert isinstance(self._store, S3Store)
        try:
            return await obstore.sign_async(self._store, "HEAD" if method == "HEAD" else "GET", key, SIGNED)
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error


def _folder(path: str) -> LocalStore:
    return LocalStore(path, automatic_cleanup=True, mkdir=True)


def _remove_begun(folder: Path, before: float) -> None:
    # What is not whole yet has a number behind a # (obstore), and no key has one.
    for each in folder.rglob("*#*"):
        with suppress(FileNotFoundError):
            if each.stat().st_mtime < before:
                each.unlink()


def _in_bucket(url: str, bucket: Bucket) -> S3Store:
    parts = urlsplit(url)
    config: S3Config = {"region": bucket.region}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    if bucket.key_id:
        config |= {"access_key_id": bucket.key_id, "secret_access_key": bucket.key}
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={"allow_http": bucket.endpoint.startswith("http://"), "timeout": PATIENCE},
        retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
    )


def _unavailable(error: BaseException) -> StoreUnavailable:
    logger.warning("The files can't be reached: %s", repr(error)[:500])
    if isinstance(error, FileNotFoundError):
        return Missing("There is no such file.")
    return StoreUnavailable("The files can't be reached.")
