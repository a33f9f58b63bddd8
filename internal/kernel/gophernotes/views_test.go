package gophernotes

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// begin starts a kernel with two engines.
func begin(t *testing.T) *kernel {
	k := start(t)
	k.shows(`import (
	"fmt"
	"time"
	"github.com/goparallel/goparallel/parallel"
)
rc := parallel.Start(2)
view := rc.LoadBalanced()
rc.IDs()`, "[0 1]")
	return k
}

func TestCellsCallViews(t *testing.T) {
	k := begin(t)
	k.shows(`xs := []int{1, 2, 3}
ys, err := view.MapSync("func(x int) float64 { return math.Pow(float64(x), 10) }", xs)
ys.([]float64)`, "[1 1024 59049] true")
	k.shows("sum := 0.0\nfor _, y := range ys.([]float64) { sum += y }\nsum", "60074")
	k.shows("type Point struct { X float64; y int; names []string }\n"+
		"func (p Point) Norm() float64 { return p.X }\n"+
		"ps := []Point{{1, 2, []string{\"a\"}}, {3, 4, nil}}\n"+
		"moved, err := view.MapSync(\"func(p Point) Point { p.X *= 2; p.y++; p.names = append(p.names, `n`); return p }\", ps)\n"+
		"fmt.Sprint(moved.([]Point)[1].Norm(), moved)", "6 [{2 3 [a n]} {6 5 [n]}]")
	k.shows("_, err = view.MapSync(`func(x int) int {\n\treturn x + z\n}`, xs)\nerr.Error()",
		"the function's source:2:13: undefined: z\n    \treturn x + z\n    \t           ^\n"+
			"hint: a text sees what texts declare, not the interpreter's variables and functions; declare z in the text, or push its value and use parallel.Get")
	k.shows("some, err := view.MapSync(`func picky(x int) int {\n\tif x == 2 {\n\t\tpanic(\"no twos\")\n\t}\n\treturn -x\n}`, xs, parallel.ChunkSize(1))\nsome", "[-1 0 -3]")
	k.contains("err.Error()", "item 1 on engine ", ": panic: no twos")
	k.contains(`fmt.Sprintf("%+v", err)`, "the source of picky:3")
	k.shows(`named, err := view.MapSync("picky", []int{5})
named.([]int)[0]`, "-5")
	k.shows(`pids, err := rc.All().ApplySync("func() int { return os.Getpid() }")
pids.([]int)[1] == rc.Pid(1)`, "true")
	k.shows(`one, err := view.ApplySync("func() string { return runtime.GOOS }")
one`, "linux")
	k.shows(`_, err = rc.Targets(1).MapSync("func(x int) int { fmt.Println(x); return x }", []int{7})
err`, "[stdout:1] 7\n")
	k.contains("view.MapSync(`picky`, []int{3, 4, 5})\nfmt.Sprint(view.Explain())", "3 items of picky ran on ", "let each item do more")
	k.contains(`parallel.Timeit(func() { view.MapSync("picky", []int{1}) }, parallel.Loops(2), parallel.Repeat(3))`, "of 3 runs, 2 loops each")
	k.shows(`slow := view.Map("func(x int) int { time.Sleep(20 * time.Millisecond); return x }", make([]int, 10), parallel.ChunkSize(1))
for !slow.Wait(time.Millisecond) { }
fmt.Sprint(slow.Progress(), slow.Ready())`, "10 true")
	k.shows("_, err = view.MapSync(`func(x int) int { return x }`, []string{})\nerr.Error()",
		"the function cannot run on an engine: its argument is of type int, the items are of type string")
	k.contains("_, err = view.MapSync(func(x int) int { return x }, xs)\nerr.Error()", "a func(int) int cannot run on an engine", "give its source text")
	k.contains("type Node struct { v int; next *Node }\n_, err = view.MapSync(`func(n Node) int { return n.v }`, []Node{{1, nil}})\nerr.Error()",
		"the type Node of the items cannot travel: it refers to itself")
	k.contains("_, err = view.MapSync(`func(x int) int { return x }`, []interface{}{1})\nerr.Error()", "interface {}")
	k.shows("type Inner struct { A int }\ntype Outer struct { Inner; b int }\n"+
		"outer, err := view.MapSync(`func(o Outer) int { return o.Inner.A + o.b }`, []Outer{{Inner{2}, 3}})\nouter", "[5]")
	if s := k.run("parallel.Start(0)"); !strings.Contains(s.err, "at least 1") {
		t.Errorf("%+v", s)
	}
	k.shows("rc.Close()\nrc.IDs()", "[]")
}

