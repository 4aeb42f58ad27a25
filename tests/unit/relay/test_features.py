"""Each row of docs/relay-features.md is so in one process, and the page has a row for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.support.served import Served
from tests.unit.relay import features_contract
from tests.unit.relay.features_contract import FeaturesContract, FeaturesWithRedis, rows
from tests.unit.relay.refusals_contract import REFUSED, RefusalsContract


class TestFeaturesInMemory(FeaturesContract, RefusalsContract):
    @pytest.fixture
    async def one(self) -> AsyncIterator[Served]:
        async with Served(namespaces="*") as served:
            yield served

    @pytest.fixture
    def two(self, one: Served) -> Served:
        return one


def names_of(contract: type) -> set[str]:
    return {name for name in dir(contract) if name.startswith("test_")}


def test_the_page_has_a_row_for_each_test() -> None:
    works = {features_contract.name_of(feature): said for feature, said in rows("What works").items()}
    assert works.keys() == names_of(FeaturesWithRedis)
    with_redis = {name for name, said in works.items() if said.startswith("with Redis")}
    assert with_redis == names_of(FeaturesWithRedis) - names_of(FeaturesContract)
    assert rows("What is refused").keys() == REFUSED.keys()
