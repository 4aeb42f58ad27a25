"""Health over HTTP: `/health` says whether this worker can serve, `/health/live` only that it runs.

Everybody may ask, so the answer is in our own words. What Redis says, or its client, is in the log.
"""

import logging

from relay import Relay, RelayServer
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

logger = logging.getLogger(__name__)

HEADERS = {"Cache-Control": "no-store"}


def routes(relay: Relay, server: RelayServer) -> list[Route]:
    logged = False

    async def ready(request: Request) -> JSONResponse:
        """200 `{status, detail?}` while the worker receives its own probe through Redis and takes new
        sessions; else 503 `{status, error, detail}`. One that hears itself through some shards of a cluster
        is ready, since no other worker would be readier; `detail` says that some are away, or that slots or
        replicas are lacking."""
        nonlocal logged
        if server.draining:
            body = {"status": "draining", "error": "unavailable", "detail": "This worker is about to end."}
            return JSONResponse(body, 503, headers=HEADERS)
        problem, away, lacks = relay.problem(), relay.away(), relay.lacks()
        if problem is None and not away and not lacks:
            logged = False
            return JSONResponse({"status": "ok"}, headers=HEADERS)
        if not logged and (problem or away):  # once an outage; what is lacking is in the log already
            logger.warning("Not ready: %s", problem or f"for rooms whose shard is away: {', '.join(away)}")
            logged = True
        if problem is None:
            detail = f"Redis is away for some rooms ({len(away)} of its shards). The log says which."
            if not away:
                detail = (
                    "Some rooms take no messages: the cluster lacks slots or replicas. The log says more."
                )
            return JSONResponse({"status": "ok", "detail": detail}, headers=HEADERS)
        detail = "Redis does not answer this worker. Its log says more."
        body = {"status": "unavailable", "error": "unavailable", "detail": detail}
        return JSONResponse(body, 503, headers=HEADERS)

    async def live(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    return [Route("/health", ready), Route("/health/live", live)]
