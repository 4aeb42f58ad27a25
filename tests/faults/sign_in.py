"""Signing in, as a browser does it."""

from http import HTTPStatus

import aiohttp


async def sign_in(http: aiohttp.ClientSession, url: str, name: str) -> None:
    """Get a cookie for a new person with this name into the session's jar. Raises aiohttp.ClientError, and
    TimeoutError after 5 s."""
    http.cookie_jar.clear()
    answer = await http.post(
        f"{url}/sign-in",
        data={"name": name},
        headers={"Origin": url},
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(5),
    )
    if answer.status != HTTPStatus.SEE_OTHER:
        raise aiohttp.ClientError(f"signing in was answered {answer.status}")