func TestValuesStayOnEngines(t *testing.T) {
	k := begin(t)
	k.shows("all := rc.All()\nall.Push(`table`, []float64{1, 4, 9})", "")
	k.shows(`sums, err := rc.LoadBalanced().MapSync("func(x int) (float64, error) { t, err := parallel.Get[[]float64](`+"`table`"+`); return t[x], err }", []int{0, 2})
sums.([]float64)[1]`, "9")
	k.shows("tables, err := all.Pull(`table`, []float64{})\ntables.([][]float64)[1][1]", "4")
	k.shows("all.Scatter(`part`, []int{1, 2, 3})\nparts, err := all.Pull(`part`, []int{})\nparts", "[[1 2] [3]]")
	k.shows(`all.ApplySync("func() error { p, err := parallel.Get[[]int]("+"\x60part\x60"+"); for i := range p { p[i] *= 10 }; return err }")
whole, err := all.Gather("part", []int{})
whole`, "[10 20 30]")
	k.contains("_, err = rc.Targets(1).Pull(`nothing`, 0)\nerr.Error()", "engine 1 has no value \"nothing\"")
	k.contains("_, err = rc.Targets(1).Pull(`table`, 0)\nerr.Error()", "of type []float64, not int")
	k.shows(`auto, err := rc.Auto().MapSync("func(x int) int { return x + 1 }", []int{1, 2})
auto`, "[2 3]")
	k.contains(`slow, err := rc.LoadBalanced().MapSync("func(x int) int { time.Sleep(300*time.Millisecond); return x }", make([]int, 10), parallel.ChunkSize(1))`,
		" of 10 items in ", "10 of 10 items")
}

// The interpreter's own structs, which have no name there, are read on engines under the name that a
// text gives them, and the other way round.
func TestStructsStayOnEngines(t *testing.T) {
	k := begin(t)
	k.shows("type Part struct { n int }\ntype In struct { A float64; names []string; Part; parts map[string]Part }\nall := rc.All()\n"+
		"err := all.Push(`in`, In{1.5, []string{`x`}, Part{7}, map[string]Part{`p`: Part{8}}})\nerr == nil", "true")
	k.shows("ys, err := all.ApplySync(`type Part struct { n int }\ntype In struct { A float64; names []string; Part; parts map[string]Part }\n"+
		"func read() (string, error) { in, err := parallel.Get[In](\"in\"); return fmt.Sprint(in), err }`)\nfmt.Sprint(ys, err)",
		"[{1.5 [x] {7} map[p:{8}]} {1.5 [x] {7} map[p:{8}]}] <nil>")
	k.shows("_, err = all.ApplySync(`func keep() error { parallel.Set(\"out\", []In{{A: 2, names: []string{\"y\"}}}); return nil }`)\n"+
		"outs, err := all.Pull(`out`, []In{})\nfmt.Sprint(outs.([][]In)[1][0].names, err)", "[y] <nil>")
	k.shows("joined, err := all.Gather(`out`, []In{})\nlen(joined.([]In))", "2")
	k.contains("type In struct { B float64; names []string; Part; parts map[string]Part }\n_, err = all.Pull(`out`, []In{})\nerr.Error()", "of type []main.In, not []struct")
}

// An interrupt cancels the call that is waited for, whichever way; the values are kept.
func TestAnInterruptEndsACall(t *testing.T) {
	k := begin(t)
	k.shows("kept := 42\nall := rc.All()\nkept", "42")
	for code, want := range map[string]string{
		"_, err := view.MapSync(`func(x int) int { for { x++ } }`, []int{1, 2})\nerr.Error()":                                                                     "cancelled after 0 of 2 items",
		"r := view.Map(`func(x int) int { for { x++ } }`, []int{1, 2})\nfor !r.Wait(time.Second) { }\n_, err := r.Get()\nerr.Error()":                             "cancelled after 0 of 2 items",
		"_, err := all.ApplySync(`func() int { time.Sleep(time.Hour); return 1 }`)\nerr.Error()":                                                                  "cancelled after 0 of 2 items",
		"stuck := view.Map(`func(x int) int { time.Sleep(time.Hour); return x }`, []int{1, 2, 3, 4})\n_, err := all.Pull(`none`, 0)\nstuck.Cancel()\nerr.Error()": "interrupted",
	} {
		id := k.start(code)
		time.Sleep(2 * time.Second)
		if err := syscall.Kill(-k.pid, syscall.SIGINT); err != nil { // as Jupyter does
			t.Fatal(err)
		}
		if s := k.outcome(id); s.err != "" || !strings.Contains(s.text, want) {
			t.Errorf("%s\n%+v", code, s)
		}
		k.shows("kept", "42")
		k.contains("ys, err := view.MapSync(`func(x int) int { return 2 * x }`, []int{1, 2})\nfmt.Sprint(ys, err)", "[2 4] <nil>")
	}
}

