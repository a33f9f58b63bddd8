package habits

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"
)

// What Go's parser and type checker say of a line that is a habit leads to its hint, and each rule has a line that only it recognises.
func TestHintsOfWhatGoSays(t *testing.T) {
	reached := make(map[*regexp.Regexp]bool)
	for _, test := range habit {
		message, column := complaint(t, test.line)
		if got := Hint(message, test.line, column); got != test.hint {
			t.Errorf("%s\n%d: %s\nhas the hint %q instead of %q", test.line, column, message, got, test.hint)
		}
		if r := answering(message, test.line); r != nil {
			reached[r.pattern] = true
		}
	}
	for _, list := range [][]rule{messages, lines} {
		for _, r := range list {
			if !reached[r.pattern] {
				t.Errorf("no line of this test is recognised by %s", r.pattern)
			}
		}
	}
}

// answering is the first rule that fits.
func answering(message, line string) *rule {
	for i := range messages {
		if messages[i].pattern.MatchString(message) {
			return &messages[i]
		}
	}
	for i := range lines {
		if lines[i].pattern.MatchString(line) {
			return &lines[i]
		}
	}
	return nil
}

var habit = []struct{ line, hint string }{
	{"xs.append(3)", "Go writes xs = append(xs, …)"},
	{"ages.keys()", "Go writes slices.Sorted(maps.Keys(ages)), or for k := range ages"},
	{"text.upper()", "Go writes strings.ToUpper(text)"},
	{"xs.shuffle()", ""},
	{"_ = xs[-1]", "the last element is xs[len(xs)-1]"},
	{"_ = max(xs...)", "of a list: slices.Max(xs)"},
	{"_ = min(xs...)", "of a list: slices.Min(xs)"},
	{`_ = text + 1`, `fmt.Sprint(a, b) joins a text and a number, fmt.Sprintf("%s %d", a, b) with a form`},
	{`_ = number + text`, `fmt.Sprint(a, b) joins a text and a number, fmt.Sprintf("%s %d", a, b) with a form`},
	{`_ = "-" * 20`, "strings.Repeat(text, n)"},
	{"time.Sleep(0.5)", "durations have units: 500 * time.Millisecond"},
	{"if xs { }", "conditions are of type bool: x != 0, len(xs) > 0, p != nil"},
	{"_ = 'hello'", `texts stand in double quotes, "text", or between backquotes; 'a' is a character`},
	{"_ = xs[::2]", "slices have no step: for i := 0; i < len(xs); i += 2 { … }"},
	{"y := nil", "nil needs a type: var p *Point, var m map[string]int"},
	{"_ = int(3.7)", "a constant must be whole: math.Round(x) rounds, int(x) of a variable cuts off"},
	{`_ = int("3")`, "strconv.Atoi(text) reads a whole number, strconv.ParseFloat(text, 64) any"},
	{`_ = text % 3`, `fmt.Sprintf("%d items", n) puts values into a text`},
	{"_ = max(xs)", "of a list: slices.Max(xs), slices.Min(xs)"},
	{"_ = xs == xs", "slices.Equal(xs, ys) compares lists"},
	{"_ = ages == ages", "maps.Equal(a, b) compares maps"},
	{"func() { return 1 }()", "a function that returns something names its type behind the parameters: func f(x int) int { … }"},
	{"_ = 2 ** 10", "there is no operator for powers: math.Pow(x, y); x*x for a square"},

	{"# a comment", "comments begin with //"},
	{"y := 1 # one", "comments begin with //"},
	{`y := "a" # one`, "comments begin with //"},
	{`y := "a # b" if`, ""}, // the # is in a text, as is what looks like b"…"
	{`y := "pip: x for y in [1, 2] => x**2 ? 1 : 2" f`, ""},
	{"import numpy as np", `imports name a path in quotes, import "math"; what the standard library has needs none`},
	{"from math import sqrt", `imports name a path in quotes, import "math"; what the standard library has needs none`},
	{"def f(x): return x", "a function is func f(x float64) float64 { return x }"},
	{"class Point:", "a type is type Point struct { x int }, with methods func (p Point) name() { … }"},
	{"for i in range(3): f(i)", "for i := range 3 { … }"},
	{"for i in range(1, 3):", "for i := 1; i < 3; i++ { … }"},
	{"for k, v in ages.items():", "for k, v := range ages { … }"},
	{"for i, x in enumerate(xs):", "for i, x := range xs { … }"},
	{"for x in xs:", "for _, x := range xs { … }"},
	{"while true { }", "the only loop is for: for condition { … }"},
	{"raise ValueError(1)", "a function that can fail returns an error: x, err := f(); if err != nil { … }"},
	{"with open(name) as f:", "defer f.Close() closes at the end of the function"},
	{"if number > 1: f(1)", "blocks stand in braces: if x > 0 { … } else if x < 0 { … } else { … }"},
	{"g := lambda x: x", "a function without a name is func(x int) int { return x }"},
	{"ys := [x*2 for x in xs]", "there are no comprehensions: for _, x := range xs { ys = append(ys, f(x)) }"},
	{"y = number **", "there is no operator for powers: math.Pow(x, y); x*x for a square"},
	{`f"x = {1}"`, `fmt.Sprintf("x = %v", x) puts values into a text`},
	{`y := r"a\b"`, "backquotes hold texts as they are: `a\\b`; []byte(\"text\") are bytes"},
	{"if not xs { }", "Go writes !a, a && b, a || b"},
	{"y := p is None", "x == nil, x != nil"},
	{`y := "a" in ages`, "slices.Contains(xs, x) asks a list; _, ok := m[key] asks a map"},
	{"ys := [1, 2, 3]", `a list has a type: []int{1, 2, 3}, []string{"a"}`},
	{`d := {"a": 1}`, `a map has a type: map[string]int{"a": 1}`},
	{"ys := []", `a list has a type: []int{1, 2, 3}, []string{"a"}`},
	{"d := {}", "a map has a type: map[string]int{}"},
	{"len xs", "arguments stand in parentheses: len(xs)"},
	{"assert number == 1", names["assert"]},
	{"del xs", "%del name forgets what a cell has declared, delete(m, key) takes a key out of a map"},
	{"global xs", "what a cell declares, all cells and their functions have"},
	{"y := await f()", "go f() starts a goroutine, a channel brings what it has found"},
	{"@decorator", "there are no decorators: g := wrap(f)"},
	{"f := (x) => x", "a function without a name is func(x int) int { return x }"},
	{"y := 1 if true else 2", "there is no expression for it: if condition { x = a } else { x = b }"},
	{"y := number++", "x++ is a statement by itself, and has no value"},
	{"range(10)", "for i := range 10 { … }"},
	{"type(xs)", `fmt.Printf("%T", x) prints the type of x`},
	{"let q = 1", "q := … declares it"},
	{"y := true ? 1 : 2", "there is no ?: operator: if condition { x = a } else { x = b }"},
	{"pip install numpy", "import fetches a module; %get chooses its version"},
	{"ls -l *.go", "commands of the shell begin with !: !ls"},
	{"cd notes", "%cd changes the folder"},
	{"print 1", "fmt.Println(x) prints"},
	{"number = 5 6", ""},
}

