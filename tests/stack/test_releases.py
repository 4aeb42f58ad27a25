"""While a release replaces another: whoever opens the page has all of it from one of them."""

import re

import httpx

from tests.support.stack import Stack
from tests.support.waiting import eventually


def test_pages_of_two_releases_get_their_own_files_while_one_replaces_the_other(
    stack: Stack, http: httpx.Client
) -> None:
    """nginx has those of one; a worker of the other release has its own."""
    now = version_of(http.get("/").text)
    script = "cp -r /app /tmp/app && cd /tmp/app && echo '/* next */' >>static/css/base.css && python -m chat"
    run = ("run", "--detach", "--no-deps", "--use-aliases", "--env", "PYTHONPATH=/tmp/app", "--entrypoint")
    other = stack.compose(*run, "/bin/sh", "web", "-c", script).strip()
    try:
        pages = set[str]()

        def both() -> bool:
            pages.add(version_of(http.get("/").text))
            return len(pages) == 2

        eventually(both, what="pages of both releases are served")
        (following,) = pages - {now}
        for version, is_next in ((now, False), (following, True)):
            for _ in range(6):
                answer = http.get(f"/static/{version}/css/base.css")
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
                assert answer.text.endswith("/* next */\n") == is_next
    finally:
        stack.docker.containers.get(other).remove(force=True)
    answer = http.get(f"/static/{following}/css/base.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def version_of(page: str) -> str:
    (found,) = set(re.findall(r"/static/([0-9a-f]{12})/", page))
    return str(found)
