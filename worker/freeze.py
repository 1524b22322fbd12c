"""Imported last by the fork server: excludes what is loaded from the garbage collector, so that children keep sharing its memory.

A collection in a child would otherwise touch, and so copy, every inherited object.
"""

import gc

gc.collect()
gc.freeze()
