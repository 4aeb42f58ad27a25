"""What happens together in the long run of faults is what can."""

from tests.faults import plan
from tests.faults.faults import RedisPaused, Scaled


def test_no_two_faults_of_one_part_are_under_way_together() -> None:
    groups = [group for seed in range(200) for group in plan.long(seed, 12)]
    assert all(len({fault.part for fault in group}) == len(group) for group in groups)
    assert any(len(group) == 2 for group in groups)


def test_nothing_is_scaled_while_redis_is_paused() -> None:
    """Compose would start the paused container, which Docker refuses."""
    groups = [{type(fault) for fault in group} for seed in range(200) for group in plan.long(seed, 12)]
    assert {Scaled, RedisPaused} not in groups
    assert any(Scaled in kinds and len(kinds) == 2 for kinds in groups)
