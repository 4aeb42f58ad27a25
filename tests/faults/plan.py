"""The plan: which faults happen in which order, decided by a seed."""

from random import Random

from tests.faults.faults import Fault, LogWiped, RedisPaused, Scaled, each_alone, mixable

Plan = list[list[Fault]]
"""Groups that happen one after the other; the faults of a group are under way together."""


def short() -> Plan:
    """Every kind once, alone."""
    return [[fault] for fault in each_alone()]


def long(seed: int, mixed: int) -> Plan:
    """Every kind alone, Redis paused for a minute, then `mixed` groups at random, every other one of two."""
    random = Random(seed)
    groups = [[fault] for fault in [*each_alone(), RedisPaused(60)]]
    for number in range(mixed):
        first = random.choice(mixable())
        others = [fault for fault in mixable() if _together(first, fault)]
        groups.append([first, random.choice(others)] if number % 2 else [first])
    return groups


def _together(one: Fault, other: Fault) -> bool:
    """Whether both can be under way: of different parts, and not such that Compose, which scales, finds a
    container that does not run. It would start it, which Docker refuses of one that is paused."""
    kinds = {type(one), type(other)}
    return one.part != other.part and kinds != {Scaled, RedisPaused}


def without_wipe(plan: Plan) -> Plan:
    return [faults for faults in plan if not any(isinstance(fault, LogWiped) for fault in faults)]
