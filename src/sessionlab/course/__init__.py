"""The course as folders and files: where it lies, its lessons, starters and answers, and the learner's work."""
