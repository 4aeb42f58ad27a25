"""Files as people bring them: pictures, and what a browser makes of what is dropped or pasted."""

import base64
import struct
import zlib
from typing import Any, TypedDict

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.visitors import Visitor

MADE = """(files) => {
  const brought = new DataTransfer();
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
    brought.items.add(new File([bytes], name, { type }));
  }
  return brought;
}"""
PASTE = """(field, clipboardData) =>
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))"""


class Given(TypedDict):
    """A file as Playwright takes it."""

    name: str
    mimeType: str
    buffer: bytes


def picture(name: str, width: int = 640, height: int = 400, grey: int = 120) -> Given:
    """A grey picture, as a PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = (b"\0" + bytes([grey]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
    return {"name": name, "mimeType": "image/png", "buffer": png}


def document(name: str, size: int = 20_000) -> Given:
    """Something that is only some bytes to the chat."""
    return {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + b"x" * (size - 9)}


def picks(person: Visitor, *files: Given) -> None:
    """By the button and the browser's own dialog."""
    with person.page.expect_file_chooser() as chosen:
        person.page.get_by_role("button", name="Attach files").click()
    chosen.value.set_files(list(files))


def drops(person: Visitor, *files: Given) -> None:
    """Onto the room."""
    brought = _brought(person.page, files)
    for event in ("dragenter", "dragover", "drop"):
        person.page.dispatch_event("#room", event, {"dataTransfer": brought})


def pastes(person: Visitor, *files: Given) -> None:
    """Into the field."""
    person.message.evaluate(PASTE, _brought(person.page, files))


def waiting(person: Visitor) -> Locator:
    """The files that wait beside the field."""
    return person.page.locator(".tray .chip")


def sees_ready(person: Visitor, *names: str) -> None:
    """Exactly these wait beside the field, and have arrived."""
    expect(person.page.locator(".tray .chip[data-state=done] bdi")).to_have_text(list(names))


def sees_pictures(person: Visitor, *names: str) -> None:
    """Exactly these are shown in the room, and have come."""
    images = person.log.locator(".picture img")
    expect(images).to_have_count(len(names))
    for image, name in zip(images.all(), names, strict=True):
        expect(image).to_have_attribute("alt", name)
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("(image) => image.naturalWidth") > 0, name


def hold_pieces(person: Visitor) -> list[Route]:
    """From now on no piece of a file goes on. Returns those that wait."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if route.request.method == "PATCH" else route.fallback()

    person.context.route("**/uploads/**", hold)
    return held


def _brought(page: Page, files: tuple[Given, ...]) -> Any:
    made = [
        {
            "name": file["name"],
            "type": file["mimeType"],
            "data": base64.b64encode(file["buffer"]).decode(),
        }
        for file in files
    ]
    return page.evaluate_handle(MADE, made)
