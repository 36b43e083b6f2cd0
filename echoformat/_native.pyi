"""What `echoformat/csrc` offers; each has a twin in Python, named in its docstring, that says the same."""
