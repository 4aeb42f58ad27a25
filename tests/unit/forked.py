"""Tests on several processes that are forked when all tests have been found. To find them takes 4 s of a
processor, which each process would otherwise take by itself. Hooks of pytest, asked for
by `--processes 8`."""

import gc
import multiprocessing
import traceback
from collections.abc import Iterator, Mapping
from itertools import groupby
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MARKER = "one_process"
CONTEXT = multiprocessing.get_context("fork")


class Turns:
    """The numbers of the tests, each of which one process takes, with those that are to be together."""

    def __init__(self, items: list[pytest.Item]) -> None:
        def together(at: int) -> object:
            return items[at].path if items[at].get_closest_marker(MARKER) else at

        self._turns = [list(numbers) for _, numbers in groupby(range(len(items)), together)]
        self._next = CONTEXT.Value("l", 0)

    def take(self) -> Iterator[int]:
        """The next ones, until there are no more."""
        while True:
            with self._next.get_lock():
                taken = self._next.value
                self._next.value += 1
            if taken >= len(self._turns):
                return
            yield from self._turns[taken]

    def end(self) -> None:
        """Nobody takes another."""
        with self._next.get_lock():
            self._next.value = len(self._turns)


class Notes:
    """Keeps what is reported of a test, in a form that can be sent."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.reports: list[Mapping[str, Any] | None] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        self.reports.append(hook.pytest_report_to_serializable(config=self._config, report=report))


class Forked:
    """A process that runs tests, as the one that found them sees it."""

    def __init__(self, session: pytest.Session, number: int, turns: Turns) -> None:
        self.reading, writing = CONTEXT.Pipe(duplex=False)
        self._process = CONTEXT.Process(target=_run, args=(session, number, turns, writing))
        self._process.start()
        writing.close()
        self._config = session.config
        self._items = session.items
        self._running = 0
        self._ended_well = False
        self._traceback = ""

    def hear(self) -> list[pytest.TestReport]:
        """The reports of a test; none yet where one begins, or where the process fails by itself. Raises
        EOFError at the end."""
        heard = self.reading.recv()
        if heard is None:
            self._ended_well = True
            raise EOFError
        if isinstance(heard, int):
            self._running = heard
            return []
        if isinstance(heard, str):
            self._traceback = heard
            return []
        read = self._config.hook.pytest_report_from_serializable
        return [read(config=self._config, data=each) for each in heard]

    def end(self) -> None:
        self._process.terminate()
        self._process.join()

    def failures(self) -> list[pytest.TestReport]:
        """A failure of the test that ran last, if the process has not ended well. The test that it had
        taken besides is not run."""
        if self._ended_well:
            return []
        self._process.join()
        said = f"The process of this test ended with {self._process.exitcode}, before, in or after it."
        return [_failure(self._items[self._running], f"{said}\n{self._traceback}")]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=0, help="run the tests on so many forked processes")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}: tests of a file that share what takes long to start")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Where no processes are asked for, or there is nothing to run, pytest's own loop does the rest."""
    processes: int = session.config.getoption("processes")
    if not processes or session.testsfailed or session.config.getoption("collectonly"):
        return None
    _run_on(processes, session)
    return True


def _run_on(processes: int, session: pytest.Session) -> None:
    """Run the tests that were found. Raises Failed and Interrupted of pytest.Session as pytest's own loop
    does."""
    _folders_of(session.config).getbasetemp()  # made here, or each process would make its own beside it
    turns, told = Turns(session.items), set[str]()
    forked = [Forked(session, number, turns) for number in range(processes)]
    try:
        for reports in _heard(forked):
            told.add(reports[0].nodeid)
            _tell(session.config.hook, reports)
            if session.shouldfail or session.shouldstop:
                turns.end()
    finally:
        for each in forked:
            each.end()
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    for item in session.items:
        if item.nodeid not in told:
            _tell(session.config.hook, [_failure(item, "Not run: the process that had taken it ended.")])


def _failure(item: pytest.Item, why: str) -> pytest.TestReport:
    return pytest.TestReport(item.nodeid, item.location, {}, "failed", why, "call")


def _heard(forked: list[Forked]) -> Iterator[list[pytest.TestReport]]:
    """The reports of each test, until all processes have ended."""
    listening = {each.reading: each for each in forked}
    while listening:
        for ready in wait(list(listening)):
            assert isinstance(ready, Connection)
            try:
                reports = listening[ready].hear()
            except EOFError:
                reports = listening.pop(ready).failures()
            if reports:
                yield reports


def _tell(hook: Any, reports: list[pytest.TestReport]) -> None:
    """Report a test as if it had run in this process."""
    about = {"nodeid": reports[0].nodeid, "location": reports[0].location}
    hook.pytest_runtest_logstart(**about)
    for report in reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(**about)


def _run(session: pytest.Session, number: int, turns: Turns, telling: Connection) -> None:
    """What a forked process does. Why it fails, outside of any test, is told: what it prints is captured."""
    try:
        _run_turns(session, number, turns, telling)
    except BaseException:
        telling.send(traceback.format_exc())
        raise


def _run_turns(session: pytest.Session, number: int, turns: Turns, telling: Connection) -> None:
    config = session.config
    _be_apart(config, number)
    notes = Notes(config)
    config.pluginmanager.register(notes)
    numbers = turns.take()
    taken = next(numbers, None)
    while taken is not None:
        telling.send(taken)
        item, taken = session.items[taken], next(numbers, None)
        following = None if taken is None else session.items[taken]
        config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        telling.send(notes.reports)
        notes.reports = []
    # Looks for what was left open, as at the end of any process that runs tests.
    config.hook.pytest_unconfigure(config=config)
    telling.send(None)


def _folders_of(config: Any) -> Any:
    """What makes the tests' folders."""
    return config._tmp_path_factory


def _be_apart(config: Any, number: int) -> None:
    """Print nothing, and share no file with the other processes."""
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    capture = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    folders = _folders_of(config)
    folders._basetemp = folders.getbasetemp() / f"process-{number}"
    folders._basetemp.mkdir()
    # What was found stays: to look through it for garbage takes 0.2 s each time. Hypothesis asks the garbage
    # collector who refers to what it manages, and is not told of what is frozen.
    _begin_hypothesis()
    gc.freeze()


# This module is read before the tests' own settings are, and the tree may be read-only.
@settings(database=None)
@given(st.none())
def _begin_hypothesis(_: None) -> None: ...
