"""Runs a notebook through nbclient, as nbconvert and papermill do: notebook.py NOTEBOOK."""

import os
import sys
import unittest

import nbformat
from nbclient import NotebookClient


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
    """What a cell shows: types of what it displays, whether it prints, and whether that is a line of %timeit."""
    shown = {kind for output in cell.outputs for kind in output.get("data", {})}
    shown |= {output.name for output in cell.outputs if output.get("name") == "stdout"}
    return shown | ({"per loop"} if "per loop" in str(cell.outputs) else set())


if __name__ == "__main__":
    Notebook.path = sys.argv.pop()
    unittest.main()
