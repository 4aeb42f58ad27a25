"""The plan: which faults happen in which order, decided by a seed."""

from random import Random

from tests.faults.faults import Fault, LogWiped, RedisPaused, each_alone, mixable

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
        others = [fault for fault in mixable() if fault.part != first.part]
        groups.append([first, random.choice(others)] if number % 2 else [first])
    return groups


def without_wipe(plan: Plan) -> Plan:
    return [faults for faults in plan if not any(isinstance(fault, LogWiped) for fault in faults)]
