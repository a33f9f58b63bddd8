"""multiprocessing.Pool, and multiprocessing's shared memory."""

import platform
from multiprocessing import Pool, resource_tracker, shared_memory

import numpy

from peer import WORKERS, Peer, array, main, noop


def attach(name):
    """Opens shared memory and returns its last byte."""
    memory = shared_memory.SharedMemory(name)
    last = memory.buf[memory.size - 1]
    memory.close()
    return last


class PoolPeer(Peer):
    def __init__(self):
        super().__init__()
        resource_tracker.ensure_running()  # before the workers, which share it then
        self.pool = Pool(WORKERS)

    def mapping(self, setting, f, items):
        pool = self.pool
        if setting == "default":
            return lambda: pool.map(f, items)
        if setting == "best":
            size = self.best(pool.map, f, items)
            return lambda: pool.map(f, items, size)
        if setting == "imap":
            return lambda: list(pool.imap(f, items, chunksize=1))

    def empty(self, task):
        return lambda: self.pool.apply(noop)

    def start(self, task):
        def run():
            pool = Pool(WORKERS)
            pool.apply(noop)
            return pool

        return run, lambda pool: pool.terminate()

    def push(self, task):
        """An array to a worker by shared memory, with a copy into it."""
        a = array(task)

        def run():
            memory = shared_memory.SharedMemory(create=True, size=a.nbytes)
            numpy.ndarray(a.shape, a.dtype, memory.buf)[:] = a
            self.pool.apply(attach, (memory.name,))
            return memory

        def after(memory):
            memory.close()
            memory.unlink()

        return run, after

    def close(self):
        self.pool.terminate()


if __name__ == "__main__":
    main(lambda: (PoolPeer(), "Python " + platform.python_version()), "python3-numpy")
