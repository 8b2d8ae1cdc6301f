"""One module a command: `arguments(parser)` declares its options, `run(options)` does it and returns 0 or 1."""
