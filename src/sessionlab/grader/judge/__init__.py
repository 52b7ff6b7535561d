"""The judge: runs a check suite, drives the host step by step, and looks at the database by itself."""
