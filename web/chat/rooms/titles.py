"""The titles and topics of rooms: what they may be. They are one line, in any script."""

import unicodedata
from typing import Any

from chat.domain.people import has_substance, unseen_character
from chat.domain.refusals import Refused

TITLE_MAX_CHARS = 80
TOPIC_MAX_CHARS = 250


def check_title(title: Any, *, needed: bool = True) -> str:
    """Return a title, trimmed and in one form (NFC). `needed`: it may not be empty. Raises Refused."""
    if not isinstance(title, str):
        raise Refused("invalid", "A title is a text.")
    text = unicodedata.normalize("NFC", title.strip())
    if not text and not needed:
        return text
    if not text:
        raise Refused("empty", "Please give the room a title.", reason="title_empty")
    if len(text) > TITLE_MAX_CHARS:
        detail = f"The title has {len(text)} characters; the most is {TITLE_MAX_CHARS}."
        raise Refused("too_long", detail, reason="title_too_long", length=len(text), most=TITLE_MAX_CHARS)
    if shown := unseen_character(text):
        detail = f"The title holds a character that can't be seen ({shown}). Leave it out."
        raise Refused("invalid", detail, reason="title_unseen_character", character=shown)
    if not has_substance(text):
        detail = "The title needs at least one letter, digit or sign."
        raise Refused("invalid", detail, reason="title_without_letter")
    return text


def check_topic(topic: Any) -> str:
    """Return a topic, trimmed and in one form (NFC); it may be empty. Raises Refused."""
    if not isinstance(topic, str):
        raise Refused("invalid", "A topic is a text.")
    text = unicodedata.normalize("NFC", topic.strip())
    if len(text) > TOPIC_MAX_CHARS:
        detail = f"The topic has {len(text)} characters; the most is {TOPIC_MAX_CHARS}."
        raise Refused("too_long", detail, reason="topic_too_long", length=len(text), most=TOPIC_MAX_CHARS)
    if shown := unseen_character(text):
        detail = f"The topic holds a character that can't be seen ({shown}). Leave it out."
        raise Refused("invalid", detail, reason="topic_unseen_character", character=shown)
    return text
