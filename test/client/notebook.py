"""Runs a notebook through nbclient, as nbconvert and papermill do: notebook.py NOTEBOOK."""

import os
import re
import sys
import unittest

import nbformat
from nbclient import NotebookClient

PROGRESS = re.compile(r"\d+ of \d+ items")


class Notebook(unittest.TestCase):
    path = ""

    def test_every_cell_runs_and_shows_what_it_showed(self):
        notebook = nbformat.read(self.path, as_version=4)
        kernel = notebook.metadata.kernelspec.name
        self.assertIn(kernel, ["goparallel", "gophernotes-parallel"])
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        stored = [kinds(cell) for cell in cells]
        for cell in cells:
            cell.outputs = []
        # By itself nbclient goes on without the outputs that have not come 4 s after the end of a cell.
        there = {"metadata": {"path": os.path.dirname(os.path.abspath(self.path))}}  # where Jupyter starts its kernel
        NotebookClient(
            notebook, timeout=300, iopub_timeout=300, raise_on_iopub_timeout=True, kernel_name=kernel, resources=there
        ).execute()
        nbformat.validate(notebook)
        self.assertEqual([o for cell in cells for o in cell.outputs if o.output_type == "error"], [])
        self.assertIn("image/svg+xml", set().union(*stored), "no plot")
        for cell, before in zip(cells, stored):
            self.assertLessEqual(before, kinds(cell), cell.source)


def kinds(cell):
    """What a cell shows: types of what it displays, whether it prints, and whether that is a line of %timeit.

    Progress is left out: a call shows it when it takes over a second, so a faster machine shows none."""
    displays = [output.get("data", {}) for output in cell.outputs]
    shown = {kind for data in displays for kind in data if not PROGRESS.search(data.get("text/plain", ""))}
    shown |= {output.name for output in cell.outputs if output.get("name") == "stdout"}
    return shown | ({"per loop"} if "per loop" in str(cell.outputs) else set())


if __name__ == "__main__":
    Notebook.path = sys.argv.pop()
    unittest.main()
