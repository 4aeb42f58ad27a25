"""Health over HTTP: `/health` says whether this worker can serve, `/health/live` only that it runs."""

from relay import LocalManager, RelayManager
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

HEADERS = {"Cache-Control": "no-store"}
CHECKS = ("redis", "bus")


def routes(manager: LocalManager | RelayManager) -> list[Route]:
    async def ready(request: Request) -> JSONResponse:
        """200 or 503, `{status, checks: {redis, bus}}`, each `ok` or its fault; a single process has none."""
        if isinstance(manager, LocalManager):
            return JSONResponse({"status": "ok", "checks": {}}, headers=HEADERS)
        faults = await manager.faults()
        checks = {check: faults.get(check, "ok") for check in CHECKS}
        if not faults:
            return JSONResponse({"status": "ok", "checks": checks}, headers=HEADERS)
        detail = "; ".join(f"{check}: {fault}" for check, fault in faults.items())
        body = {"status": "unavailable", "error": "unavailable", "detail": detail, "checks": checks}
        return JSONResponse(body, 503, headers=HEADERS)

    async def live(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    return [Route("/health", ready), Route("/health/live", live)]
