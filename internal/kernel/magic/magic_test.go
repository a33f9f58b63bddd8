package magic

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRewriteKeepsLinesAndColumns(t *testing.T) {
	const loop = `ᐧt := ᐧlive.Now(); for range ᐧn { `
	const end = ` }; return ᐧlive.Since(ᐧt) })`
	for _, c := range []struct{ name, code, want string }{
		{"plain Go", "x := 1\nx % 2", "x := 1\nx % 2"},
		{"timeit", "x := 1\n%timeit -n10 -r 3 f(x) // why", "x := 1\n" + `ᐧcommand.Timeit("-n10 -r 3", func(ᐧn int) ᐧlive.Duration { ` + loop + `/*line :2:19*/f(x)` + end},
		{"timeit, quoted comment", "%timeit s = \"// no\"", `ᐧcommand.Timeit("", func(ᐧn int) ᐧlive.Duration { ` + loop + `/*line :1:9*/s = "// no"` + end},
		{"timeit -v", "%timeit -v r -q f()", `r := ᐧcommand.TimeitValue("-v r -q", func(ᐧn int) ᐧlive.Duration { ` + loop + `/*line :1:17*/f()` + end},
		{"timeit negative operand", "%timeit -x", "UsageError"},
		{"timeit empty", "%timeit", ""},
		{"timeit block", "%%timeit -r2 y := 1\nf(y)\ng(y) // c", `ᐧcommand.Timeit("-r2", func(ᐧn int) ᐧlive.Duration { /*line :1:14*/y := 1; ` + "ᐧt := ᐧlive.Now(); for range ᐧn {\nf(y)\ng(y) // c\n}; return ᐧlive.Since(ᐧt) })"},
		{"time defines", "%time x, err := f()\nx", "ᐧcommand.TimeBegin(); /*line :1:7*/x, err := f(); ᐧcommand.TimeEnd()\nx"},
		{"time value at the end", "\t%time f()\n// end", "ᐧcommand.TimeBegin(); /*line :1:8*/f()\n// end"},
		{"time value inside", "%time f()\ng()", "ᐧcommand.TimeBegin(); { ᐧn := 1; for range ᐧn { /*line :1:7*/f() } }; ᐧcommand.TimeEnd()\ng()"},
		{"time block", "\n%%time\nx := 1\nx", "\nᐧcommand.TimeBegin()\nx := 1\nx"},
		{"time of commands", "%%time\n!sleep 1", "ᐧcommand.TimeBegin()\nᐧcommand.Run(\"shell\", \"sleep 1\")"},
		{"overhead", "%overhead f xs // why", "ᐧoverhead.Run(ᐧoverhead.Last(), /*line :1:11*/f, /*line :1:13*/xs)"},
		{"overhead of a literal", "x := 1\n  %overhead -on rc.All()  func(i, j int) int { return i }, []int{1, 2}", "x := 1\nᐧoverhead.Run(ᐧoverhead.On(/*line :2:17*/rc.All()), /*line :2:27*/func(i, j int) int { return i }, /*line :2:60*/[]int{1, 2})"},
		{"overhead of one thing", "%overhead f(x)", "UsageError"},
		{"overhead, unbalanced", "%overhead f xs) }; {", "UsageError"},
		{"main without func main", "%%main\nmain := f\n{ type main int }", "\nmain := f\n{ type main int }"},
		{"main in short", "\n%%\nfmt.Println()", "\n\nfmt.Println()"},
		{"main below declarations", "x := 1\n%%\nf(x)", "x := 1\n\nf(x)"},
		{"main under its other name", "var x = 1\n  %main \n_ = x", "var x = 1\n\n_ = x"},
		{"main with arguments", "%%main -x 1\nf()", `ᐧcommand.Run("args", "-x 1"); flag.Parse()` + "\nf()"},
		{"main with arguments below declarations", "x := 1\n%% --who=a\nf(x)", "x := 1\n" + `ᐧcommand.Run("args", "--who=a"); flag.Parse()` + "\nf(x)"},
		{"gonb's tests, unknown", "%test -cover\nx := 1", "UsageError"},
		{"gonb's tests in a text", "x := `\n%test\n`", "x := `\n%test\n`"},
		{"version with a comment", "%version // of Go\nx", "\nx"},
		{"pwd with arguments", "x := 1\n%pwd -P", "UsageError"},
		{"explain with arguments", "%explain r", "UsageError"},
		{"bash with arguments", "%%bash --out o\necho a", "UsageError"},
		{"a list with arguments", "%lsmagic all", "UsageError"},
		{"shell beside Go", "x := 1\n!ls \"a b\"", "x := 1\n" + `ᐧcommand.Run("shell", "ls \"a b\"")`},
		{"inside a function", "for range 3 {\n  %time f()\n}", "for range 3 {\nᐧcommand.TimeBegin(); { ᐧn := 1; for range ᐧn { /*line :2:9*/f() } }; ᐧcommand.TimeEnd()\n}"},
		{"expression goes on", "x := a &&\n!b", "x := a &&\n!b"},
		{"raw string", "s := `\n%timeit\n!ls\n`", "s := `\n%timeit\n!ls\n`"},
		{"comment", "/*\n%timeit x\n*/ x", "/*\n%timeit x\n*/ x"},
		{"literal", "x := []bool{\n!a,\n!b,\n}", "x := []bool{\n!a,\n!b,\n}"},
		{"call over lines", "f(\n!a,\n)", "f(\n!a,\n)"},
		{"literal function among arguments", "f(func() {\n!ls\n})", "f(func() {\n" + `ᐧcommand.Run("shell", "ls")` + "\n})"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Rewrite(c.code)
			if err != nil {
				if err.Name != c.want {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(c.want, got.Source); diff != "" {
				t.Error(diff)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "", "package p; func _() {\n"+got.Source+"\n}", 0); err != nil {
				t.Errorf("not Go: %v", err)
			}
		})
	}
}

func TestCellsWithoutGoAreNotCompiled(t *testing.T) {
	got, err := Rewrite("// look\n!ls -l\n%cd ..\n%version\n")
	if err != nil {
		t.Fatal(err)
	}
	if got.Source != "" || len(got.Actions) != 1 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]Command{{"shell", "ls -l"}, {"cd", ".."}}, got.Commands); diff != "" {
		t.Error(diff)
	}
	got, err = Rewrite("%%bash\nfor i in 1 2; do\n  echo $i\ndone")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Command{{"bash", "for i in 1 2; do\n  echo $i\ndone"}}, got.Commands); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsSayWhereAndWhatInstead(t *testing.T) {
	for _, c := range []struct {
		code         string
		line, column int
		want         string
	}{
		{"x := 1\n  %timit f()", 2, 3, "did you mean %timeit?"},
		{"%frobnicate", 1, 1, "%lsmagic"},
		{"%%bsh\nls", 1, 1, "did you mean %%bash?"},
		{"%bash ls", 1, 1, "%%bash"},
		{"x := 1\n%%time\nf()", 2, 1, "first line"},
		{"%%timeit", 1, 1, "line magic is %timeit"},
		{"%%time f()\ng()", 1, 8, "Can't use statement directly after '%%time'!"},
		{"%timeit -z f()", 1, 11, "no option -z"},
		{"%timeit -n ten f()", 1, 15, "whole number"},
		{"%overhead", 1, 10, "%overhead f xs"},
		{"%overhead -n 3 f xs", 1, 11, "one option, -on VIEW"},
		{"%overhead -on f, xs", 1, 15, "without spaces"},
		{"%time f(", 1, 9, "expected"},
		{"%timeit f() }; {", 1, 9, ""},
		{"%time", 1, 6, "missing"},
	} {
		_, err := Rewrite(c.code)
		if err == nil {
			t.Errorf("%q: no error", c.code)
			continue
		}
		if err.Line != c.line || !strings.Contains(err.Message, c.want) {
			t.Errorf("%q: %d:%d %s; want line %d, %q", c.code, err.Line, err.Column, err.Message, c.line, c.want)
		}
		if c.want != "" && err.Column != c.column {
			t.Errorf("%q: column %d, want %d (%s)", c.code, err.Column, c.column, err.Message)
		}
	}
}

