"""What is kept of people who last: who they are, and the logins by which they are here."""
