"""Imported by the fork server before `worker.preload`: Keras without scikit-learn.

Keras looks for it, and where it is there wraps a few models for it: 600 modules, two seconds and 25 MB that hardly a job needs. A job
that compares with a linear model imports it itself.
"""

import importlib
import os
import sys
from typing import Any, cast

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# What Python's documentation says for "not to be found".
cast(dict[str, Any], sys.modules)["sklearn"] = None
try:
    importlib.import_module("keras")
finally:
    del sys.modules["sklearn"]
