"""Predictions before a result: ``from course_lib.quiz import predict``."""

from course_lib.notebook.quiz import Prediction, predict

__all__ = ["Prediction", "predict"]
