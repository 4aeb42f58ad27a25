"""What python-socketio's documentation says of a server holds for a relay's, wherever the clients are.

`one` and `two` are workers of one application. In memory they are the same one.
"""

from tests.unit.relay.calls_contract import CallsContract
from tests.unit.relay.following_contract import FollowingContract
from tests.unit.relay.rooms_contract import RoomsContract
from tests.unit.relay.sessions_contract import SessionsContract


class ServerContract(CallsContract, FollowingContract, RoomsContract, SessionsContract): ...
