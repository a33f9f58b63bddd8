package repl_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

const openViews = `import (
	"context"; "fmt"; "time"
	"github.com/goparallel/goparallel/parallel"
)
rc, err := parallel.Start(context.Background(), 2)
balanced, auto := rc.LoadBalanced(), rc.Auto()
fmt.Print()
err`

func TestCallsThatTakeLongShowProgress(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	for _, view := range []string{"balanced", "auto"} {
		got, reply := n.run("nap := func(int) { time.Sleep(20 * time.Millisecond) }\n" + view + ".ForEachSync(nap, make([]int, 200))")
		if reply.Err != nil {
			t.Fatal(reply.Err.Text())
		}
		if !regexp.MustCompile(`^\[.*: [1-9]\d* of 200 items in 1(\.\d)?s, about \ds left\]`).MatchString(got) || !regexp.MustCompile(`: 200 of 200 items in [2-9](\.\d)?s\]$`).MatchString(got) {
			t.Errorf("%s: %q", view, got)
		}
		if got, _ := n.run(view + ".ForEachSync(nap, make([]int, 2))"); got != "" {
			t.Errorf("a short call with %s showed %q", view, got)
		}
	}
}

// What Auto runs in the session's process can be interrupted, fails as elsewhere, and
// leaves the session as it was.
func TestAutoInTheSession(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("k := 3\nauto.MapSync(func(x int) int { return x * k }, []int{1, 2, 3})", "=> [3 6 9]")
	n.ok("auto.Explain().Tier", "=> caller")
	n.ok("sum := 0\n_, err = auto.MapSync(func(x int) int { time.Sleep(time.Millisecond); return x * x }, make([]int, 100))\nerr", "=> <nil>")
	n.ok("auto.Explain().Tier", "=> goroutines")
	if got, _ := n.run("_, err = auto.MapSync(func(x int) int { return 1 / x }, []int{1, 0})\nerr"); !regexp.MustCompile(`^=> error: \*parallel\.MapError: item 1: panic: runtime error: integer divide by zero\n  cell\[6\]:1 in a function literal$`).MatchString(got) {
		t.Error(got)
	}
	for _, code := range []string{
		"fmt.Println(\"started\")\nauto.MapSync(func(x int) int { for { x++ } }, []int{1, 2, 3})",
		"fmt.Println(\"started\")\nauto.MapSync(func(x int) int { time.Sleep(5 * time.Millisecond); return x }, make([]int, 100000))",
	} {
		if took, reply := n.interrupt(code, 0); reply.Err == nil || took > promptly {
			t.Errorf("%s\nended %v after the interrupt: %+v", code, took, reply.Err)
		} else {
			t.Logf("%v", took.Round(time.Millisecond))
		}
	}
	n.ok("k", "=> 3")
	// What could be seen here runs on engines, on copies.
	n.ok("total := 0\n_, err = auto.MapSync(func(x int) int { total += x; return x }, []int{1, 2, 3})\nfmt.Println(total, err, auto.Explain().Tier, auto.Explain().Why)",
		"0 <nil> engines It ran on engines because it assigns to total, a session variable: here, that would be seen.\n")
	n.ok("rows := [][]int{{3, 1}, {2, 9}}\nys, err := auto.MapSync(func(r []int) []int { r[0] = 7; return r }, rows)\nfmt.Println(rows, ys, err)", "[[3 1] [2 9]] [[7 1] [7 9]] <nil>\n")
}

func TestAWastefulChunkSizeIsMentionedOnce(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("sq := func(x int) int { return x * x }", "")
	const code = "\n_, err = balanced.MapSync(sq, make([]int, 3000), parallel.ChunkSize(1))\n"
	if got, _ := n.run(code); !regexp.MustCompile(`^\[cell\[3\]:2: ChunkSize\(1\) costs .* of .*: 3000 frames of 1 item`).MatchString(got) {
		t.Errorf("%q", got)
	}
	n.ok(code, "")
}

func TestErrorsThatAreValuesNameCells(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("func inverse(p *int) int { return 1 / *p }", "")
	out := &values{}
	if reply := n.execute(cell.Request{Code: "balanced.MapSync(func(x int) int {\n\treturn inverse(nil)\n}, []int{1})"}, out); reply.Err != nil {
		t.Fatal(reply.Err)
	}
	const want = "item 0 on engine 0: panic: runtime error: invalid memory address or nil pointer dereference\n  cell[2]:1 in inverse\n  cell[3]:2 in a function literal"
	for _, kind := range []string{"text/plain", "text/html"} {
		if text, _ := out.data[kind].(string); !strings.Contains(text, want) {
			t.Errorf("%s: %s", kind, text)
		}
	}
}

// values is an output that keeps a cell's value.
type values struct {
	recorder
	data cell.Bundle
}

func (v *values) Result(data cell.Bundle, _ map[string]any) { v.data = data }

func TestTheViewForFunctionsWithErrorsIsNamed(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("func half(x int) (int, error) { return x / 2, nil }\nfunc done(x int) error { return nil }", "")
	for code, want := range map[string]string{
		"balanced.MapSync(half, []int{1})":                          "are for MapErrSync",
		"balanced.Map(half, []int{1})":                              "are for MapErr",
		"balanced.ForEachSync(done, []int{1})":                      "are for ForEachErrSync",
		"balanced.ApplySync(func() (int, error) { return 1, nil })": "are for ApplyErrSync",
	} {
		if got := n.fails(code, "CompileError"); !strings.Contains(got, want+"\n") && !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", code, got)
		}
	}
}

