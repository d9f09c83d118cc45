"""The collector: it leaves alone what stays for good, and still finds what is garbage later."""

import subprocess
import sys

LATER = """
import gc, weakref
from bot.heap import settle_heap
before = gc.get_threshold()
settle_heap()
assert gc.get_freeze_count() > 1000
assert gc.get_threshold() > before
class Thing: pass
one = Thing(); one.self = one; seen = weakref.ref(one); del one
gc.collect()
assert seen() is None
"""


def test_what_is_there_is_frozen_and_later_garbage_is_collected() -> None:
    subprocess.run([sys.executable, "-c", LATER], check=True)
