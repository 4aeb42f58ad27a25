"""What relay overrides upstream is what it was written against.

A failure here names an upstream method that changed. Read the new source beside our override of it in
web/relay, decide whether the override still does what its docstring says, then put the new digest here.
CONTRIBUTING.md has all steps. All releases that web/relay/pyproject.toml accepts have these digests.
"""

import inspect
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from engineio.async_drivers import asgi
from engineio.async_server import AsyncServer as EngineServer
from engineio.async_socket import AsyncSocket
from engineio.base_server import BaseServer
from engineio.packet import Packet as EnginePacket
from redis.asyncio.connection import AbstractConnection, DefaultParser, UnixDomainSocketConnection
from redis.asyncio.connection import Connection as RedisConnection
from redis.credentials import CredentialProvider
from socketio.async_admin import InstrumentedAsyncServer
from socketio.async_manager import AsyncManager
from socketio.async_namespace import AsyncNamespace
from socketio.async_pubsub_manager import AsyncPubSubManager
from socketio.async_redis_manager import AsyncRedisManager
from socketio.async_server import AsyncServer
from socketio.base_manager import BaseManager
from socketio.base_server import BaseServer as BaseSocketServer
from socketio.packet import Packet
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import Server
from websockets.server import ServerProtocol

# Overridden, or relied upon by an override (the callers that decide what an exception or a return value
# means).
DIGESTS: list[tuple[Callable[..., Any], str]] = [
    (asgi.WebSocket.wait, "0346a1c9ebdafdff"),
    (asgi.WebSocket.__call__, "abbf7a49b2256d37"),
    (asgi.make_response, "91fd4c6dde84e576"),
    (asgi.translate_request, "39e74733f1fe46aa"),
    (AsyncSocket.__init__, "8532b631a4dc815f"),
    (AsyncSocket.send, "0437276ccba7ab09"),
    (AsyncSocket.poll, "826f58a9f3606db2"),
    (AsyncSocket.schedule_ping, "fe316639159cd70d"),
    (AsyncSocket.check_ping_timeout, "77616d5ca7809257"),
    (AsyncSocket.handle_get_request, "05eaae9f0a60d9be"),
    (AsyncSocket.handle_post_request, "82dca119a261a959"),
    (AsyncSocket.receive, "a91ae36ec2fb5340"),
    (AsyncSocket.close, "faa2e93902543244"),
    (AsyncSocket._upgrade_websocket, "820b83efe96adb98"),
    (AsyncSocket._websocket_handler, "27f120df4d717a24"),
    (EngineServer.handle_request, "1a8c878e35166cfe"),
    (EngineServer.disconnect, "8bb6448caae41ca6"),
    (EngineServer.send_packet, "c54317440865030d"),
    (EngineServer._handle_connect, "5bd7edc1d1ae115a"),
    (EngineServer._service_task, "b6358bda51d0b34b"),
    (EngineServer.shutdown, "3f734c62c291d56a"),
    (BaseServer._ok, "b8f717402eac2b0d"),
    (HttpToolsProtocol.on_message_begin, "96d377fdc7c2baef"),
    (RequestResponseCycle.send, "abdd8601b326a8da"),
    (BaseServer._cors_allowed_origins, "d0cad0c66d5333cb"),
    (BaseServer._log_error_once, "dccbb5602dc46a09"),
    (EnginePacket.decode, "18e27ff7fd56addd"),
    (AsyncServer._handle_eio_message, "bef50fc0e1635921"),
    (AsyncServer._handle_connect, "c97c480cf777de36"),
    (AsyncServer._handle_disconnect, "c0b32ada5b371230"),
    (AsyncServer.disconnect, "7d2f76686c12cc23"),
    (AsyncServer._handle_event, "65178105ef8b593d"),
    (AsyncServer._handle_event_internal, "472e8b723a12d507"),
    (AsyncServer._handle_ack, "b7521c6c30972551"),
    (AsyncServer.handle_request, "fdf4d1481b6ae726"),
    (LifespanOn.startup, "738a972c3d81f0fb"),
    (LifespanOn.main, "699f9a37e3f8b2c4"),
    (BaseServer._upgrades, "040ebcdf64fbf1b3"),
    (AsyncServer.attach, "4ee66bedf2aec638"),
    (AsyncServer.emit, "84391bfd624104d1"),
    (AsyncServer.call, "4b7ae754cf3dffbc"),
    (AsyncServer.enter_room, "69bba99d7c27aaeb"),
    (AsyncServer.leave_room, "cfa29f46c6f73877"),
    (AsyncServer.close_room, "b1e6be7a218e0936"),
    (AsyncServer.get_session, "75d00587a3a77688"),
    (AsyncServer.save_session, "f43ddbd6e4299d59"),
    (BaseSocketServer.get_environ, "382c69762c6cd85d"),
    (BaseManager._generate_ack_id, "ca3840d6559ee335"),
    (AsyncManager.trigger_callback, "9cf95a1d1a3aaeeb"),
    (AsyncPubSubManager._return_callback, "242aaa59232c8623"),
    (AsyncPubSubManager._handle_callback, "e637e7708127b711"),
    (AsyncServer._handle_eio_disconnect, "9344593148b66fd9"),
    (AsyncServer._trigger_event, "01ba90cfa09ba43e"),
    (BaseSocketServer.on, "049fc8cb2a5f0374"),
    (BaseSocketServer.register_namespace, "9aeaaab5a638bee3"),
    (BaseSocketServer._get_event_handler, "e18d9a6570aaaaf4"),
    (BaseSocketServer._get_namespace_handler, "3672467a1c13f704"),
    (AsyncNamespace.trigger_event, "95e90e5e1d98c31a"),
    (AsyncServer._send_packet, "a00022b42c1c29e9"),
    (Packet.decode, "61ad7904b539f472"),
    (Packet.__init__, "5fe2fa797e082c1d"),
    (Packet.encode, "513c45be75181da2"),
    (Packet._deconstruct_binary_internal, "d69dcd3960af438f"),
    (Packet._reconstruct_binary_internal, "dd2f80dad1017446"),
    # The relay has its own; see relay/admin.
    (AsyncServer.instrument, "3734305e4229619c"),
    (InstrumentedAsyncServer.instrument, "b93e005e951b8ad4"),
    (InstrumentedAsyncServer.admin_connect, "bab0b185eadbcb09"),
    (InstrumentedAsyncServer._emit_server_stats, "b4e4cc6bc0974aab"),
    (InstrumentedAsyncServer.serialize_socket, "435b68cabdb5e801"),
    (BaseManager.get_rooms, "56a1017f85af9f91"),
    (BaseManager.get_participants, "7d78ad681c95de5b"),
    (BaseManager.basic_enter_room, "3f509586d2d7f47e"),
    (BaseManager.basic_leave_room, "e27f3eea06d1c6a6"),
    (BaseManager.basic_disconnect, "2933b50bc4b2ea7b"),
    (AsyncManager.emit, "01ccd5b82b4f955e"),
    (AsyncPubSubManager._handle_emit, "4284671be955f644"),
    (AsyncPubSubManager._return_callback, "242aaa59232c8623"),
    (AsyncPubSubManager._handle_callback, "e637e7708127b711"),
    (AsyncPubSubManager.emit, "6cc46e0ff9b6d7cf"),
    (AsyncPubSubManager.initialize, "e8a2b026ecea320f"),
    (AsyncPubSubManager._thread, "fa8d075729aac64d"),
    (AsyncRedisManager._publish, "033e4da7cc8768b4"),
    (AsyncRedisManager._listen, "3e74fdd1084b4e13"),
    (AsyncRedisManager._redis_listen_with_retries, "ad347f253fd3423a"),
    (CredentialProvider.get_credentials, "78a66027d1740045"),
    (CredentialProvider.get_credentials_async, "02c45b4dbfc25ecc"),
    # Their streams are taken over; see connector.py.
    (RedisConnection._connect, "24cd655d5f27ddbb"),
    (UnixDomainSocketConnection._connect, "c46949736ceeafad"),
    (AbstractConnection.can_read, "5b4db260091b4029"),
    (AbstractConnection.__del__, "43833913903de04a"),
    (DefaultParser.can_read, "a0801a6aee9e33be"),
    (DefaultParser.parse_error, "66c735931d7e365a"),
    (WebSocketsSansIOProtocol.run_asgi, "662375aa38d9044c"),
    (WebSocketsSansIOProtocol.pause_writing, "4830f7e0d81f877d"),
    (WebSocketsSansIOProtocol.connection_lost, "dd116afc4d8034e1"),
    (WebSocketsSansIOProtocol.handle_connect, "fc648c2161ff8e13"),
    (WebSocketsSansIOProtocol.receive, "1dc0e715390021a1"),
    (WebSocketsSansIOProtocol.shutdown, "e8ace796ada616b7"),
    (WebSocketsSansIOProtocol.send, "d4919ed760ce9f7b"),
    (WebSocketsSansIOProtocol.data_received, "c89d394077d8841d"),
    (WebSocketsSansIOProtocol.send_receive_event_to_app, "a2b10de91477dc1d"),
    (WebSocketsSansIOProtocol.handle_cont, "d96fe1479da61beb"),
    (WebSocketsSansIOProtocol.handle_ping, "41bcf345d372c55c"),
    (WebSocketsSansIOProtocol.handle_parser_exception, "ff5cf13c764fb332"),
    (HttpToolsProtocol.handle_websocket_upgrade, "179c4f769386ab89"),
    (ServerProtocol.parse, "8c4d10340de4d32f"),
    (Server.capture_signals, "e1bbcd4770d1c887"),
    (Server.handle_exit, "553276efa26e09ea"),
]


