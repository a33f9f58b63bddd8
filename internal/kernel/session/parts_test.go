package session_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestStatementsOfLargeCellsAreSeveralFunctions runs cells with so many statements that the
// compiler gets several functions, of which a program sees nothing, and cells whose statements
// must stay in one.
func TestStatementsOfLargeCellsAreSeveralFunctions(t *testing.T) {
	n := open(t)
	n.expect("import (\"errors\"; \"fmt\"; \"runtime\"; \"runtime/debug\"; \"strings\")\nvar _ = fmt.Sprint(errors.New, debug.Stack, strings.Count)\nvar steps []int\n"+
		"func where() string { pc, _, line, _ := runtime.Caller(1); return fmt.Sprint(runtime.FuncForPC(pc).Name(), line) }", "")
	// cell is one of 420 lines, the last ones of which are given.
	cell := func(line func(i int) string, last ...string) string {
		var b strings.Builder
		for i := range 420 - len(last) {
			fmt.Fprintln(&b, line(i+1))
		}
		return b.String() + strings.Join(last, "\n")
	}
	add := func(i int) string { return fmt.Sprintf("steps = append(steps, %d)", i) }
	for _, c := range []struct {
		code, want string
		parts      bool
	}{
		{cell(add, "len(steps), steps[0], steps[418]"), "419 1 419\n", true},
		{cell(func(i int) string { return fmt.Sprintf("v%d := %[1]d + len(steps)", i) }, "v1, v250, v419"), "420 669 838\n", true},
		{cell(func(i int) string { return fmt.Sprintf("var w%d = w%d + 1", i, i+1) }, "var w419 = 0", "w1"), "418\n", true},
		{cell(func(i int) string { return fmt.Sprintf("for range %d { if len(steps) == 0 { break } }", i) }, "where()"), "main.main420\n", true},
		{cell(add, `strings.Count(string(debug.Stack()), "main.main")`), "1\n", true},
		{cell(add, `func() (s string) { defer func() { s = fmt.Sprint(recover(), where()) }(); panic(where()) }()`), "main.main.func1420main.main.func1.1420\n", true},
		{cell(add, "steps = nil", "defer fmt.Println(`deferred`, len(steps))", "steps = append(steps, 1)", "fmt.Println(len(steps))"), "1\ndeferred 0\n", false},
		{cell(add, "i := 0", "again:", "i++", "if i < 3 { goto again }", "i"), "3\n", false},
		{cell(add, "if len(steps) > 5 { return }", "panic(1)"), "", false},
		{cell(add, "type local struct{ a int }", "local{len(steps)}.a > 0"), "true\n", true},
	} {
		n.expect(c.code, c.want)
		u, err := n.session.Compile(t.Context(), c.code, n.count)
		if err != nil {
			t.Fatal(err)
		}
		if parts := strings.Contains(u.Text, "func ᐧrun2_"); parts != c.parts {
			t.Errorf("%.60s …: several functions: %v, want %v", c.code[max(0, len(c.code)-60):], parts, c.parts)
		}
		longest := 0
		for _, f := range strings.Split(u.Text, "func ᐧrun")[1:] {
			longest = max(longest, strings.Count(f, "\n"))
		}
		if c.parts && longest > 220 {
			t.Errorf("a function of the cell has %d lines", longest)
		}
	}
	out := n.execute(cell(add, "var none []int", "none[3]++", "steps = nil"))
	if text := out.text.String(); !strings.Contains(text, "index out of range [3]") {
		t.Errorf("a panic in a large cell: %s", text)
	}
	n.expect("len(steps) > 400", "true\n")
}

// TestLongTexts runs cells that add many texts, of which the compiler gets a tree.
func TestLongTexts(t *testing.T) {
	n := open(t)
	n.expect("const j = `a`"+strings.Repeat(" + // more\n\t\"b\"", 300)+"\nvar first = j[0:2] + \"c\" + `d`\nlen(j), first, first + \"<\""+strings.Repeat(" + `x`", 150)+"+ `>` == first + `<` + strings.Repeat(`x`, 150) + `>`", "301 abcd true\n")
	n.expect("func f() string { return \"a\" + j"+strings.Repeat(" + `x`", 150)+" }\nlen(f()), len(\"1\""+strings.Repeat(" + `23`", 200)+")", "452 401\n")
}
