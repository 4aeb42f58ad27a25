"""Engine.IO sessions: what is let in, and what goes out, over polling and WebSocket.

Private: use what `relay` offers.
"""
