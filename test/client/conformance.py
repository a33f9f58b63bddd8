"""jupyter_kernel_test, the Jupyter project's conformance suite, for the goparallel kernel."""

import unittest

import jupyter_kernel_test


class Conformance(jupyter_kernel_test.KernelTests):
    kernel_name = "goparallel"
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import (\n"fmt"\n"os"\n)\nfmt.Fprintln(os.Stderr, "test")'
    code_generate_error = 'panic("oh")'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "[]int{1, 2}", "result": "[1 2]"},
    ]
    code_display_data = [
        {"code": 'import "github.com/goparallel/goparallel/kernel/display"\ndisplay.HTML("<b>x</b>")', "mime": "text/html"},
        {"code": 'import "github.com/goparallel/goparallel/kernel/display"\ndisplay.Markdown("*x*")', "mime": "text/markdown"},
    ]
    code_clear_output = 'import "github.com/goparallel/goparallel/kernel/display"\ndisplay.Clear(false)'
    completion_samples = [{"text": "%timei", "matches": {"%timeit"}}]
    complete_code_samples = ["x := 1", "func f() int {\n\treturn 1\n}", "1 + 2"]
    incomplete_code_samples = ["func f() {", "for i := range 3 {", "x := (1 +"]
    invalid_code_samples = ["x := )", "func {}}"]
    code_inspect_sample = "%timeit"
    code_page_something = "?fmt.Println"
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6*7"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "goparallel"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
