"""The send buffer of a connection: what its client has not read yet."""

from collections import deque

from relay.delivery.buffers import Buffers, Piece


class SendBuffer:
    """What was written to a connection and not yet taken by the kernel, piece by piece."""

    __slots__ = ("_buffers", "_pieces", "_written")

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self._pieces: deque[tuple[int, Piece]] = deque()  # with how much was written up to its end
        self._written = 0

    def add(self, piece: Piece, unsent: int) -> None:
        """Count a piece that was just written. `unsent`: bytes left of all that was written."""
        self._written = self._written + len(piece.data) if self._pieces else unsent
        self._buffers.hold(piece)
        self._pieces.append((self._written, piece))
        self.settle(unsent)

    def settle(self, unsent: int) -> None:
        """Forget the pieces that the kernel has taken meanwhile. `unsent`: bytes left."""
        sent = self._written - unsent
        while self._pieces and self._pieces[0][0] <= sent:
            self._buffers.release(self._pieces.popleft()[1])

    def forget(self) -> None:
        """Forget all pieces."""
        while self._pieces:
            self._buffers.release(self._pieces.popleft()[1])

    @property
    def held(self) -> float:
        """Bytes of memory that the pieces take."""
        return sum(piece.share for _, piece in self._pieces)
