"""The part of the composition root that is about files, and is there only where there may be any."""

from collections.abc import Callable, Coroutine
from typing import NamedTuple

from relay import Relay
from starlette.routing import BaseRoute

from chat.files.attachments import Attachments
from chat.files.byte_quotas import ByteQuotas
from chat.files.collector import Collector
from chat.files.stored import Bucket, FileStore
from chat.files.uploads import Uploads
from chat.http.callers import Callers
from chat.http.files import FileRoutes
from chat.http.uploads import UploadRoutes
from chat.rooms.file_access import FileAccess
from chat.settings import Settings


class FileSharing(NamedTuple):
    """`routes`: its addresses; `attachments`: the files of messages; `run()` collects what
    nobody needs, until cancelled; `close()` removes what goes with the process."""

    routes: list[BaseRoute]
    attachments: Attachments
    run: Callable[[], Coroutine[None, None, None]]
    close: Callable[[], None]


def build(settings: Settings, relay: Relay, callers: Callers, access: FileAccess) -> FileSharing:
    """Return it, for settings that have files."""
    bucket = Bucket(
        settings.files_endpoint,
        settings.files_region,
        settings.files_key_id,
        settings.files_key or "",
    )
    store = FileStore(settings.files_url, bucket)
    quotas = ByteQuotas(
        relay.records,
        settings.files_bytes_per_day,
        settings.people_per_address,
        settings.files_bytes_in_all,
    )
    attachments = Attachments(relay.log, relay.records, store, quotas)
    uploads = Uploads(relay.records, store, quotas, settings.file_max_bytes, settings.file_kinds)
    collector = Collector(relay.store, relay.records, store, attachments, quotas)
    files = FileRoutes(callers, access, attachments, store, nginx=not settings.embedded)
    return FileSharing(
        [*UploadRoutes(callers, access, uploads, settings.file_max_bytes).routes, *files.routes],
        attachments,
        collector.run,
        store.close,
    )