func TestClustersAndViewsSayWhatTheyAre(t *testing.T) {
	k := begin(t)
	k.shows("rc", "cluster of 2 engines; [0 1] run")
	k.shows("view", "load-balanced view of 2 engines")
	k.shows("rc.Targets(1)", "direct view of the engines [1]")
	k.shows("rc.Auto()", "auto view of 2 engines")
	k.shows("parallel.Start(1)", "cluster of 1 engine; [0] run")
	k.contains("r := view.Map(`func(x int) int { return x }`, []int{7})\nr.Get()\nr", "ended: 1 of 1 items done after ")
	k.contains("view.Map(`func(x int) int { return y }`, []int{7})", "not begun: the function's source:1:26: undefined: y")
	// Stacks that engines print have the names that errors have.
	k.contains("_, err := view.MapSync(`func(x int) int { go func() { panic(x) }(); select {} }`, []int{7})", "created by the function\n[stderr:")
	k.contains("_, err = view.MapSync(`func traced(x int) int { fmt.Println(string(debug.Stack())); return x }`, []int{7})", "\tthe source of traced:1 ")
}

func TestAnEngineIsKilled(t *testing.T) {
	k := begin(t)
	pid, err := strconv.Atoi(k.run("rc.Pid(0)").text)
	if err != nil {
		t.Fatal(err)
	}
	id := k.start(`ys, err := view.MapSync("func(x int) int { time.Sleep(5 * time.Millisecond); return 2 * x }", make([]int, 200), parallel.ChunkSize(1))
fmt.Sprint(len(ys.([]int)), err)`)
	time.Sleep(300 * time.Millisecond)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if s := k.outcome(id); s.text != "200 <nil>" || s.err != "" {
		t.Errorf("%+v", s)
	}
	k.shows("for i := 0; len(rc.IDs()) < 2 && i < 5000; i++ { time.Sleep(time.Millisecond) }\nrc.IDs()", "[0 1]")
	k.shows(`_, err = view.MapSync("func(x int) int { os.Exit(3); return 0 }", []int{1})
err != nil`, "true")
	k.contains("err.Error()", "item 0 on engine ", "exited with status 3")
}

func TestEnginesEndWithTheKernel(t *testing.T) {
	k := begin(t)
	pid := strings.TrimSpace(k.run("rc.Pid(0)").text)
	k.Send(k.Shell, "shutdown_request", map[string]any{"restart": false})
	for range 500 {
		if exec.Command("kill", "-0", pid).Run() != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("engine %s runs on", pid)
}

func TestPlotsAndMatrices(t *testing.T) {
	k := start(t)
	k.shows("import \"gonum.org/v1/gonum/mat\"\nmat.Det(mat.NewDense(2, 2, []float64{2, 0, 0, 3}))", "6")
	k.run("import \"github.com/goparallel/goparallel/plots\"\nimport \"time\"")
	for _, code := range []string{
		`plots.Bars([]plots.Measurement{{Name: "loop", Chunk: plots.Serial, Time: time.Second}, {Name: "view", Chunk: 1, Time: 2 * time.Second}})`,
		`Display(display.Auto(plots.ChunkSizes([]plots.Measurement{{Chunk: 1, Time: time.Second}, {Chunk: 10, Time: time.Millisecond}})))`,
	} {
		s := k.run(code)
		if len(s.data) != 1 || s.data[0]["image/png"] == nil || !strings.Contains(s.data[0]["image/svg+xml"].(string), "<svg") {
			t.Errorf("%s showed %v", code, s)
		}
	}
	// An interpreted type implements an interface of gonum/plot.
	s := k.run(`import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)
type squares struct{}
func (squares) Len() int { return 10 }
func (squares) XY(i int) (float64, float64) { return float64(i), float64(i*i) }
p, err := plot.New()
line, err := plotter.NewLine(squares{})
p.Add(line)
c, err := p.WriterTo(4*vg.Inch, 3*vg.Inch, "png")
display.Auto(c)`)
	if s.err != "" || len(s.data) != 1 || s.data[0]["image/png"] == nil {
		t.Errorf("%v", s)
	}
}
