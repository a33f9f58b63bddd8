package export

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/notebook"
	"github.com/goparallel/goparallel/internal/kernel/repl"
)

// notebookOf writes a notebook of code cells.
func notebookOf(t *testing.T, cells ...string) string {
	t.Helper()
	list := []any{}
	for _, source := range cells {
		list = append(list, map[string]any{"cell_type": "code", "source": source, "metadata": map[string]any{}, "execution_count": nil, "outputs": []any{}})
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.ipynb")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// goRun exports a notebook and returns what go run prints, and the notes.
func goRun(t *testing.T, path string) (printed, notes, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "my program")
	var said bytes.Buffer
	if err := Notebook(t.Context(), path, dir, &said); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", ".")
	cmd.Dir = dir
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("go run: %v\n%s", err, &stderr)
	}
	formatted, err := exec.CommandContext(t.Context(), "gofmt", "-l", dir).CombinedOutput()
	if err != nil || strings.Contains(strings.ReplaceAll(string(formatted), "goparallel/", ""), "cell") {
		t.Errorf("gofmt: %s, %v", formatted, err)
	}
	return out.String(), said.String(), dir
}

// printed is what a notebook's cells print and show.
type printed struct {
	cell.Discard
	text strings.Builder
}

func (p *printed) Stream(_, text string) { p.text.WriteString(text) }
func (p *printed) Result(data cell.Bundle, _ map[string]any) {
	p.text.WriteString(data["text/plain"].(string) + "\n")
}
func (p *printed) Display(data cell.Bundle, metadata map[string]any, _ string) { // of %run, and notes
	if !strings.HasPrefix(data["text/plain"].(string), "imported ") {
		p.Result(data, metadata)
	}
}

