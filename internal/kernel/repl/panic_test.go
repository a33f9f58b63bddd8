package repl_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPanicsReadAsInAProgram compares the head of a cell's report with what a
// program prints that ends with the same panic.
func TestPanicsReadAsInAProgram(t *testing.T) {
	const declarations = `
import ("errors"; "fmt"; "runtime")
type E int
type S string
type C complex128
type F float64
type err struct{ code int }
func (e err) Error() string { return fmt.Sprint("code ", e.code) }
type name int
func (n name) String() string { return fmt.Sprint("name ", int(n)) }
//go:noinline
func at(p *[100]int) int { return p[9] }
var _ = errors.New
var _ runtime.Error
`
	n := open(t)
	n.ok(declarations, "")
	for _, code := range []string{
		`panic(42)`, `panic("a\nb")`, `panic(fmt.Sprintf("%d items", 3))`, `panic(1.5)`, `panic(-0.25e-200)`, `panic(1+2i)`, `panic(true)`, `panic('x')`, `panic(uint8(3))`,
		`panic(E(5))`, `panic(S("text\nmore"))`, `panic(C(1i))`, `panic(F(2))`,
		`panic(errors.New("plain"))`, `panic(fmt.Errorf("outer: %w", errors.New("inner")))`, `panic(err{3})`, `panic(&err{4})`, `panic(name(2))`,
		`panic(nil)`, `panic(error(nil))`,
		"var p *err\nfmt.Println(p.code)", "at(nil)", "defer func() { recover(); panic(\"later\") }()\nvar p *err\nfmt.Println(p.code)", "var f func()\nf()", "x := []int{}\ni := 5\n_ = x[i]", "var m map[int]int\nm[1] = 1", "z := 0\n_ = 1 / z",
		"var a any = \"s\"\n_ = a.(int)", "var a any\n_ = a.(fmt.Stringer)", "n := -1\n_ = make([]int, n)", "close(make(chan int, len(fmt.Sprint())))\nvar c chan int\nclose(c)",
		"s := []int{1}\ni := 3\n_ = s[1:i]", "x := map[any]int{}\nx[[]int{}] = 1",
		"defer func() {\n\tr := recover()\n\tpanic(fmt.Sprint(\"again: \", r))\n}()\npanic(\"first\")",
		"defer func() {\n\tpanic(\"second\")\n}()\npanic(\"first\")",
		"defer func() {\n\tpanic(recover())\n}()\npanic(err{1})",
		"defer func() {\n\tdefer func() {\n\t\tpanic(3)\n\t}()\n\tpanic(2)\n}()\npanic(1)",
		"func() {\n\tdefer func() { _ = recover() }()\n\tpanic(\"over\")\n}()\npanic(\"alone\")",
	} {
		got := n.fails(code, "panic")
		head, frames, _ := strings.Cut(got, "\n\n")
		if want := programPanics(t, declarations, code); normal(head) != normal(want) {
			t.Errorf("%s\nreads\n%s\nin a program\n%s", code, head, want)
		}
		if !strings.Contains(frames, n.cell()+":") || regexp.MustCompile(`ᐧ|\.go:|runtime\.`).MatchString(frames) {
			t.Errorf("%s\nhas the lines\n%s", code, frames)
		}
	}
	// Go tells only the address of these.
	for code, want := range map[string]string{
		"type T struct{ A int }\npanic(T{1})": "panic: (main.T) {A:1}",
		"panic([]int{1, 2})":                  "panic: ([]int) [1 2]",
		"panic(&struct{ B string }{\"x\"})":   "panic: (*struct { B string }) &{B:x}",
		"type shy int\nfunc (shy) String() string { panic(\"no\") }\npanic(shy(1))": "panic: (main.shy) whose text cannot be had: its method String panics with no",
	} {
		if got := n.fails(code, "panic"); !strings.HasPrefix(got, want+"\n\n") {
			t.Errorf("%s\nreads\n%s", code, got)
		}
	}
}

// normal leaves out of a report what differs from one run to the next.
func normal(head string) string {
	head = regexp.MustCompile(`(?m)^(\[signal .*) pc=.*`).ReplaceAllString(head, "$1")
	return strings.TrimSpace(strings.ReplaceAll(head, "goroutine 1 [running]:", ""))
}

// programPanics runs a program and returns what it prints before its stack.
func programPanics(t *testing.T, declarations, code string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	source := "package main\n" + declarations + "\nfunc main() {\n" + code + "\n}\n"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module p\n\ngo 1.27\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("%s\ndid not panic: %s", code, out)
	}
	head, _, _ := strings.Cut(string(out), "\n\n")
	return head
}
