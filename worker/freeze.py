"""Imported last by the fork server: what it has loaded stays out of the garbage collector, so that children go on sharing its memory.

A collection in a child would otherwise touch, and so copy, every object that it inherited.
"""

import gc

gc.collect()
gc.freeze()
