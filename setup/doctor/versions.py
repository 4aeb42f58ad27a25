"""Versions: what runs is what this repository names, and the page and its files are of one release."""

import json
import re
from collections.abc import Mapping

from chat.http.static import version

from doctor.engine import REPOSITORY, EngineSilent, Stack, inside
from doctor.findings import Finding, look, ok, skipped, unknown, wrong
from doctor.visit import Visit

UPDATE = "`make up` builds and starts what this folder holds; on a Swarm, `make images` and a deploy do."
HERE = "none runs on this host"
PACKAGES = (
    "import importlib.metadata as m, json; from chat.http.static import version;"
    " print(json.dumps([version(),"
    " {d.name.lower().replace('_', '-'): d.version for d in m.distributions()}]))"
)


async def page_files(visit: Visit) -> Finding:
    """The page names its files by their version, and what answers for them holds that very version."""
    name = "page and files"
    async with visit.http() as http:
        page = (await http.get("/", follow_redirects=True)).text
        found = re.search(r"/static/([0-9a-f]{12})/[\w./-]+", page)
        if not found:
            return unknown(name, "the page names no files under /static", "Look at what answers there.")
        answer = await http.get(found[0])
    return judge_page_files(found[1], answer.status_code, answer.headers.get("cache-control", ""))


def judge_page_files(version: str, status: int, cache: str) -> Finding:
    """How a file under the page's version was answered."""
    name = "page and files"
    if status == 200 and "immutable" in cache:
        return ok(name, f"both are of version {version}")
    if status == 200:
        return wrong(
            name,
            f"the page is of version {version}, and its files are of another: they came with {cache!r},"
            " expected"
            " immutable",
            "nginx and the workers are of two releases: `make up`. If a cache stands in front, let it keep"
            " no page.",
        )
    return wrong(
        name,
        f"a file of the page ({version}) is answered {status}; expected 200",
        "Let the proxy in front pass /static/ to nginx.",
    )


async def client(visit: Visit) -> Finding:
    """The Socket.IO client that browsers get is the one that is pinned."""
    pinned = json.loads((REPOSITORY / "nginx/client/package.json").read_text())["dependencies"][
        "socket.io-client"
    ]
    async with visit.http() as http:
        text = (await http.get("/socket.io/socket.io.min.js")).text[:200]
    found = re.search(r"Socket\.IO v([\d.]+)", text)
    return judge_versions(
        "Socket.IO client", {"socket.io-client": found[1] if found else "none"}, {"socket.io-client": pinned}
    )


async def packages(stack: Stack) -> list[Finding]:
    """The workers' packages are those of the lock file, and the page is the one in this folder."""
    pinned = locked((REPOSITORY / "web/requirements.txt").read_text())
    found: dict[str, str] = {}
    pages = set()
    workers = [each for each in stack.of("web") if each.running]
    if not workers:
        return [skipped("packages", HERE) if stack.on_a_swarm else unknown("packages", "no worker runs")]
    try:
        for worker in workers:
            answer = await inside(worker, "/usr/local/bin/python", "-c", PACKAGES)
            page, installed = json.loads(answer)
            pages.add(page)
            found |= {f"{worker.name} {name}": installed.get(name, "none") for name in pinned}
        for nginx in stack.of("nginx"):
            pages |= set((await inside(nginx, "/bin/ls", "/srv/static")).split())
    except EngineSilent as silent:
        return [unknown("packages", str(silent))]
    wanted = {name: pinned[name.split()[1]] for name in found}
    return [judge_versions("packages", found, wanted), judge_page(pages, version())]


def judge_page(running: set[str], here: str) -> Finding:
    """The versions of the page in the containers, and of the one in this folder."""
    if running == {here}:
        return ok("release", f"every container has the page of this folder ({here})")
    if len(running) > 1:
        return wrong(
            "release",
            f"the containers hold different versions of the page: {', '.join(sorted(running))}",
            UPDATE,
        )
    return look(
        "release", f"the page that runs ({', '.join(running)}) is not that of this folder ({here})", UPDATE
    )


async def images(stack: Stack) -> list[Finding]:
    """nginx, Redis and Python are of the versions that the Dockerfiles name."""
    return [
        await image(stack, "nginx", "nginx", "/usr/sbin/nginx -v 2>&1"),
        await image(stack, "redis", "redis", "/usr/local/bin/redis-server --version"),
        await image(stack, "web", "python", "/usr/local/bin/python --version"),
    ]


async def image(stack: Stack, service: str, name: str, command: str) -> Finding:
    """What a service's first container runs, against its Dockerfile."""
    dockerfile = (REPOSITORY / service / "Dockerfile").read_text()
    tag = re.search(rf"^FROM {name}:([\d.]+)", dockerfile, re.MULTILINE)
    containers = stack.keepers if service == "redis" else stack.of(service)
    try:
        for container in containers[:1]:
            said = re.search(r"\d+(\.\d+)+", await inside(container, "/bin/sh", "-c", command))
            if said and tag:
                return judge_versions(f"{name} image", {name: said[0]}, {name: tag[1]})
    except EngineSilent as silent:
        return unknown(f"{name} image", str(silent))
    if stack.on_a_swarm and not containers:
        return skipped(f"{name} image", HERE)
    return unknown(f"{name} image", "its version cannot be read")


def judge_versions(name: str, found: Mapping[str, str], wanted: Mapping[str, str]) -> Finding:
    """Versions by what they are of. What is wanted may be shorter: 1.30 is any 1.30.x."""
    different = [
        f"{what} is {version}, expected {wanted[what]}"
        for what, version in found.items()
        if version != wanted[what] and not version.startswith(f"{wanted[what]}.")
    ]
    if different:
        more = f" and {len(different) - 3} more" if len(different) > 3 else ""
        return wrong(name, f"{'; '.join(different[:3])}{more}", UPDATE)
    if len(found) > 3:
        return ok(name, f"all {len(found)} as pinned")
    return ok(name, ", ".join(f"{what} {version}" for what, version in found.items()) + ", as pinned")


def locked(text: str) -> dict[str, str]:
    """The versions in a requirements.txt with hashes, without those for some systems only."""
    return {
        name.lower().replace("_", "-"): version
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+) \\$", text, re.MULTILINE)
    }
