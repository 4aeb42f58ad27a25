"""The lab: three hosts in containers of one machine, the stack on them, and a crowd while hosts are lost."""
