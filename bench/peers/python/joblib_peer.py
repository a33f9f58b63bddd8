"""joblib.Parallel with its default backend, loky."""

from peer import WORKERS, Peer, main, noop


class JoblibPeer(Peer):
    def __init__(self, joblib):
        super().__init__()
        self.delayed = joblib.delayed
        self.parallel = {}  # by batch size; the processes are the same
        self.make = joblib.Parallel
        self.shutdown = joblib.externals.loky.get_reusable_executor

    def call(self, f, items, size):
        if size not in self.parallel:
            self.parallel[size] = self.make(n_jobs=WORKERS, batch_size=size).__enter__()
        return self.parallel[size](self.delayed(f)(x) for x in items)

    def mapping(self, setting, f, items):
        if setting == "default":
            return lambda: self.call(f, items, "auto")
        if setting == "best":
            size = self.best(self.call, f, items)
            return lambda: self.call(f, items, size)

    def empty(self, task):
        parallel = self.make(n_jobs=WORKERS).__enter__()
        return lambda: parallel([self.delayed(noop)()])

    def close(self):
        self.shutdown().shutdown()


def make():
    import joblib

    return JoblibPeer(joblib), joblib.__version__


if __name__ == "__main__":
    main(make, "python3-joblib")
