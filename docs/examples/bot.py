"""A bot: says what is on its command line in the lobby. CHAT is the chat's address, TOKEN the bot's token."""

import os
import sys

import socketio

with socketio.SimpleClient() as chat:
    chat.connect(os.environ["CHAT"], auth={"token": os.environ["TOKEN"]}, socketio_path="sio/socket.io")
    answer = chat.call("message", (" ".join(sys.argv[1:]), {"room": "lobby"}))
    sys.exit(None if answer["ok"] else answer["detail"])
