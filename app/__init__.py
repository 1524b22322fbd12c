"""Sophora's web server. It never imports `worker`, TensorFlow or Keras."""

__version__ = "0.1.0"
