"""The host: a process that loads a submission and does what the judge tells it, under the recorder."""
