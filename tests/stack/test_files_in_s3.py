"""Files in a bucket: workers and nginx ask a program that speaks S3 (moto's server), and browsers don't."""

import subprocess
import sys
from collections.abc import Iterator

import docker
import httpx
import pytest

from tests.conftest import running
from tests.stack.test_files import sharing
from tests.stack.test_put_out import private_room
from tests.support.stack import Stack
from tests.support.uploading import PIECE, upload
from tests.support.waiting import eventually
from tests.unit.chat.files.pictures import picture

PORT = 18096
DATA = bytes(range(256)) * (PIECE // 256 + 100)


def host() -> str:
    """The address of this machine, as containers reach it."""
    network = docker.from_env().networks.get("bridge")
    return str(network.attrs["IPAM"]["Config"][0]["Gateway"])


class StackWithBucket(Stack):
    @property
    def settings(self) -> dict[str, str]:
        bucket = {"FILES_URL": "s3://shared/chat", "FILES_ENDPOINT": f"http://{host()}:{PORT}"}
        return {**super().settings, **bucket, "FILES_KEY_ID": "an-id", "FILES_KEY": "a-key"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a program that speaks S3, with a bucket in it."""
    address = f"http://{host()}:{PORT}"
    command = [sys.executable, "-m", "moto.server", "-H", host(), "-p", str(PORT)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            eventually(lambda: httpx.put(f"{address}/shared").status_code == 200, what="S3 to answer")
            yield address
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def with_bucket(bucket: str) -> Iterator[Stack]:
    with running(StackWithBucket("tertulia-s3", "127.0.0.1:18097")) as stack:
        yield stack


def keys(bucket: str) -> str:
    return httpx.get(f"{bucket}/shared?list-type=2").text


async def test_files_are_in_the_bucket_and_nginx_brings_them(with_bucket: Stack, bucket: str) -> None:
    """With the worker's words, and none of the store's. After the deletion they are in neither."""
    async with sharing(with_bucket) as (ana, http, ben, of_ben):
        room = await private_room(ana, [ben])
        large = await upload(http, room, DATA, "results.bin")
        photo = await upload(http, room, picture("PNG", (1000, 500)), "photo.png")
        said = await ana.asks("message", "", {"room": room, "files": [large, photo], "id": "in-a-bucket"})
        assert said["ok"], said
        found = keys(bucket)
        assert f"chat/files/{room}/{large}/" in found
        assert "uploads/" not in found
        answer = await of_ben.get(f"/files/{room}/{large}")
        assert (answer.status_code, answer.content == DATA) == (200, True)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith('attachment; filename="results.bin"')
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-security-policy"].endswith("sandbox")
        of_the_store = [name for name in answer.headers if name.startswith(("x-amz", "access-control"))]
        assert of_the_store == []
        part = await of_ben.get(f"/files/{room}/{large}", headers={"Range": "bytes=255-257"})
        assert (part.status_code, part.content) == (206, b"\xff\x00\x01")
        head = await of_ben.head(f"/files/{room}/{large}")
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(DATA)))
        assert (await of_ben.get(f"/files/{room}/{photo}")).headers["content-type"] == "image/png"
        thumbnail = await of_ben.get(f"/files/{room}/{photo}/thumbnail")
        assert (thumbnail.status_code, thumbnail.headers["content-type"]) == (200, "image/webp")
        about = {"room": room, "seq": said["seq"], "id": "in-a-bucket"}
        assert (await ana.asks("delete", about))["ok"]
        assert (await of_ben.get(f"/files/{room}/{large}")).status_code == 404
        assert f"chat/files/{room}" not in keys(bucket)
