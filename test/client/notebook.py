"""Runs a notebook through nbclient, as nbconvert and papermill do: notebook.py NOTEBOOK."""

import sys
import unittest

import nbformat
from nbclient import NotebookClient


class Notebook(unittest.TestCase):
    path = ""

    def test_every_cell_runs_and_the_plot_is_drawn(self):
        notebook = nbformat.read(self.path, as_version=4)
        kernel = notebook.metadata.kernelspec.name
        self.assertIn(kernel, ["goparallel", "gophernotes-parallel"])
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        NotebookClient(notebook, timeout=300, kernel_name=kernel).execute()
        nbformat.validate(notebook)
        outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
        self.assertEqual([o for o in outputs if o.output_type == "error"], [])
        self.assertTrue([o for o in outputs if "image/svg+xml" in o.get("data", {})], "no plot")
        self.assertTrue([o for o in outputs if "per loop" in str(o.get("text", o.get("data")))], "no %timeit line")


if __name__ == "__main__":
    Notebook.path = sys.argv.pop()
    unittest.main()
