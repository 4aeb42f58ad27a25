"""The WebSocket protocol under uvicorn: it lets the application write to the connection itself, and bad input
closes it in one line of log at most, without a traceback."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "relay.websocket"
"""Where the application finds the protocol in `scope["extensions"]`."""

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 33\r\nconnection: close\r\n\r\n"
    b"The request headers are too large"
)


class RelayWebSocket(WebSocketsSansIOProtocol):
    """Given to uvicorn as `ws=`."""

    async def run_asgi(self) -> None:
        """Extends WebSocketsSansIOProtocol.run_asgi: hands the protocol to the application."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Write whole frames, after all that was written before, unless the connection is being closed."""
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.write(frames)

    def pause_writing(self) -> None:
        """Replaces WebSocketsSansIOProtocol.pause_writing, which has the application wait for a slow reader;
        here it looks at `unsent`, and never waits."""

    def send_receive_event_to_app(self) -> None:
        """Extends WebSocketsSansIOProtocol.send_receive_event_to_app, which logs a traceback for text that is
        not UTF-8."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def data_received(self, data: bytes) -> None:
        """Extends WebSocketsSansIOProtocol.data_received, which leaves a connection open, unanswered and
        unwatched when its handshake has more or longer headers than `websockets` reads."""
        super().data_received(data)
        if self.conn.handshake_exc and not self.handshake_initiated:
            self.transport.write(TOO_LARGE)
            self.transport.close()
