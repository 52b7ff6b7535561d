"""The course as folders and files: where it lies, its lessons and their answers, and the learner's work."""
