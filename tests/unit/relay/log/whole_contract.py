"""All that a log promises, wherever it is kept. A new contract needs one more line here."""

from tests.unit.relay.log.amending_by_contract import AmendingByContract
from tests.unit.relay.log.amending_contract import AmendingContract
from tests.unit.relay.log.buckets_contract import BucketsContract
from tests.unit.relay.log.casting_contract import CastingContract
from tests.unit.relay.log.log_contract import LogContract
from tests.unit.relay.log.requirements_contract import RequirementsContract
from tests.unit.relay.log.rules_contract import RulesContract
from tests.unit.relay.log.tallies_contract import TalliesContract
from tests.unit.relay.log.together_contract import TogetherContract


class WholeContract(
    LogContract,
    AmendingContract,
    AmendingByContract,
    CastingContract,
    TalliesContract,
    RulesContract,
    RequirementsContract,
    BucketsContract,
    TogetherContract,
):
    pass
