"""Imported by the fork server before it forks: TensorFlow and all that a job needs, without running anything."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

import app.features
import worker.database_channel
import worker.runner

__all__ = ["app", "keras", "tf", "worker"]
