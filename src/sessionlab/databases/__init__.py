"""The databases that a check runs on."""
