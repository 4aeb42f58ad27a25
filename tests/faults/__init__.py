"""The fault suite: many clients chat while parts of the stack die, and a ledger is checked at the end."""
