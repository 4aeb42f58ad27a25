"""The WebSocket protocol under uvicorn: bad input closes the connection in one line of log at most, without a
traceback."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 33\r\nconnection: close\r\n\r\n"
    b"The request headers are too large"
)


class RelayWebSocket(WebSocketsSansIOProtocol):
    """Given to uvicorn as `ws=`."""

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
