"""The grader: a front end, a judge that runs the check suite, and a host that runs the submission."""