// TestManyMagics rewrites cells whose lines are magics, all or in turn with what may or may
// not have them behind it. What looks above or below each line once would take minutes.
func TestManyMagics(t *testing.T) {
	const lines = 60_000
	for _, each := range []string{"!true", "%who", "!b", "x = 7\n!true", "b := true\n!true", "x = `\n!true\n`", "y?"} {
		code := strings.Repeat(each+"\n", lines)
		begin := time.Now()
		c, err := Rewrite(code, Name{"b", "variable", "bool"})
		if err != nil {
			t.Fatalf("%q: %v", each, err)
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%d times %q took %v", lines, each, took)
		}
		if got := max(len(c.Commands), len(c.Actions), strings.Count(c.Source, "\n")); got < lines-1 && each != "y?" {
			t.Errorf("%d times %q became %d lines", lines, each, got)
		}
	}
}

func TestTestsOfGonb(t *testing.T) {
	for code, want := range map[string]string{
		"func TestA(t *testing.T) {}\n%test -test.run=B\nfunc TestB(t *testing.T) {}": `"TestB", TestB)`,
		"%test -test.bench=. -test.run=None\nfunc TestA() {}\nfunc BenchmarkB() {}":   `ᐧcommand.Test("", "BenchmarkB", BenchmarkB)`,
		"%test -v -run A\nfunc TestA() {}\nfunc BenchmarkA() {}":                      `ᐧcommand.Test("", "TestA", TestA, "BenchmarkA", BenchmarkA)`,
		"%test": `ᐧcommand.Test("", "TestKnown", TestKnown)`,
		"func TestA(t *testing.T) {}\n%ls\n%test": `ᐧcommand.Test("", "TestA", TestA)`,
	} {
		cell, err := Rewrite(code, Name{"TestKnown", "function", "func(t *testing.T)"}, Name{"TestNot", "function", "func(int)"}, Name{"TestX", "variable", "int"})
		if err != nil {
			t.Errorf("%s: %+v", code, err)
		} else if !strings.HasSuffix(cell.Source, want) {
			t.Errorf("%s: %s", code, cell.Source)
		}
	}
}

