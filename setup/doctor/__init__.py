"""`make doctor`: looks at a running deployment from the outside, as a knowledgeable friend would, and changes
nothing. Checks only report `Finding`s; what is printed and the exit status follow from them."""
