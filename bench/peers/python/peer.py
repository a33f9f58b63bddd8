"""What all contestants in Python have in common: the work, the settings that are
found by trying, and the lines of JSON by which they are asked.

A contestant is a class with a method for each kind of task. The method returns
what is to be timed, and, where there is something to clean up after each time,
a function for that, which gets what the first one returned.
"""

import json
import math
import os
import sys
import time

WORKERS = 2


def pow10(x):
    return x**10


def noop():
    return None


def spin(n):
    """Goes round a loop n times."""
    x = n
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


class Speed:
    """How fast this machine spins; measured again when it was long ago."""

    def __init__(self):
        self.at = -math.inf

    def rounds(self, seconds):
        if time.monotonic() - self.at > 10:
            self.call = fastest(0, 1000) / 1000
            self.loop = fastest(20_000, 1) / 20_000
            self.at = time.monotonic()
        return max(0, round((seconds - self.call) / self.loop))


def fastest(n, calls):
    shortest = math.inf
    for _ in range(25):
        start = time.perf_counter()
        for _ in range(calls):
            spin(n)
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


class Peer:
    """Maps by self.mapping(setting, function, items), which returns what is to
    be timed."""

    def __init__(self):
        self.speed = Speed()
        self.sizes = {}

    def serial(self, task):
        items = range(task["items"])
        return lambda: [pow10(x) for x in items]

    def post(self, task):
        return self.mapping(task["setting"], pow10, range(task["items"]))

    def spin(self, task):
        costs = task.get("costs")
        if costs is None:
            rounds = [self.speed.rounds(task.get("work", 0))] * task["items"]
        else:
            rounds = [self.speed.rounds(c) for c in costs]
        return self.mapping(task["setting"], spin, rounds)

    def best(self, call, f, items):
        """Returns the size of batches with which call(f, items, size) is
        fastest, of those that give each worker 1, 2, 4, 8 or 32 batches."""
        key = f.__name__, len(items)
        if key not in self.sizes:
            taken = {}
            for parts in (1, 2, 4, 8, 32):
                size = -(-len(items) // (WORKERS * parts))
                times = []
                for _ in range(3):
                    start = time.perf_counter()
                    call(f, items, size)
                    times.append(time.perf_counter() - start)
                taken[size] = min(times)
            self.sizes[key] = min(taken, key=taken.get)
        return self.sizes[key]

    def close(self):
        pass


def batches(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def timed(peer, task):
    made = getattr(peer, task["kind"])(task)
    run, after = made if isinstance(made, tuple) else (made, None)
    seconds = []
    for i in range(task["repeat"] + task.get("warm", False)):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
        if after:
            after(result)
        del result
    return seconds[-task["repeat"] :]


def main(make, package):
    """Makes a contestant and lets it do what is asked, until the input ends.
    make returns it and its version; package is Debian's name of what it needs."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(**what):
        answers.write(json.dumps(what) + "\n")

    try:
        peer, version = make()
    except ImportError:
        answer(missing=package)
        return
    try:
        answer(version=version)
        while line := sys.stdin.readline():
            try:
                answer(seconds=timed(peer, json.loads(line)))
            except Exception as e:
                answer(error=f"{type(e).__name__}: {e}")
    finally:
        peer.close()


def array(task):
    import numpy

    return numpy.arange(task["bytes"] // 8, dtype=numpy.float64)
