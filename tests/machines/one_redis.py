"""The rooms in one Redis, on the first host, by the commands of docs/many-machines.md."""

from collections.abc import Mapping, Sequence

from tests.machines import page
from tests.machines.swarm import Swarm


class OneRedis:
    prepared = (page.LABEL_ONE,)
    settings = ""
    deployed = page.DEPLOY_ONE

    @property
    def services(self) -> Mapping[str, str]:
        return {"redis": "1/1"}

    def create(self, swarm: Swarm) -> None:
        """There is nothing left to do."""

    def wait_until_whole(self, swarm: Swarm) -> None:
        """It is its service, which is waited for."""

    def rooms(self, swarm: Swarm, rooms: Sequence[str]) -> dict[str, list[str]]:
        return {f"{swarm.first.address}:6379": list(rooms)}

    def restore(self, swarm: Swarm) -> None:
        swarm.run(page.BACK_UP_ONE)
        swarm.run(page.RESTORE_ONE)
        swarm.wait_until_whole()
