"""The cases of Socket.IO's two official protocol suites, in our words, for stock python-socketio and relay.

python -m tests.conformance
"""