// asNotebook returns what the cells show in a session.
func asNotebook(t *testing.T, path string) string {
	t.Helper()
	cells, err := notebook.Code(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := repl.Open(t.Context(), repl.Options{Dir: filepath.Dir(path)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := &printed{}
	for i, code := range cells {
		if reply := r.Execute(context.Background(), cell.Request{Code: code, Count: i + 1, StoreHistory: true}, out); reply.Err != nil {
			t.Fatalf("%s\n%s", code, reply.Err.Text())
		}
	}
	return out.text.String()
}

// TestAProgramDoesWhatItsNotebookDoes compares what both print.
func TestAProgramDoesWhatItsNotebookDoes(t *testing.T) {
	path := notebookOf(t,
		"// the first one\nimport \"fmt\"\nx := 3\nfunc twice(n int) int { return 2 * n } // doubles\nfmt.Println(\"x is\", x)",
		"y, err := strconv.Atoi(\"7\")\nx := x + y // the same variable\nx, err",
		"type point struct{ X, Y int }\nfunc (p point) sum() int { return p.X + p.Y }\nconst (\n\tbig = 1 << 20\n\tsmall = iota\n)\np := point{X: x, Y: big}\np.sum()",
		"var total = twice(x)\nvar (\n\tname string = \"n\"\n\tlist []point\n)\nfor i := range 3 {\n\tlist = append(list, point{i, i})\n}\nlist, name, total",
		"x := \"now a text\"\nfmt.Println(x, len(x))", // of another type
		"deferred := 0\nfunc() { defer func() { deferred++ }(); defer fmt.Println(\"deferred\") }()\nif deferred == 1 { return }\nfmt.Println(\"never\")",
		"rand := 5 // which a later cell imports\nrand",
		"r := strings.NewReplacer(\"a\", \"b\")\nr.Replace(\"banana\");",
		"os.Open(\"/none\")",
		"func Map[T, U any](xs []T, f func(T) U) (out []U) {\n\tfor _, x := range xs {\n\t\tout = append(out, f(x))\n\t}\n\treturn\n}\nMap([]int{1, 2}, func(i int) string { return strings.Repeat(\"x\", i) })",
		"func main() { fmt.Println(\"main of the notebook\") }\nmain()",
		"func init() { fmt.Println(\"an init function\") }\nvar start = twice(4)\nstart",
		"ch := make(chan map[string][]time.Duration, 1)\nch <- map[string][]time.Duration{\"a\": {time.Second}}\n<-ch",
	)
	want := asNotebook(t, path)
	got, notes, _ := goRun(t, path)
	if got != want {
		t.Errorf("the program printed\n%s\nand the notebook\n%s", got, want)
	}
	if strings.Contains(notes, "note:") {
		t.Errorf("notes: %s", notes)
	}
}

// TestAProgramHasTheValuesOfEarlierCells uses values of each kind as _ and _3.
func TestAProgramHasTheValuesOfEarlierCells(t *testing.T) {
	path := notebookOf(t,
		"6 * 7", // 1
		"_ + 1",
		"// a comment above\ny := _ + _1; y * 2 + _",
		"type point struct{ x, y int }\nfunc (p *point) move() { p.x++ }\n[]point{{1, 2}}",
		"_[0].move()\n_, err := fmt.Sscan(`7`, &_[0].y)\nerr", // 5
		"_4[0]",
		"_.move()\n_.x",
		"strconv.Atoi(`12`)",
		"_ * 2",
		"http.DefaultClient.Timeout", // 10
		"_ + 3",
		"// of a type that this cell does not name\n_ + 4",
		"f := func(_ int, s string) string { return s + fmt.Sprint(_2) }\nf(_2, `s`)",
		"x, shown1 := _ + `!`, `the user's`\nx, shown1",
		"any(3)", // 15
		"_.(int) + _1",
		"_1 := 5\n_1",
		"_1 + 1",
		"var late = _ + 1\nlate",
		"map[string]time.Duration{`a`: time.Second}", // 20
		"_[`a`] = 2 * time.Second",
		"_20",
	)
	want := asNotebook(t, path)
	got, notes, dir := goRun(t, path)
	if got != want {
		t.Errorf("the program printed\n%s\nand the notebook\n%s", got, want)
	}
	files, err := filepath.Glob(filepath.Join(dir, "cell*.go"))
	if err != nil || len(files) != 22 {
		t.Error(files, err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "/*line") {
			t.Errorf("%s, %v", text, err)
		}
	}
	if strings.Contains(notes, "note:") || strings.Contains(notes, "left out") {
		t.Errorf("notes: %s", notes)
	}
	path = notebookOf(t, "1", "_ + `a`")
	if _, notes, _ := goRun(t, path); !strings.Contains(notes, "invalid operation: _1 + `a`") {
		t.Errorf("notes: %s", notes)
	}
}

func TestWhatAProgramLeavesOutIsSaid(t *testing.T) {
	path := notebookOf(t,
		"%env A=b\nx := 1\n%timeit x + 1\nx",
		"%%html\n<b>never</b>",
		"%%time\nx + 1",
		"this does not compile",
		"func f() int { return 1 }\nf()",
		"func f() int { return 2 }\nf()",
		"// nothing",
		"bo := binary.LittleEndian\nbo.Uint16([]byte{1, 0});",
	)
	got, notes, dir := goRun(t, path)
	if got != "env: A=b\n1\n2\n2\n2\n" {
		t.Errorf("printed %q", got)
	}
	for _, want := range []string{"cell[4] is left out, since it does not compile: ", "note: f of cell[5] is declared again by cell[6]", "bo of cell[8] has a type that cannot be written, encoding/binary.littleEndian, and is known to that cell alone"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in %s", want, notes)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "cell01.go"))
	if err != nil || !strings.Contains(string(text), "\t// %timeit x + 1\n") || !strings.Contains(string(text), "\tenvironment(\"A=b\")\n") {
		t.Errorf("%s, %v", text, err)
	}
	if err := Notebook(t.Context(), path, dir, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "is not empty; name a new folder") {
		t.Errorf("again into the same folder: %v", err)
	}
}

// TestAProgramHasEngines has a named function and a literal run on engines.
func TestAProgramHasEngines(t *testing.T) {
	path := notebookOf(t,
		"import (\n\t\"context\"\n\t\"github.com/goparallel/goparallel/parallel\"\n)\nfunc square(n int) int { return n * n }\nfunc many(a, b, c int) int { return a }\nrc, err := parallel.Start(context.Background(), 2)\nerr",
		"view := rc.LoadBalanced()\na, err := view.MapSync(square, []int{1, 2, 3})\nfmt.Println(a, err)",
		"b, err := view.MapSync(func(n int) int { return square(n) + 1 }, []int{1, 2, 3})\nfmt.Println(b, err)\nrc.Close()",
	)
	want := asNotebook(t, path)
	got, notes, _ := goRun(t, path)
	if got != want || !strings.Contains(got, "[2 5 10] <nil>") || strings.Contains(notes, "note:") {
		t.Errorf("the program printed\n%s\nand the notebook\n%s%s", got, want, notes)
	}
}

// TestAnOldGoCommandIsEnough: the first go in PATH is that of a distribution, which fetches no other unless it is told which.
func TestAnOldGoCommandIsEnough(t *testing.T) {
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	script := "#!/bin/sh\nif [ \"$GOTOOLCHAIN\" = local ]; then echo 'go: go.mod requires a newer go (GOTOOLCHAIN=local)' >&2; exit 1; fi\nexec " + real + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("GOTOOLCHAIN", "local")
	var said bytes.Buffer
	if err := Notebook(t.Context(), notebookOf(t, "fmt.Println(1)"), filepath.Join(t.TempDir(), "program"), &said); err != nil {
		t.Errorf("%v\n%s", err, &said)
	}
}
