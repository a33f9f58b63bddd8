"""concurrent.futures.ProcessPoolExecutor."""

import platform
from concurrent.futures import ProcessPoolExecutor

from peer import WORKERS, Peer, main, noop


class ExecutorPeer(Peer):
    def __init__(self):
        super().__init__()
        self.pool = ProcessPoolExecutor(WORKERS)

    def mapping(self, setting, f, items):
        def call(f, items, size):
            return list(self.pool.map(f, items, chunksize=size))

        if setting == "default":
            return lambda: list(self.pool.map(f, items))
        if setting == "best":
            size = self.best(call, f, items)
            return lambda: call(f, items, size)

    def empty(self, task):
        return lambda: self.pool.submit(noop).result()

    def start(self, task):
        def run():
            pool = ProcessPoolExecutor(WORKERS)
            pool.submit(noop).result()
            return pool

        return run, lambda pool: pool.shutdown()

    def close(self):
        self.pool.shutdown()


if __name__ == "__main__":
    main(lambda: (ExecutorPeer(), "Python " + platform.python_version()), "python3")
