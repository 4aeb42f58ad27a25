"""The codes of a chat that asks for one."""

KEY = "0123456789abcdef" * 2
CODE = "open sésame"