// A program has the Go of a cell whatever its magic: below a magic that is no Go, or Go of elsewhere, there is none, and
// what acts on the process is a call.
func TestPlainKnowsAllCellMagics(t *testing.T) {
	goes := map[string]bool{"%%capture": true, "%%main": true, "%%prun": true, "%%time": true, "%%test": true, "%%bash": true, "%%sh": true, "%%script": true, "%%writefile": true}
	_, cells := Names()
	for _, name := range cells {
		text, actions, wrong := Plain(name + "\nx := 1\n%time x")
		if f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() {\n"+text+"\n}", parser.SkipObjectResolution); err != nil || wrong != nil || actions != nil {
			t.Errorf("%s: %v, %v, %v in\n%s", name, err, wrong, actions, text)
		} else if got := len(f.Decls[0].(*ast.FuncDecl).Body.List) > 0; got != goes[name] {
			t.Errorf("%s has Go: %v\n%s", name, got, text)
		}
	}
}

// What becomes of lines and blocks in a program.
func TestPlain(t *testing.T) {
	for code, want := range map[string]string{
		"x := 1\n%time y := f(x)":              "x := 1\ny := f(x)",
		"%time f(x) // long":                   "f(x)",
		"%time f(x)\ny := 2":                   "{ ᐧn := 1; for range ᐧn { f(x) } }\ny := 2",
		"%memit a = append(a, 1)":              "a = append(a, 1)",
		"%prun f()":                            "{ ᐧn := 1; for range ᐧn { f() } }",
		"%timeit f()":                          "// %timeit f()",
		"%timeit -n 3 -v t f()":                "t := ᐧcommand.TimeitValue(\"-n 3 -v t\", func(ᐧn int) ᐧlive.Duration { ᐧt := ᐧlive.Now(); for range ᐧn { f() }; return ᐧlive.Since(ᐧt) })",
		"%%timeit\nx := 1":                     "// %%timeit\n// x := 1\n",
		"%%timeit -v t i := 0\ni++":            "t := ᐧcommand.TimeitValue(\"-v t\", func(ᐧn int) ᐧlive.Duration { i := 0; ᐧt := ᐧlive.Now(); for range ᐧn {\ni++\n}; return ᐧlive.Since(ᐧt) })",
		"%%time\nf()":                          "// %%time\nf()",
		"%%capture v\nf()":                     "v := ᐧcommand.CaptureBegin(true, true, true)\nf()",
		"%capture -a out.txt\nf()":             "ᐧcommand.Run(\"capture\", \"-a out.txt\")\nf()",
		"!ls \\\n -l\nf()":                     "ᐧcommand.Run(\"shell\", \"ls \\\\\\n -l\")\n\nf()",
		"x := !ls":                             "x := ᐧcommand.Output(\"ls\")",
		"%cd /tmp":                             "ᐧcommand.Run(\"cd\", \"/tmp\")",
		"%%writefile -a a.txt\nb":              "ᐧcommand.Run(\"writefile\", \"-a a.txt\\nb\")",
		"%%test -run X\nfunc TestX() {}":       "// %%test -run X\nfunc TestX() {}",
		"%% -n 3\nfunc main() {}":              "ᐧcommand.Run(\"args\", \"-n 3\")\nfunc main() {}\nflag.Parse(); main()",
		"f()\n%main\n%test\n?f\n%who\n%time g": "f()\n// %main\n// %test\n// ?f\n// %who\ng",
		"%%px\nx := 1":                         "// %%px\n// x := 1\n",
		"%px -o r x := 1":                      "// %px -o r x := 1",
	} {
		got, actions, err := Plain(code)
		if got != want || actions != nil || err != nil {
			t.Errorf("%s became\n%s\nand not\n%s (%v, %v)", code, got, want, actions, err)
		}
	}
	for _, code := range []string{"%run a.go", "%get m@v1", "%mod edit", "%del x", "%rm x", "%autoimport off", "%autopx"} {
		if got, actions, err := Plain(code); got != "// "+code || len(actions) != 1 || err != nil {
			t.Errorf("%s: %q, %v, %v", code, got, actions, err)
		}
	}
	for _, code := range []string{"%timit x", "%%tim\nx", "%time f(", "%%capture a b\nx"} {
		if got, _, err := Plain(code); err == nil {
			t.Errorf("%s: %q", code, got)
		}
	}
}

// What IPython has and this kernel has not is an error that says what there is.
func TestMagicsOfIPython(t *testing.T) {
	lines, cells := Names()
	for name := range elsewhere {
		if slices.Contains(lines, "%"+name) || slices.Contains(cells, "%%"+name) {
			t.Errorf("there is %s", name)
		}
		_, err := Rewrite("%" + name + " inline")
		if err == nil || !strings.Contains(err.Message, "there is no magic %"+name+"; "+elsewhere[name]) {
			t.Errorf("%s: %+v", name, err)
		}
	}
}
