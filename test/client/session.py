"""A goparallel session through jupyter_client, as front ends written in Python use it."""

import os
import time
import unittest

from jupyter_client.manager import start_new_kernel

PATIENCE = 120


class Session(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="goparallel", startup_timeout=PATIENCE)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()

    def run_cell(self, code, **options):
        """Returns the reply and what was published, by message type."""
        published = []
        reply = self.client.execute_interactive(
            code, timeout=PATIENCE, output_hook=lambda m: published.append((m["msg_type"], m["content"])), **options)
        return reply["content"], published

    def text(self, code, **options):
        """Returns what a cell printed or showed as text."""
        reply, published = self.run_cell(code, **options)
        self.assertEqual(reply["status"], "ok", reply)
        parts = []
        for kind, content in published:
            if kind == "stream":
                parts.append(content["text"])
            elif kind in ("execute_result", "display_data"):
                parts.append(content["data"]["text/plain"])
        return "".join(parts)

    def test_values_live_on(self):
        self.text("x := 40")
        self.assertEqual(self.text("x += 2\nx"), "42")
        self.assertEqual(self.text("type point struct{ x, y int }\nfunc (p point) sum() int { return p.x + p.y }"), "")
        self.assertEqual(self.text("point{x: 1, y: x}.sum()"), "43")

    def test_a_compile_error_names_the_line_and_costs_nothing(self):
        self.text("kept := 7")
        reply, published = self.run_cell("a := 1\nb := undefinedName\n")
        self.assertEqual(reply["status"], "error")
        self.assertEqual([kind for kind, _ in published].count("error"), 1)
        self.assertIn("undefinedName", reply["evalue"] + "\n".join(reply["traceback"]))
        self.assertIn("2", "\n".join(reply["traceback"]))
        self.assertEqual(self.text("kept"), "7")

    def test_interrupt_keeps_the_state(self):
        self.text("before := 5")
        started = time.time()
        message = self.client.execute("for {\n}")
        while True:  # until the cell runs
            m = self.client.get_iopub_msg(timeout=PATIENCE)
            if m["parent_header"].get("msg_id") == message and m["msg_type"] == "execute_input":
                break
        time.sleep(2)
        self.manager.interrupt_kernel()
        reply = self.client.get_shell_msg(timeout=PATIENCE)
        self.assertEqual(reply["content"]["status"], "error", reply["content"])
        self.assertEqual(self.text("before"), "5", f"after {time.time() - started:.1f} s")

    def test_exit_of_a_cell_costs_only_the_values(self):
        self.text("lost := 1")
        reply, published = self.run_cell('import "os"\nos.Exit(3)')
        self.assertEqual(reply["status"], "error")
        self.assertIn("3", reply["evalue"])
        self.assertEqual([kind for kind, _ in published].count("error"), 1)
        self.assertEqual(self.text("1 + 1"), "2")

    def test_restart(self):
        self.text("gone := 1")
        self.manager.restart_kernel(now=False)
        self.client.wait_for_ready(timeout=PATIENCE)
        reply, _ = self.run_cell("gone")
        self.assertEqual(reply["status"], "error")

    def test_shutdown_leaves_no_process(self):
        manager, client = start_new_kernel(kernel_name="goparallel", startup_timeout=PATIENCE)
        pid = None
        client.execute_interactive(
            'import (\n"context"\n"os"\n"github.com/goparallel/goparallel/parallel"\n)\n'
            "rc, err := parallel.Start(context.Background(), 2)\nif err != nil { panic(err) }",
            timeout=PATIENCE)
        published = []
        client.execute_interactive("os.Getpid()", timeout=PATIENCE, output_hook=published.append)
        for m in published:
            if m["msg_type"] == "execute_result":
                pid = int(m["content"]["data"]["text/plain"])
        self.assertIsNotNone(pid)
        children = descendants(manager.provisioner.pid)
        self.assertIn(pid, children)
        self.assertGreaterEqual(len(children), 3, "host and two engines")
        client.stop_channels()
        manager.shutdown_kernel()
        deadline = time.time() + 20
        while any(alive(c) for c in children) and time.time() < deadline:
            time.sleep(0.1)
        self.assertEqual([c for c in children if alive(c)], [])


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def descendants(pid):
    """Returns the processes below pid."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    parents.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
            except FileNotFoundError:
                pass
    found, todo = [], [pid]
    while todo:
        for child in parents.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


if __name__ == "__main__":
    unittest.main()
