"""The databases that a check runs on, and one to experiment on."""

from .experiment import ExperimentDatabase, experiment_database

__all__ = ["ExperimentDatabase", "experiment_database"]
