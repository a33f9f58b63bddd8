"""Dask's distributed scheduler on this machine, a thread for each worker process."""

import logging

from peer import WORKERS, Peer, array, batches, main, noop


class DaskPeer(Peer):
    def __init__(self, distributed):
        super().__init__()
        self.distributed = distributed
        self.cluster, self.client = self.open()

    def open(self):
        cluster = self.distributed.LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, dashboard_address=None
        )
        return cluster, self.distributed.Client(cluster)

    def call(self, f, items, size):
        """Batches by hand: a task is a list of items."""

        def batch(items):
            return [f(x) for x in items]

        futures = self.client.map(batch, batches(items, size), pure=False)
        return [y for ys in self.client.gather(futures) for y in ys]

    def mapping(self, setting, f, items):
        items = list(items)
        if setting == "default":
            return lambda: self.client.gather(self.client.map(f, items, pure=False))
        if setting == "best":
            size = self.best(self.call, f, items)
            return lambda: self.call(f, items, size)

    def empty(self, task):
        return lambda: self.client.submit(noop, pure=False).result()

    def start(self, task):
        def run():
            cluster, client = self.open()
            client.submit(noop, pure=False).result()
            return cluster, client

        def after(opened):
            cluster, client = opened
            client.close()
            cluster.close()

        return run, after

    def direct(self, task):
        """The best setting goes straight to the workers."""
        return True if task["setting"] == "best" else None

    def worker(self):
        return [sorted(self.client.scheduler_info()["workers"])[0]]

    def push(self, task):
        a, worker, direct = array(task), self.worker(), self.direct(task)
        return lambda: self.client.scatter(a, workers=worker, hash=False, direct=direct)

    def pull(self, task):
        future, direct = self.push(task)(), self.direct(task)
        return lambda: self.client.gather(future, direct=direct)

    def scatter(self, task):
        a, direct = array(task), self.direct(task)
        half = len(a) // 2
        return lambda: self.client.scatter([a[:half], a[half:]], hash=False, direct=direct)

    def gather(self, task):
        futures, direct = self.scatter(task)(), self.direct(task)
        return lambda: self.client.gather(futures, direct=direct)

    def close(self):
        self.client.close()
        self.cluster.close()


def make():
    import distributed

    logging.getLogger("distributed").setLevel(logging.ERROR)
    return DaskPeer(distributed), distributed.__version__


if __name__ == "__main__":
    main(make, "python3-distributed")
