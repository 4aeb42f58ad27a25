"""What the chat is about: people, rooms, messages, who may do what. Knows neither Starlette nor Socket.IO."""
