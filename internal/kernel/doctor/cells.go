package doctor

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// An assumption is something about the inside of a Go release that cells rest on:
// nothing documents it, and another release may have it otherwise.
type assumption struct {
	name string
	// holds says what is assumed, and where in the source it stands.
	holds string
	cells []string
	// want is what the cells have to show: a pattern for all that they print, their
	// values, and errors.
	want string
	// interrupt is the cell that is interrupted once it has printed a line, counted from 1; 0 for none.
	interrupt int
}

// assumptions need nothing of each other: after one that does not hold, the next is tried in another
// session. NEW stands for text that differs in each run, so that nothing comes from a cache.
var assumptions = []assumption{
	{
		name:  "one package",
		holds: "objects of one package path are one package to the compiler and the loader, and descriptions of types have main for that path (internal/goabi/loader/goobj, internal/goabi/unitobject/names.go)",
		cells: []string{
			"type point struct{ x int }\nfunc (p point) twice() int { return 2 * p.x }\nvar p = point{21}\nvar _ = \"NEW\"",
			"import \"fmt\"\nfmt.Printf(\"%T %v %d\", p, p, p.twice())",
		},
		want: `^main\.point \{21\} 42$`,
	},
	{
		name:  "types made by reflection",
		holds: "what reflection has made is in its caches, and what a cell brings of the same type is led there (internal/goabi/loader/twins.go)",
		cells: []string{
			"import \"reflect\"\ntype box struct{ n int }\nvar made = reflect.Zero(reflect.MapOf(reflect.TypeFor[box](), reflect.FuncOf([]reflect.Type{reflect.TypeFor[[]box]()}, nil, false))).Interface()\nvar _ = \"NEW\"",
			"import \"fmt\"\n_, same := made.(map[box]func([]box))\nfmt.Print(same, \" NEW\")",
		},
		want: `^true NEW$`,
	},
	{
		name:  "recover",
		holds: "a function that only forwards to one of another cell is marked as a wrapper, so that what it calls can recover (internal/goabi/unitobject/forwards.go)",
		cells: []string{
			"import \"fmt\"\nfunc rescue(s *string) {\n\tif v := recover(); v != nil {\n\t\t*s = fmt.Sprint(\"recovered \", v)\n\t}\n}",
			// As a value, it is a function that forwards.
			"var value = rescue\nfunc guarded() (s string) {\n\tdefer value(&s)\n\tpanic(\"NEW\")\n}\nguarded()",
		},
		want: `^recovered NEW$`,
	},
	{
		name:  "stack",
		holds: "the function table of a cell's code has its lines, and the names that people gave (internal/goabi/loader/tables.go, internal/goabi/traceback), and a panic is found where the runtime keeps it (internal/goabi/goruntime/panics.go)",
		cells: []string{
			"//go:noinline\nfunc third(xs []int) int {\n\treturn xs[3]\n}",
			"func calls() int {\n\treturn third(nil) + len(\"NEW\")\n}\ncalls()",
		},
		want: `(?s)^panic: runtime error: index out of range \[3\] with length 0\n\n  cell\[\d+\]:3 in third\n  cell\[\d+\]:2 in calls\n`,
	},
	{
		name:  "timer",
		holds: "the runtime says when the next timer is due, so that a cell which waits for one is no deadlock (internal/goabi/goruntime, internal/kernel/host/look.go)",
		cells: []string{"import (\n\t\"fmt\"\n\t\"time\"\n)\n<-time.After(2500 * time.Millisecond)\nfmt.Print(\"rang NEW\")"},
		want:  `^rang NEW$`,
	},
	{
		name:  "deadlock",
		holds: "goroutines that nothing can wake are found by their states (internal/goabi/traceback, internal/kernel/host/look.go)",
		cells: []string{"import \"fmt\"\nfmt.Print(\"NEW \")\n<-make(chan int)"},
		want:  `(?s)^NEW .*deadlock`,
	},
	{
		name:  "interrupt",
		holds: "a loop looks at one word, and the goroutines of a cell are known by a label that each has from the one which started it (internal/kernel/session/rewrite/poll.go, internal/goabi/goroutine)",
		cells: []string{
			"var ended = make(chan bool)\nfunc endless() {\n\tdefer close(ended)\n\tfor {\n\t}\n}",
			"import \"fmt\"\ngo endless()\nfmt.Println(\"NEW\")\nfor {\n}",
			"import \"time\"\nselect {\ncase <-ended:\n\tfmt.Print(\"all ended\")\ncase <-time.After(10 * time.Second):\n\tfmt.Print(\"one goes on\")\n}",
		},
		want:      `(?s)^NEW\nInterrupted.*all ended$`,
		interrupt: 2,
	},
}

