"""What a client of relay.Rooms recovers with: connection, timeline, outbox. It imports nothing of the server.

Private: use what `relay` offers.
"""
