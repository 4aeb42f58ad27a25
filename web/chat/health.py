"""Health over HTTP: `/health` says whether this worker can serve, `/health/live` only that it runs."""

from relay import Relay, RelayServer
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

HEADERS = {"Cache-Control": "no-store"}


def routes(relay: Relay, server: RelayServer) -> list[Route]:
    async def ready(request: Request) -> JSONResponse:
        """200 `{status}` while the worker hears its own probe through Redis and takes new sessions, else 503
        `{status, error, detail}`."""
        if server.draining:
            body = {"status": "draining", "error": "unavailable", "detail": "This worker is about to end."}
            return JSONResponse(body, 503, headers=HEADERS)
        problem = relay.problem()
        if problem is None:
            return JSONResponse({"status": "ok"}, headers=HEADERS)
        body = {"status": "unavailable", "error": "unavailable", "detail": problem}
        return JSONResponse(body, 503, headers=HEADERS)

    async def live(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    return [Route("/health", ready), Route("/health/live", live)]
