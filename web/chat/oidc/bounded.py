"""The way to the provider, bounded in time and size."""

import asyncio

import httpx2

PATIENCE = 5.0
"""Seconds within which an answer has to be there as a whole."""
MOST_BYTES = 256 * 1024
"""Bytes of an answer. The largest that there is, some providers' keys with certificates, is a tenth of it."""


class Bounded(httpx2.AsyncBaseTransport):
    """Reads each answer to its end. Redirects are not followed, by the default of httpx2."""

    def __init__(self) -> None:
        self._http = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Replaces that of AsyncBaseTransport. Raises httpx2.TransportError."""
        request.headers["Accept-Encoding"] = "identity"  # what is compressed may grow without a bound
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._http.handle_async_request(request)
                try:
                    body = await _read(answer)
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no whole answer within {PATIENCE:g} s") from None
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.ReadError("the answer is compressed")
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body, request=request)

    async def aclose(self) -> None:
        """Replaces that of AsyncBaseTransport."""
        await self._http.aclose()


async def _read(answer: httpx2.Response) -> bytes:
    body = b""
    assert isinstance(answer.stream, httpx2.AsyncByteStream)
    async for chunk in answer.stream:
        body += chunk
        if len(body) > MOST_BYTES:
            raise httpx2.ReadError(f"the answer is larger than {MOST_BYTES} bytes")
    return body