// complaint is what the parser says first of a line, or else the type checker, and the column.
func complaint(t *testing.T, line string) (message string, column int) {
	t.Helper()
	const above = `package p
import "time"
var (
	xs = []int{1}; ages map[string]int; text = "a"; number = 1; p *int
)
func f(x int) { time.Sleep(0) }
`
	texts := []string{above + "func _() {\n" + line + "\n}"}
	if strings.HasPrefix(line, "import ") {
		texts[0] = "package p\n" + line
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", texts[0], parser.SkipObjectResolution)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		return list[0].Msg, list[0].Pos.Column
	}
	config := types.Config{Importer: clock{}, Error: func(err error) {
		if e := err.(types.Error); message == "" && !e.Soft {
			message, column = e.Msg, fset.Position(e.Pos).Column
		}
	}}
	config.Check("p", fset, []*ast.File{file}, nil)
	if message == "" {
		t.Fatalf("%s is right", line)
	}
	return message, column
}

// clock has as much of package time as these lines use.
type clock struct{}

func (clock) Import(path string) (*types.Package, error) {
	if path != "time" {
		return nil, fmt.Errorf("no package %s", path)
	}
	pkg := types.NewPackage(path, path)
	duration := types.NewTypeName(token.NoPos, pkg, "Duration", nil)
	named := types.NewNamed(duration, types.Typ[types.Int64], nil)
	pkg.Scope().Insert(duration)
	pkg.Scope().Insert(types.NewConst(token.NoPos, pkg, "Millisecond", named, constant.MakeInt64(1e6)))
	pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, "Sleep", types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewParam(token.NoPos, pkg, "d", named)), nil, false)))
	pkg.MarkComplete()
	return pkg, nil
}

// A message that is about something else says nothing of a line, however it looks.
func TestNoHintOfOtherMistakes(t *testing.T) {
	for _, message := range []string{"undefined: y", "declared and not used: y", "cannot use y (variable of type int) as string value in assignment"} {
		if got := Hint(message, "ys := [1, 2, 3] # a list", 1); got != "" {
			t.Errorf("%s has the hint %q", message, got)
		}
	}
	for _, column := range []int{-1, 0, 1, 9} { // places that a line may not have
		if got := Hint("expected operand", "#", column); column < 2 != (got != "") {
			t.Errorf("column %d: %q", column, got)
		}
	}
}

// Go has none of the names that it is said not to have, and the forms of methods are about the value.
func TestNamesAreNotGos(t *testing.T) {
	for name := range names {
		if types.Universe.Lookup(name) != nil || token.IsKeyword(name) || Name(name) == "" {
			t.Errorf("%s", name)
		}
	}
	if got := Name("fmt"); got != "" {
		t.Errorf("of fmt: %s", got)
	}
	for name, form := range methods {
		if text := fmt.Sprintf(form, "value"); strings.Contains(text, "%!") || !strings.Contains(text, "value") {
			t.Errorf("%s: %s", name, text)
		}
	}
}
