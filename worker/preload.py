"""Imported by the fork server before it forks: TensorFlow and all that a job needs, without running anything."""

import keras
import tensorflow as tf

import app.features
import worker.database_channel
import worker.runner

__all__ = ["app", "keras", "tf", "worker"]
