"""The floods that one address sends, without cookie or code: a module for each thing that it may use up."""
