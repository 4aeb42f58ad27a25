"""What all sessions hold together has a bound, and what many hold is counted once."""

import asyncio

import pytest
from relay.delivery.buffers import HOLDING, PIECE, Buffers, Piece
from relay.delivery.frames import Batch, Frame
from relay.transport.large_answers import PIPELINED, LargeAnswers, NotRead
from relay.transport.send_buffer import SendBuffer

from tests.support.waiting import PATIENCE

KIB = 1024


class Session:
    """Holds pieces, until its client is disconnected."""

    def __init__(self, buffers: Buffers, *pieces: Piece) -> None:
        self.buffers, self.pieces = buffers, list(pieces)
        for piece in pieces:
            buffers.hold(piece)

    @property
    def held(self) -> float:
        return sum(piece.share for piece in self.pieces)

    def disconnect_slow_reader(self) -> None:
        for piece in self.pieces:
            self.buffers.release(piece)
        self.pieces = []


def of(size: int) -> Piece:
    return Piece(b"x" * size)


def test_what_many_hold_is_counted_once() -> None:
    """And until the last of them has let go of it."""
    buffers, piece = Buffers(KIB, list), of(KIB)
    for _ in range(10):
        buffers.hold(piece)
    assert buffers.bytes == KIB + PIECE + 10 * HOLDING
    for left in range(9, 0, -1):
        buffers.release(piece)
        assert buffers.bytes == KIB + PIECE + left * HOLDING
    buffers.release(piece)
    assert buffers.bytes == 0


def test_the_fullest_are_disconnected_and_no_more_than_it_takes() -> None:
    """An eighth of the bound is free then, so that the next look at all of them is far."""
    sessions: list[Session] = []
    buffers = Buffers(100 * KIB, lambda: sessions)
    sessions += [Session(buffers, of(size * KIB)) for size in (30, 10, 20, 35)]
    buffers.relieve()
    assert all(session.pieces for session in sessions)
    sessions.append(Session(buffers, of(5 * KIB)))
    buffers.relieve()
    assert [bool(session.pieces) for session in sessions] == [True, True, True, False, True]
    assert buffers.bytes <= 100 * KIB * 7 / 8


def test_who_holds_what_others_hold_too_is_not_the_fullest() -> None:
    """Cutting them would free nothing."""
    sessions: list[Session] = []
    buffers = Buffers(100 * KIB, lambda: sessions)
    news = of(40 * KIB)
    sessions += [Session(buffers, news) for _ in range(20)]
    sessions += [Session(buffers, of(30 * KIB)) for _ in range(2)]
    buffers.relieve()
    assert all(session.pieces for session in sessions[:20])
    assert not all(session.pieces for session in sessions[20:])


def test_what_only_one_session_has_counts_too() -> None:
    """More of it may be too much; less of it never is, and then nobody is looked at."""
    looks = []
    session = Session(Buffers(0, list))

    def holders() -> list[Session]:
        looks.append(buffers.bytes)
        return [session]

    buffers = Buffers(100 * KIB, holders)
    session.buffers, session.pieces = buffers, [of(60 * KIB)]
    buffers.hold(session.pieces[0])
    buffers.change(30 * KIB)
    assert looks == []
    buffers.change(20 * KIB)
    assert len(looks) == 1
    assert session.pieces == []
    buffers.bytes = 200 * KIB
    buffers.change(-KIB)
    assert len(looks) == 1


def test_what_the_kernel_took_is_not_counted() -> None:
    """Piece by piece, in the order in which they were written."""
    buffers = Buffers(KIB, list)
    unread = SendBuffer(buffers)
    unread.add(of(100), 60)
    unread.add(of(50), 110)
    assert buffers.bytes == 150 + 2 * (PIECE + HOLDING)
    unread.settle(51)
    assert buffers.bytes == 150 + 2 * (PIECE + HOLDING)
    unread.settle(50)
    assert buffers.bytes == 50 + PIECE + HOLDING
    unread.settle(0)
    assert (buffers.bytes, unread.held) == (0, 0)
    unread.add(of(100), 10)
    unread.forget()
    assert buffers.bytes == 0


def test_what_the_kernel_took_at_once_is_never_counted() -> None:
    buffers = Buffers(KIB, list)
    sent = SendBuffer(buffers)
    sent.add(of(100), 0)
    assert (buffers.bytes, sent.held) == (0, 0)


async def test_the_next_large_answer_is_made_when_the_last_one_is_ready() -> None:
    """The client has read everything, so nothing it reads says so."""
    large_answers, made = LargeAnswers(), []

    async def make(name: str) -> None:
        async with large_answers.make(lambda: 0):
            await asyncio.sleep(0)
            made.append(name)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(make(name) for name in "abc"))
    assert made == ["a", "b", "c"]


def test_a_frame_is_in_memory_once() -> None:
    """What a poll is answered with is a part of what a WebSocket gets."""
    frame = Frame.event(b'["said"]')
    assert Batch([frame]).data is frame.data
    assert not [name for name in Frame.__slots__ if isinstance(getattr(frame, name), bytes)]


async def test_a_large_answer_waits_until_the_last_ones_are_read() -> None:
    """And until another of the same session is made."""
    reading, unsent, made = LargeAnswers(), [PIPELINED + 1], []

    async def make(name: str) -> None:
        async with reading.make(lambda: unsent[0]):
            await asyncio.sleep(0)
            made.append(name)
            unsent[0] += PIPELINED + 1

    making = [asyncio.create_task(make(name)) for name in "ab"]
    await asyncio.sleep(0)
    assert made == []
    for expected in (1, 2):
        unsent[0] = 0
        reading.wake()
        async with asyncio.timeout(5):
            while len(made) < expected:
                await asyncio.sleep(0)
        assert len(made) == expected
    await asyncio.gather(*making)


async def test_who_does_not_read_is_told_so_and_next_time_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until something was read."""
    monkeypatch.setattr("relay.transport.large_answers.READ_TIMEOUT", 0.01)
    reading = LargeAnswers()
    for _ in range(2):
        with pytest.raises(NotRead):
            async with reading.make(lambda: PIPELINED + 1):
                pass
        monkeypatch.setattr("relay.transport.large_answers.READ_TIMEOUT", 3600)
    async with reading.make(lambda: PIPELINED):
        pass
