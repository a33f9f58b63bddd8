"""The post's workloads on ipyparallel, as one JSON object of seconds.

Each figure is the median of several runs after one that is not counted. The
cluster is the script's own, in a temporary profile, and is stopped at the end.

Usage: ipyparallel_bench.py [ENGINES]
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time

profile = tempfile.mkdtemp(prefix="ipyparallel-")
os.environ["IPYTHONDIR"] = profile

import ipyparallel

ENGINES = int(sys.argv[1]) if len(sys.argv) > 1 else 2
figures = {}


def median(name, call, runs):
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    figures[name] = statistics.median(times)


start = time.perf_counter()
cluster = ipyparallel.Cluster(n=ENGINES)
try:
    client = cluster.start_and_connect_sync()
    client.wait_for_engines(ENGINES)
    client[:].apply_sync(lambda: None)
    figures["start"] = time.perf_counter() - start

    direct, balanced = client[:], client.load_balanced_view()
    one = client[0]
    items = range(3000)
    median("serial", lambda: list(map(lambda x: x**10, items)), 21)
    median("direct", lambda: direct.map_sync(lambda x: x**10, items), 7)
    median("each", lambda: balanced.map_sync(lambda x: x**10, items), 1)
    median("two", lambda: balanced.map(lambda x: x**10, items, chunksize=1500).get(), 7)
    median("six", lambda: balanced.map(lambda x: x**10, items, chunksize=500).get(), 7)
    median("empty_direct", lambda: one.apply_sync(lambda: None), 51)
    median("empty_balanced", lambda: balanced.apply_sync(lambda: None), 51)
finally:
    cluster.stop_cluster_sync()
    shutil.rmtree(profile, ignore_errors=True)

print(json.dumps({"version": ipyparallel.__version__, "seconds": figures}))
