"""The command line: one module for each command, named after it."""
