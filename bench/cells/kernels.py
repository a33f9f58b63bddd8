"""Runs the same Go statements in several Jupyter kernels, in turns, and prints
how long each took, from the request to the kernel being idle again, as JSON.

The argument is JSON: {"kernels": {name: {"argv": [...], "prefix": "..."}}, "cells": 30}.
The prefix is what a kernel wants above a statement.
"""

import json
import sys
import time

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

# What is imported, and a statement that is new each time.
NOTEBOOKS = {
    "fmt": ('import "fmt"', "fmt.Println(3 * {n})"),
    "plot": (
        'import (\n\t"fmt"\n\t"gonum.org/v1/plot"\n)',
        'p := plot.New()\np.Title.Text = "{n}"\nfmt.Println(p.Title.Text)',
    ),
}


class Kernel:
    def __init__(self, argv, prefix):
        self.prefix = prefix
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(argv=argv, interrupt_mode="message")
        self.manager.start_kernel()
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=180)

    def run(self, code, want=None):
        outputs = []
        start = time.perf_counter()
        reply = self.client.execute_interactive(code, timeout=180, allow_stdin=False, output_hook=outputs.append)
        seconds = time.perf_counter() - start
        printed = "".join(m["content"]["text"] for m in outputs if m["msg_type"] == "stream" and m["content"]["name"] == "stdout")
        if reply["content"]["status"] != "ok" or want is not None and want not in printed:
            sys.exit(f"{self.manager._kernel_spec.argv[0]} answers {reply['content']} to\n{code}\nand prints {printed!r}")
        return seconds

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def main():
    spec = json.loads(sys.argv[1])
    kernels = {name: Kernel(**k) for name, k in spec["kernels"].items()}
    seconds = {name: {notebook: [] for notebook in NOTEBOOKS} for name in kernels}
    number = time.time_ns() % 10**12 * 1000
    try:
        for notebook, (imports, statement) in NOTEBOOKS.items():
            for kernel in kernels.values():  # the first is not counted: it imports
                kernel.run(imports + "\n" + kernel.prefix + statement.format(n=number))
            for _ in range(spec["cells"]):
                number += 1
                for name, kernel in kernels.items():
                    seconds[name][notebook].append(kernel.run(kernel.prefix + statement.format(n=number)))
    finally:
        for kernel in kernels.values():
            kernel.close()
    print(json.dumps(seconds))


main()