def digest(method: Callable[..., Any]) -> str:
    return sha256(inspect.getsource(method).encode()).hexdigest()[:16]


@pytest.mark.parametrize(("method", "expected"), DIGESTS, ids=[method.__qualname__ for method, _ in DIGESTS])
def test_upstream_is_what_our_overrides_were_written_against(
    method: Callable[..., Any], expected: str
) -> None:
    """By a digest of its source."""
    found = digest(method)
    name = f"{method.__module__}.{method.__qualname__}"
    assert found == expected, f"{name} changed upstream ({found}): re-read it and what relay makes of it"


def test_every_override_says_what_it_replaces() -> None:
    """Its docstring begins with Replaces or Extends and names the upstream method."""
    from relay import clients, handlers, manager, server, strict_server
    from relay.delivery import binary, members
    from relay.redis import connector
    from relay.transport import (
        buffered_socket,
        counted_session,
        engine,
        handshake,
        http,
        requests,
        session,
        websocket,
    )

    classes = [
        buffered_socket.BufferedSocket,
        session.EngineSocket,
        counted_session.CountedSession,
        requests.RequestServer,
        engine.EngineServer,
        handlers.HandlersServer,
        clients.ClientsServer,
        strict_server.StrictServer,
        server.RelayServer,
        binary.RelayPacket,
        members.MembersManager,
        manager.RelayManager,
        connector.Credentials,
        http.RelayHttp,
        websocket.RelayWebSocket,
        handshake.Handshake,
    ]
    # Meant to be overridden; and Python 3.14 makes a function of a class' annotations.
    hooks = {"__init__", "_engineio_server_class", "__annotate_func__"}
    silent = [
        f"{cls.__name__}.{name}"
        for cls in classes
        for name, method in vars(cls).items()
        if inspect.isfunction(method)
        and name not in hooks
        and any(hasattr(base, name) for base in cls.__bases__)
        if not (method.__doc__ or "").startswith(("Replaces ", "Extends ")) and name != "__call__"
    ]
    assert silent == []
