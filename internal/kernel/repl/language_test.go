package repl_test

import (
	"strings"
	"testing"
)

func TestMainRunsAfterItsCell(t *testing.T) {
	n := open(t)
	n.ok("import \"fmt\"\nfunc main() { fmt.Println(\"main\", x) }\nx := 1", "[note: main is declared and not called: end the cell with main(), or begin it with %%main]")
	n.ok("%%main\npackage main\nimport \"fmt\"\nfunc main() { fmt.Println(\"main\", x) }\nx := 2\nfmt.Println(\"first\")", "first\nmain 2\n")
	n.ok("%%\nfmt.Println(\"statements\")", "statements\n")
	n.ok("func main() { fmt.Println(\"again\") }", "")
	n.ok("%%\nfunc main() { fmt.Println(\"again\") }", "again\n")
}

func TestNegationsAreNoCommands(t *testing.T) {
	n := open(t)
	n.ok("b := true\n!b", "=> false")
	n.ok("!b", "=> false")
	n.ok("!(b && 1 > 2) // said otherwise", "=> true")
	n.ok("!echo b", "b\n")
	n.ok("echo := 1\n!echo b", "b\n")
	n.ok("x := 1\n!true", "")
}

func TestDelete(t *testing.T) {
	n := open(t)
	n.ok("import \"strings\"\ntype name string\nfunc upper(n name) string { return strings.ToUpper(string(n)) }\nfunc twice(n name) string { return upper(n) + upper(n) }\nx, y := name(\"ab\"), 7\ntwice(x)", "=> ABAB")
	n.ok("%del upper, y", "[note: twice refers to upper, which was deleted; it comes back when upper is declared]")
	if text := n.fails("twice(x)", "CompileError"); !strings.Contains(text, "undefined: twice") || !strings.Contains(text, "refers to upper, which was deleted") {
		t.Error(text)
	}
	if text := n.fails("y", "CompileError"); !strings.Contains(text, "y was deleted with %del") {
		t.Error(text)
	}
	n.ok("func upper(n name) string { return \"<\" + string(n) + \">\" }\nfunc twice(n name) string { return upper(n) + upper(n) }\ntwice(x)", "=> <ab><ab>")
	n.ok("%del strings", "")
	if text := n.fails("strings.ToUpper(\"x\")", "CompileError"); !strings.Contains(text, "undefined: strings") {
		t.Error(text)
	}
	if text := n.fails("%del x nothing", "MagicError"); !strings.Contains(text, "the session has no nothing") {
		t.Error(text)
	}
	n.ok("x", "=> ab")
}
