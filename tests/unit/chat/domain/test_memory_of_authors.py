"""What a worker remembers of the authors whose messages it wrote last."""

import tracemalloc

from chat.domain.messages import Draft
from chat.domain.people import Person


def test_an_author_who_wrote_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        for number in range(500):
            Draft.compose(Person(f"a-{number}", "Ana"), "hello", None, 2000).data()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500 * 1000
