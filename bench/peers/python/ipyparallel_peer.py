"""ipyparallel, with a cluster of its own in a temporary profile.

An argument is the scheduler's hwm: how many tasks each engine may have. The
default is 1; 0 is as many as there are.
"""

import os
import shutil
import sys
import tempfile

from peer import WORKERS, Peer, array, main, noop


class IpyparallelPeer(Peer):
    def __init__(self, ipyparallel, profile, hwm):
        super().__init__()
        self.ipyparallel, self.profile, self.hwm = ipyparallel, profile, hwm
        self.opened = None

    def open(self):
        options = {}
        if self.hwm is not None:
            options["controller_args"] = [f"--TaskScheduler.hwm={self.hwm}"]
        cluster = self.ipyparallel.Cluster(n=WORKERS, **options)
        client = cluster.start_and_connect_sync()
        client.wait_for_engines(WORKERS)
        return cluster, client

    @property
    def client(self):
        if not self.opened:
            self.opened = self.open()
        return self.opened[1]

    def mapping(self, setting, f, items):
        direct, balanced = self.client[:], self.client.load_balanced_view()

        def call(f, items, size):
            return balanced.map(f, items, chunksize=size).get()

        if setting == "default":
            return lambda: balanced.map_sync(f, items)
        if setting == "direct":
            return lambda: direct.map_sync(f, items)
        if setting == "best":
            size = self.best(call, f, items)
            return lambda: call(f, items, size)
        return lambda: call(f, items, int(setting))

    def empty(self, task):
        view = self.client[0] if task["setting"] == "direct" else self.client.load_balanced_view()
        return lambda: view.apply_sync(noop)

    def start(self, task):
        def run():
            cluster, client = self.open()
            client[:].apply_sync(noop)
            return cluster

        return run, lambda cluster: cluster.stop_cluster_sync()

    def push(self, task):
        a, engine = array(task), self.client[0]
        return lambda: engine.push({"a": a}, block=True)

    def pull(self, task):
        self.push(task)()
        return lambda: self.client[0].pull("a", block=True)

    def scatter(self, task):
        a, engines = array(task), self.client[:]
        return lambda: engines.scatter("b", a, block=True)

    def gather(self, task):
        self.scatter(task)()
        return lambda: self.client[:].gather("b", block=True)

    def close(self):
        if self.opened:
            self.opened[0].stop_cluster_sync()
        shutil.rmtree(self.profile, ignore_errors=True)


def make():
    profile = tempfile.mkdtemp(prefix="ipyparallel-")
    os.environ["IPYTHONDIR"] = profile
    try:
        import ipyparallel
    except ImportError:
        os.rmdir(profile)
        raise
    hwm = sys.argv[1] if len(sys.argv) > 1 else None
    return IpyparallelPeer(ipyparallel, profile, hwm), ipyparallel.__version__


if __name__ == "__main__":
    main(make, "python3-ipyparallel")
