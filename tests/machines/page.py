"""The commands of docs/many-machines.md, so that they are run as they are written. Each block is named by a
part of it."""

import re

from tests.machines.hosts import NETWORK
from tests.support.stack import REPOSITORY

JOIN = "docker swarm init"
SECRETS = "openssl rand -hex 32"
SETTINGS = "ACCESS_CODE_FILE=/root"
OPEN = 'ACCESS_CODE_FILE: " "'
HEALTH = "http://b:8080/health"

LABEL_ONE = "docker node update --label-add tertulia.redis=true a\n"
DEPLOY_ONE = "--compose-file stack.yml --with-registry-auth"
BACK_UP_ONE = "admin.sh --rdb -"
RESTORE_ONE = "docker service scale tertulia_web=0 tertulia_redis=0\nwhile"

LABEL_CLUSTER = "for host in a b c; do docker node update --label-add tertulia.redis=true"
SECRET_OF_CLUSTER = ">/root/tertulia/redis-admin-password"
SETTINGS_OF_CLUSTER = "REDIS_ADDRESS="
DEPLOY_CLUSTER = "--compose-file stack.cluster.yml"
REACH = "redis() {"
REPLICAS = "replicas() {"
CREATE = "--cluster create"
SPREAD = "-p 6379 cluster failover"
BACK_UP_CLUSTER = '>"shard-$node.rdb"'
RESTORE_CLUSTER = "flushall"
MORE_SHARDS = "MORE_SHARDS=3"
ADD_SHARDS = "--cluster-use-empty-masters"

_BLOCKS = re.findall(
    r"^```\n(.*?)^```$", (REPOSITORY / "docs/many-machines.md").read_text(), re.MULTILINE | re.DOTALL
)


def block(part: str) -> str:
    """Return the one block that has this in it, with the addresses of the lab's hosts."""
    [found] = [block for block in _BLOCKS if part in block]
    return str(found).replace("10.0.0.", f"{NETWORK}.1")