// cellPatience bounds each cell of the check.
const cellPatience = 2 * time.Minute

// Cells compiles and runs a few cells, and looks whether they do what they do in a
// program; where one does not, the check says what was taken for granted about
// the Go release. Open starts an interpreter for a folder.
func Cells(ctx context.Context, open func(ctx context.Context, dir string) (cell.Interpreter, error)) []Check {
	failed := func(err error) []Check {
		return []Check{{Name: "cells", Detail: err.Error(), Mend: "goparallel warm", Essential: true}}
	}
	dir, err := os.MkdirTemp("", "goparallel-doctor-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	var checks []Check
	for rest := assumptions; len(rest) > 0; rest = assumptions[len(checks):] {
		interp, err := open(ctx, dir)
		if err != nil {
			return append(checks, failed(err)...)
		}
		checks = append(checks, try(ctx, interp, rest)...)
		interp.Close()
	}
	return checks
}

// try tries assumptions in a session, one after the other, up to the first that does not hold: the session
// may be broken then, or about to end.
func try(ctx context.Context, interp cell.Interpreter, assumed []assumption) (checks []Check) {
	stamp := fmt.Sprintf("run%d", time.Now().UnixNano())
	count := 0
	for _, a := range assumed {
		c := Check{Name: "cells: " + a.name, Detail: "as in a program", Essential: true}
		shown := ""
		for i, code := range a.cells {
			count++
			out := &outcome{}
			if i+1 == a.interrupt {
				out.printed = sync.OnceFunc(interp.Interrupt)
			}
			shown += run(ctx, interp, cell.Request{Code: strings.ReplaceAll(code, "NEW", stamp), Count: count}, out)
		}
		shown = strings.ReplaceAll(shown, stamp, "NEW")
		if !regexp.MustCompile(a.want).MatchString(shown) {
			c.Detail = fmt.Sprintf("it shows %.300q, and it is taken for granted that %s", shown, a.holds)
			c.Mend = "report it with the output of: goparallel version"
		}
		if checks = append(checks, c); !c.OK() {
			break
		}
	}
	return checks
}

// run runs a cell and returns all that it shows.
func run(ctx context.Context, interp cell.Interpreter, req cell.Request, out *outcome) string {
	ctx, cancel := context.WithTimeout(ctx, cellPatience)
	defer cancel()
	reply := interp.Execute(ctx, req, out)
	out.mu.Lock()
	defer out.mu.Unlock()
	if reply.Err != nil {
		out.text.WriteString(colour.ReplaceAllString(reply.Err.Text(), ""))
	}
	return out.text.String()
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// outcome collects what a cell prints and its value.
type outcome struct {
	cell.Discard
	printed func() // called after each print; may be nil

	mu   sync.Mutex
	text strings.Builder
}

// Stream keeps the text.
func (o *outcome) Stream(_, text string) {
	o.mu.Lock()
	o.text.WriteString(text)
	o.mu.Unlock()
	if o.printed != nil {
		o.printed()
	}
}

// Result keeps the value's text.
func (o *outcome) Result(data cell.Bundle, _ map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fmt.Fprint(&o.text, data["text/plain"])
}
