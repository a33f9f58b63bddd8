package program

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// main writes the file with func main, and what shows values.
func (w *programWriter) main(calls string) string {
	var b strings.Builder
	b.WriteString("// Command of the cells of a notebook, as goparallel export has written it.\npackage main\n\n")
	if len(w.shows) > 0 {
		b.WriteString("import \"fmt\"\n\n")
	}
	if w.p.Uses(workspace.ParallelPath) {
		fmt.Fprintf(&b, "import %q\n\n", workspace.ParallelPath)
		calls = "\tparallel.Init() // an engine process goes no further\n" + calls
	}
	fmt.Fprintf(&b, "func main() {\n%s}\n", calls)
	if w.shows["showResults"] {
		b.WriteString(`
// showResults prints the results of a call, of which the last one is an error, as the notebook shows
// them: a nil error says nothing.
func showResults(values ...any) {
	if n := len(values) - 1; values[n] == nil {
		values = values[:n]
	}
	if len(values) > 0 {
		show(values...)
	}
}
`)
	}
	prints := "fmt.Print(text)"
	if keep := w.magics["captureValue"]; keep != "" {
		prints = "if !" + keep + "(text) {\n\t\tfmt.Print(text)\n\t}"
	}
	if len(w.shows) > 0 {
		b.WriteString(`
// show prints the values of a cell's last expression, errors first.
func show(values ...any) {
	text, others := "", []any(nil)
	for _, v := range values {
		if err, ok := v.(error); ok {
			text += fmt.Sprintf("error: %T: %+v\n", err, err)
		} else {
			others = append(others, fmt.Sprintf("%+v", v))
		}
	}
	if others != nil {
		text += fmt.Sprintln(others...)
	}
	` + prints + `
}
`)
	}
	return b.String()
}

// show writes the cell's last expression, whose value the notebook shows.
func (w *programWriter) show(c *programCell, stmt *ast.ExprStmt) string {
	info := c.c.Result.Info
	call, isCall := ast.Unparen(stmt.X).(*ast.CallExpr)
	if isCall && strings.HasPrefix(c.c.Parsed.Slice(call), "ᐧlive.Show(") { // a list, see assemble
		return w.helper("show") + "(" + w.slice(c, c.c.Parsed.Offset(call.Lparen)+1, c.c.Parsed.Offset(call.Rparen), nil) + ")"
	}
	text := w.node(c, stmt.X)
	quiet := c.c.Chunks[len(c.c.Chunks)-1].Semicolon
	switch {
	case !rewrite.HasValue(info, stmt.X), rewrite.IsQuiet(info, stmt.X), isCall && quiet:
		return text
	case quiet:
		return "_ = " + text
	}
	t := c.c.Result.Info.Types[stmt.X].Type
	results, _ := t.(*types.Tuple)
	name := w.value(c)
	if name != "" && results != nil { // a value and an error
		fails := w.free(name + "Err")
		w.helper("show")
		return fmt.Sprintf("var %s error\n%s, %s = %s\n%s(%s, %s)", fails, name, fails, text, w.helper("showResults"), name, fails)
	} else if name != "" {
		return fmt.Sprintf("%s = %s\n%s(%s)", name, text, w.helper("show"), name)
	}
	if results != nil && typetext.IsError(results.At(results.Len()-1).Type()) || isCall && typetext.IsError(t) {
		w.helper("show")
		return w.helper("showResults") + "(" + text + ")"
	}
	return w.helper("show") + "(" + text + ")"
}

func (w *programWriter) helper(name string) string {
	if w.shows == nil {
		w.shows = make(map[string]bool)
	}
	w.shows[name] = true
	return name
}
