"""The benchmark: the stack and its peers under the same load, behind the same nginx, on the same Redis."""