// What a program needs for its functions does no harm in a cell, and closures of one
// literal are told apart there as well.
func TestRegistrationInTheSession(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("square := parallel.Func(\"square\", func(x int) int { return x * x })\nbalanced.MapSync(square, []int{1, 2, 3})", "=> [1 4 9]")
	n.ok("square = parallel.Func(\"square\", func(x int) int { return -x * x })\nbalanced.MapSync(square, []int{1, 2, 3})", "=> [-1 -4 -9]")
	n.ok("func twice(x int) int { return 2 * x }\nparallel.Register(twice)\nbalanced.MapSync(twice, []int{1, 2})", "=> [2 4]")
	n.ok("func adder(k int) func(int) int { return func(x int) int { return x + k } }\nadd1, add100 := parallel.Func(\"add1\", adder(1)), parallel.Func(\"add100\", adder(100))\n"+
		"a, _ := balanced.MapSync(add1, []int{1, 2})\nb, _ := balanced.MapSync(add100, []int{1, 2})\nc, _ := balanced.MapSync(adder(7), []int{1, 2})\nfmt.Println(a, b, c)", "[2 3] [101 102] [8 9]\n")
	n.ok("func echo[T any]() func(T) T { return func(x T) T { return x } }\ntype kind int\n_, err = balanced.MapSync(echo[kind](), []kind{1})\n_, other := balanced.MapSync(echo[*kind](), []*kind{nil})\nerr != nil && other != nil", "=> true")
}

// An instance of a generic function that was taken before the function was declared again is the newest on
// engines as it is here, also through a closure and through another generic function.
func TestInstancesOnEnginesAreTheNewest(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("func step[T int | float64](x T) T { return x + T(add) }\nvar add = 1\nfunc twice[T int | float64](x T) T { return step(step(x)) }", "")
	n.ok("held, through := step[int], twice[int]\nliteral := func(x int) int { return step(x) + int(step(0.5)) }", "")
	ask := "a, e1 := balanced.MapSync(held, []int{1, 2})\nb, e2 := balanced.MapSync(through, []int{1, 2})\nc, e3 := balanced.MapSync(literal, []int{1, 2})\nfmt.Println(a, b, c, held(1), through(1), literal(1), e1, e2, e3)"
	n.ok(ask, "[2 3] [3 4] [3 4] 2 3 3 <nil> <nil> <nil>\n")
	n.ok("var more = 1000\nfunc step[T int | float64](x T) T { return x*10 + T(more) }", "")
	n.ok(ask, "[1010 1020] [11100 11200] [2015 2025] 1010 11100 2015 <nil> <nil> <nil>\n")
	n.ok("more = 0", "")
	n.ok(ask, "[10 20] [100 200] [15 25] 10 100 15 <nil> <nil> <nil>\n")
}

// Errors from engines are those that cells declared, before or after the first view, and those of the
// packages that cells import.
func TestErrorsFromEnginesAreThoseOfTheSession(t *testing.T) {
	n := open(t)
	n.ok("import \"errors\"\nvar ErrEarly = errors.New(\"early\")\ntype badRow struct { row int; why error }\nfunc (b *badRow) Error() string { return \"bad row\" }\nfunc (b *badRow) Unwrap() error { return b.why }", "")
	n.ok(openViews, "=> <nil>")
	n.ok("import (\"archive/zip\"; \"net/mail\"; \"os\")\nvar ErrLate = errors.New(\"late\")\ntype code int\nfunc (c code) Error() string { return \"code\" }", "")
	n.ok(`fails := func(x int) (int, error) {
	switch x {
	case 0: return 0, fmt.Errorf("w: %w", ErrEarly)
	case 1: return 0, ErrLate
	case 2: return 0, &badRow{7, ErrEarly}
	case 3: return 0, errors.Join(code(5), zip.ErrFormat)
	case 4: _, err := os.Open("/none"); return 0, err
	case 5: panic(&badRow{8, ErrLate})
	case 6: _, err := mail.ParseAddress("x"); return 0, err
	}
	return 0, nil
}
failure := func(x int) error { _, err := balanced.MapErrSync(fails, []int{x}); return err }
row := new(badRow)
var c code`, "")
	n.ok("errors.Is(failure(0), ErrEarly), errors.Is(failure(1), ErrLate), errors.Is(failure(0), ErrLate)", "=> true true false")
	n.ok("fmt.Println(errors.As(failure(2), &row), row.row, errors.Is(row, ErrEarly))", "true 7 true\n")
	n.ok("err = failure(3)\nfmt.Println(errors.As(err, &c), c == 5, errors.Is(err, zip.ErrFormat), errors.Is(failure(4), os.ErrNotExist))", "true true true true\n")
	n.ok("fmt.Println(errors.As(failure(5), &row), row.row, errors.Is(row, ErrLate), failure(6))", "true 8 true item 0 on engine 0: mail: missing '@' or angle-addr\n")
	// In values, and where the variable was declared again.
	n.ok("ErrLate := errors.New(\"later\")\nfails := func(x int) (int, error) { return 0, ErrLate }\nerrors.Is(failure(1), ErrLate)", "=> true")
	n.ok("type holds struct { e error }\nes, err := balanced.MapSync(func(h holds) holds { if h.e == ErrEarly { return holds{ErrLate} }; return h }, []holds{{ErrEarly}, {nil}, {code(3)}})\n"+
		"fmt.Println(es[0].e == ErrLate, es[1].e == nil, es[2].e == code(3), err)", "true true true <nil>\n")
}
