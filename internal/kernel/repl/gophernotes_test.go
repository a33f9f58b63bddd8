package repl_test

import (
	"strings"
	"testing"
)

// What notebooks of gophernotes have besides Go.
func TestNotebooksOfGophernotes(t *testing.T) {
	n := open(t)
	n.ok("display.Markdown(`*hello*`)", "[imported github.com/goparallel/goparallel/kernel/display][*hello*]")
	n.ok("d := display.Markdown(`*hello*`)\nd", "[imported github.com/goparallel/goparallel/kernel/gophernotes/display]=> *hello*")
	n.ok("for i := 0; i < 2; i++ {\n\tDisplay(display.MakeData3(display.MIMETypeHTML, \"plain\", \"<b>rich</b>\"))\n}", "[plain][plain]")
	n.ok("Display(display.MakeData3(display.MIMETypeHTML, `last`, ``))", "[last]")
	n.ok("display.Any(``, []byte(`<html></html>`)).Data[display.MIMETypeHTML] != nil", "=> true")
	n.ok("$echo one two\n%cd /\n$pwd", "one two\n/\n/\n")
	n.ok("x := 3\n$echo three", "three\n")
	n.ok("func Signature(x int) interface{}\nfunc Other()\nfunc Whole() interface{} { return 1 }\nWhole()",
		"[note: Signature, Other declared without a body: a call panics]=> 1")
	if text := n.fails("Signature(1)", "panic"); !strings.Contains(text, "Signature was declared without a body") {
		t.Error(text)
	}
	// What a notebook declares itself, it has.
	n.ok("func Display(x int) int { return 2 * x }\nDisplay(4)", "=> 8")
	if text := n.fails("import \"gonum.org/v1/plot\"\np, err := plot.New()", "CompileError"); !strings.Contains(text, "hint: gonum/plot") {
		t.Error(text)
	}
}
