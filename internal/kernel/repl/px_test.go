package repl_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
)

// A cell for engines is compiled once and keeps its state on each of them.
func TestPX(t *testing.T) {
	n := open(t)
	if got := n.fails("%%px\n1", "MagicError"); !strings.Contains(got, "no engines run: start some") {
		t.Error(got)
	}
	n.ok(openViews, "=> <nil>")
	n.ok("all, k := rc.All(), 3\ntype point struct{ x, y int }\nfunc (p point) sum() int { return p.x + p.y }", "")
	show := func(code, want string) {
		t.Helper()
		got, reply := n.run(code)
		if reply.Err != nil {
			t.Fatalf("%s\nfailed: %s", code, reply.Err.Text())
		}
		if !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%s\nshowed %q, want %q", code, got, want)
		}
	}
	// Declarations, state, printed text and values.
	show("%%px\nimport \"os\"\nn := os.Getpid()\nfunc twice(x int) int { return 2 * x }\nfmt.Println(\"hello\", twice(k))\npoint{k, 4}.sum()",
		`(\[stdout:[01]\] hello 6\n){2}\[Out\[0\]: 7\]\[Out\[1\]: 7\]`)
	show("%%px\nn == os.Getpid(), k", `\[Out\[0\]: true 3\]\[Out\[1\]: true 3\]`)
	show("%%px -t 1\nk, n = 100, k", "")
	show("%px k", `\[Out\[0\]: 3\]\[Out\[1\]: 100\]`)
	show("%px --targets=::2 n == os.Getpid()", `\[Out\[0\]: true\]`)
	n.ok("k, n", "=> 3 0") // the session's own are what they were
	n.ok("all.ApplySync(func() int { return k })", "=> [3 100]")
	// What the notebook changes goes to engines again.
	n.ok("k = 5\nall.ApplySync(func() int { return k })", "=> [5 5]")
	show("%px k++\n%px k", `\[Out\[0\]: 6\]\[Out\[1\]: 6\]`)
	n.ok("k", "=> 5")
	n.ok("twice(k)", "=> 10")
	// What cannot travel is each engine's own.
	show("%%px\nc := make(chan int, 1)\nc <- k", "")
	show("%px <-c", `\[Out\[0\]: 6\]\[Out\[1\]: 6\]`)
	// A type that was declared again, and one that is declared there.
	show("%%px\ntype line struct{ from, to point }\nl := line{to: point{1, 2}}", "")
	n.ok("l = line{from: point{7, 8}}\nall.ApplySync(func() int { return l.from.sum() })", "=> [15 15]")
	show("%%px\nimport \"github.com/goparallel/goparallel/kernel/display\"\ndisplay.HTML(\"<b>x</b>\")\ndisplay.Latex(\"$y$\")\nl.to.x", `(\[\[output:[01]\] x\]|\[\[output:0\]\]\[\[output:0\] \$y\$\]|\[\[output:1\]\]\[\[output:1\] \$y\$\]){4}\[Out\[0\]: 0\]\[Out\[1\]: 0\]`)
	// Results in a variable, and without waiting.
	n.ok("%%px -o r\nk * 2", "[Out[0]: 12][Out[1]: 12]")
	n.ok("es, err := r.Get()\nfmt.Println(es[1].Engine, es[1].Value, err)", "1 12 <nil>\n")
	n.ok("%%px -a\ntime.Sleep(100 * time.Millisecond)\nk * 3", "")
	n.ok("%pxresult", "[Out[0]: 18][Out[1]: 18]")
	n.ok("%%px --local\nh := k", "")
	n.ok("h", "=> 5")
	n.ok("es, err = all.ExecuteSync(\"h + 1\")\nfmt.Println(es, err)", "[Out[0]: 7 Out[1]: 7] <nil>\n")
	n.ok("_, err = rc.Targets(1).ExecuteSync(\"nonsense\")\nstrings.Contains(err.Error(), \"undefined: nonsense\")", "[imported strings]=> true")
	// Defaults, and all cells.
	n.ok("%pxconfig -t 1", "")
	n.ok("%px k", "[Out[1]: 6]")
	n.ok("%pxconfig -t all", "")
	n.ok("%autopx", "[cells run on engines from now on; %autopx ends that]")
	n.ok("k += 10\nk", "[Out[0]: 16][Out[1]: 16]")
	n.ok("%autopx", "[cells run in the session again]")
	n.ok("k", "=> 5")
}

// Magics that measure print on engines what they print in the session, also where the statement fails.
func TestMagicsOfPX(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	for _, c := range []struct{ code, want string }{
		{"%px %time k := 3", `\[stdout:[01]\] CPU times: .*\n\[stdout:[01]\] Wall time: .*`},
		{"%%px\n%time k++\nk", `\[stdout:[01]\] CPU times: .*\n\[stdout:[01]\] Wall time: .*`},
		{"%px %time fmt.Sprint()[k-4:k-4]", `\[stdout:[01]\] CPU times: .*\n\[stdout:[01]\] Wall time: .*`},
		{"%px %timeit -n 2 -r 2 k++", `\[stdout:[01]\] .* per loop \(mean .*`},
		{"%px %memit k++", `\[stdout:[01]\] allocated: .*`},
		{"%px %prun k++", `\[stdout:[01]\] .* too short for the profiler.*`},
		{"%px %env TEST_PX=yes", `\[stdout:[01]\] env: TEST_PX=yes`},
		{"%px !echo $TEST_PX", `\[stdout:[01]\] yes`},
	} {
		got, reply := n.run(c.code)
		lines := `(` + c.want + `\n){2}` + `(\[Out\[.\]: 4?\]){0,2}`
		if reply.Err != nil || !regexp.MustCompile("^"+lines+"$").MatchString(got) {
			t.Errorf("%s\nshowed %q, %+v", c.code, got, reply.Err)
		}
	}
	if got, reply := n.run("%%px\n%time panic(1)"); reply.Err == nil || strings.Count(got, "Wall time: ") != 2 {
		t.Errorf("showed %q, %+v", got, reply.Err)
	}
	if got, _ := n.run("%px k"); strings.Contains(got, "time") {
		t.Errorf("what failed is measured still: %q", got)
	}
}

// What is wrong is said once for engines where the same is wrong, with the place in the cell.
func TestErrorsOfPX(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	for _, c := range []struct{ code, name, want string }{
		{"%%px\n\nx := undefinedName", "CompileError", `^CompileError: cell\[\d+\]:3:6: undefined: undefinedName\n    x := undefinedName\n         \^`},
		{"fmt.Println()\n  %px y := wrong", "CompileError", `^CompileError: cell\[\d+\]:2:12: undefined: wrong`},
		{"%%px -q\n1", "UsageError", `has no option -q: it has -t`},
		{"%%px --stream\n1", "UsageError", `always shown at once`},
		{"%%px\n%restart", "UsageError", `cell\[\d+\]:2:1: %restart is for the kernel, and not for engines`},
		{"%%px -t 7\n1", "MagicError", `there is no engine 7; the engines are 0 to 1`},
		{"%%px -t x\n1", "MagicError", `names no engines`},
		{"%%px\nvar m map[string]int\nm[\"a\"] = 1", "EngineError", `^EngineError: engines 0, 1: panic: assignment to entry in nil map\n\non engine 0:\n\n  cell\[\d+\]:3`},
	} {
		_, reply := n.run(c.code)
		if reply.Err == nil || reply.Err.Name != c.name || !regexp.MustCompile(c.want).MatchString(colour.ReplaceAllString(reply.Err.Text(), "")) {
			t.Errorf("%s\nended with %+v, want %s", c.code, reply, c.want)
			if reply.Err != nil {
				t.Logf("%q", reply.Err.Text())
			}
		}
	}
	n.ok("%%px\nimport \"os\"\nid := parallel.EngineID() + 10", "")
	if got := n.fails("%%px\nif id == 11 { panic(\"one\") }\nid", "EngineError"); !strings.Contains(got, "engine 1: panic: one") || strings.Contains(got, "engine 0") {
		t.Error(got)
	}
	// An engine that ends is told of, does not run it again, and begins anew.
	if got := n.fails("%%px\nif id == 10 { os.Exit(3) }\nid", "EngineError"); !strings.Contains(got, "engine 0: the engine's process ended while it ran this, and what it kept is lost; it exited with status 3") {
		t.Error(got)
	}
	n.ok("%px id", "[Out[0]: 0][Out[1]: 11]")
	// An interrupt reaches engines, and they keep what they have.
	for _, code := range []string{"%%px\nfmt.Println(\"started\")\nfor { }", "%%px\nfmt.Println(\"started\")\nselect { }", "%%px\nfmt.Println(\"started\")\ntime.Sleep(time.Hour)"} {
		if took, reply := n.interrupt(code, 0); reply.Err == nil || took > promptly {
			t.Errorf("%s\nended %v after the interrupt: %+v", code, took, reply.Err)
		}
	}
	n.ok("%px id", "[Out[0]: 0][Out[1]: 11]")
}

// What engines print belongs to the cell whose call it is, also when that cell has ended; and an interrupt ends
// the calls of the cell that runs, and not those that earlier cells have left running.
func TestOutputOfCallsBelongsToTheirCell(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("import \"os\"\nfunc slow(x int) int { time.Sleep(300 * time.Millisecond); fmt.Println(\"slow\", x); fmt.Fprintln(os.Stderr, \"err\", x); return x }\nfunc quick(x int) int { fmt.Println(\"quick\", x); return x }", "")
	first, second := &recorder{}, &recorder{}
	run := func(code string, out *recorder) {
		t.Helper()
		if reply := n.execute(cell.Request{Code: code}, out); reply.Err != nil {
			t.Fatal(reply.Err.Text())
		}
	}
	run("r := rc.Targets(0).Map(slow, []int{1, 2})\nfmt.Println(\"left\")", first)
	run("rc.Targets(1).MapSync(quick, []int{3})\n<-r.Done()\nfmt.Println(r.Stdout()[0], r.Stderr())", second)
	first.waitFor(t, "[stdout:0] slow 2\n")
	if got := first.String(); strings.Contains(got, "quick") || !strings.Contains(got, "stderr:[stderr:0] err 1\n") {
		t.Errorf("%q", got)
	}
	if got := second.String(); got != "[stdout:1] quick 3\nslow 1\nslow 2\n map[0:err 1\nerr 2\n]\n" {
		t.Errorf("%q", got)
	}
	n.ok("%%capture c\nrc.Targets(1).MapSync(quick, []int{4});", "")
	n.ok("c.Stdout", "=> [stdout:1] quick 4\n")

	n.ok("r = rc.Targets(0).Map(slow, []int{5, 6, 7})", "")
	if took, reply := n.interrupt("fmt.Println(\"started\")\nrc.Targets(1).MapSync(slow, make([]int, 100))", 0); reply.Err == nil || took > promptly {
		t.Errorf("ended %v after the interrupt: %+v", took, reply.Err)
	}
	n.ok("r.Get()", "=> [5 6 7]")
}

// showsOfEngines runs cells whose engines show things, and looks at when that appears, below which cell, and with which
// engine's number.
func showsOfEngines(t *testing.T, n *notebook) {
	t.Helper()
	n.ok("import (\"os\"; \"time\"; \"github.com/goparallel/goparallel/kernel/display\"; \"github.com/goparallel/goparallel/kernel/widgets\")\n"+
		"func await(file string) { for { if _, err := os.Stat(file); err == nil { return }; time.Sleep(10 * time.Millisecond) } }", "")
	file := filepath.Join(t.TempDir(), "go")
	// As it happens, and between what is printed.
	out := &recorder{}
	ended := make(chan cell.Reply, 1)
	go func() {
		ended <- n.execute(cell.Request{Code: fmt.Sprintf("%%%%px -t 1\nfmt.Println(\"before\")\nh := display.NewHandle(\"0 %%\")\nfmt.Println(\"between\")\nh.Update(\"50 %%\")\nawait(%q)\nh.Update(\"100 %%\")\n5", file)}, out)
	}()
	out.waitFor(t, "[stdout:1] before\n[[output:1] 0 %][stdout:1] between\n[[output:1] 50 %]")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if reply := <-ended; reply.Err != nil || !strings.HasSuffix(out.String(), "[[output:1] 100 %][Out[1]: 5]") {
		t.Errorf("%+v %q", reply.Err, out)
	}
	// A function that a view maps; and a cell that has ended keeps what its call shows.
	n.ok("rc.Targets(0).ForEachSync(func(x int) { display.Show(x); fmt.Println(x) }, []int{7, 8});", "[[output:0] 7][stdout:0] 7\n[[output:0] 8][stdout:0] 8\n")
	os.Remove(file)
	first := &recorder{}
	if reply := n.execute(cell.Request{Code: fmt.Sprintf("r := rc.Targets(1).Map(func(x int) int { await(%q); display.HTML(\"<i>late</i>\"); return x }, []int{1})", file)}, first); reply.Err != nil {
		t.Fatal(reply.Err.Text())
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n.ok("r.Get()", "=> [1]")
	if got := first.String(); got != "[[output:1] late]" {
		t.Errorf("%q", got)
	}
	// What the notebook has shown is updated from an engine, and stays the notebook's.
	n.ok("shown := display.NewHandle(\"here\")\nrc.Targets(0).ForEachSync(func(x int) { shown.Update(fmt.Sprint(\"from an engine: \", x)) }, []int{1})", "[here][from an engine: 1]")
	// A widget of an engine is the front end's.
	got, reply := n.run("%%px -t 0\nbar := widgets.Progress(10)\ndisplay.Show(bar)\nbar.Set(3)")
	if reply.Err != nil || !strings.Contains(got, "{comm_open ") || !regexp.MustCompile(`\{comm_msg [^}]*"value":3`).MatchString(got) {
		t.Errorf("%q %+v", got, reply.Err)
	}
	// Much at once arrives whole, with its place.
	got, reply = n.run("rc.Targets(0, 1).ForEachSync(func(x int) { for i := range 5 { display.Text(strings.Repeat(fmt.Sprint(i), 100000)); fmt.Println(i) } }, []int{1, 2});")
	for i := range 5 {
		for engine := range 2 {
			want := fmt.Sprintf("[[output:%d] %s]", engine, strings.Repeat(fmt.Sprint(i), 100000))
			if at := strings.Index(got, want); at < 0 || at > strings.Index(got, fmt.Sprintf("[stdout:%d] %d\n", engine, i)) {
				t.Errorf("engine %d, %d: at %d of %d, %+v", engine, i, at, len(got), reply.Err)
			}
		}
	}
}

// TestEnginesShowThingsAsTheyHappen whether they are children of the session's process or run on nodes. On a cluster that lives on:
// see TestPXOnAClusterThatLivesOn.
func TestEnginesShowThingsAsTheyHappen(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	showsOfEngines(t, n)
	n.ok("rc.Close()\nrc, err = parallel.Start(context.Background(), 2, parallel.On(parallel.Command{EnginesPerNode: 1}))\nerr", "=> <nil>")
	showsOfEngines(t, n)
}

// On a cluster that lives on, cells for engines do what they do on engines of the notebook's own.
func TestPXOnAClusterThatLivesOn(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	d, err := daemon.Start(ctx, daemon.Options{Name: "px", Engines: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Wait()
	defer stop()
	n := open(t)
	n.ok("import (\"context\"; \"fmt\"; \"os\"; \"github.com/goparallel/goparallel/parallel\")\nrc, err := parallel.Connect(context.Background(), \"px\")\nk := 3\nfmt.Println(err)", "<nil>\n")
	n.ok("%%px\nid := parallel.EngineID() + 10\nk += id\nk", "[Out[0]: 13][Out[1]: 14]")
	n.ok("%px k, id", "[Out[0]: 13 10][Out[1]: 14 11]")
	n.ok("rc.All().ApplySync(func() int { return k + id })", "=> [23 25]")
	n.ok("k", "=> 3")
	if got := n.fails("%%px\nif id == 10 { os.Exit(3) }\nid", "EngineError"); !strings.Contains(got, "engine 0: the engine's process ended while it ran this") {
		t.Error(got)
	}
	n.ok("%%px -t 1\nfmt.Println(\"printed\")", "[stdout:1] printed\n")
	showsOfEngines(t, n)
	// A notebook that comes later is shown what the call has shown.
	n.ok("r = rc.Targets(0).Map(func(x int) int { fmt.Println(\"once\"); display.Show(x); return x }, []int{4})\nid, _ := r.ID(), r.Wait(time.Minute)", "[stdout:0] once\n[[output:0] 4]")
	n.ok("again, err := rc.Fetch[int](context.Background(), id)\nagain.Get()", "[stdout:0] once\n[[output:0] 4]=> [4]")
	n.ok("again.Stdout()", "=> map[0:once\n]")
}

// Every option that ipyparallel has for %px and its like does what it does there, or is refused by its name with the reason; and
// options that are given together do what each does.
func TestEveryOptionOfPX(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("var x int", "")
	const both, second = `[Out[0]: 7][Out[1]: 7]`, `[Out[1]: 7]`
	for _, c := range []struct{ options, want, then, later string }{
		{"", both, "", ""},
		{"-b", both, "", ""}, {"--block", both, "", ""}, {"-a -b", both, "", ""},
		{"-a", "", "%pxresult", both}, {"--noblock", "", "%pxresult", both}, {"-b -a", "", "%pxresult", both},
		{"-t 1", second, "", ""}, {"--targets 1", second, "", ""}, {"--targets=1:", second, "", ""}, {"-t 1::2", second, "", ""}, {"-t 0,1", both, "", ""}, {"-t all", both, "", ""},
		{"-o r1", both, "r1.Get()", `=> [Out[0]: 7 Out[1]: 7]`}, {"--out=r2 -t 1", second, "r2.Get()", `=> [Out[1]: 7]`},
		{"-a -o r3", "", "r3.Get()", `=> [Out[0]: 7 Out[1]: 7]`}, {"-a -o r4 -t 1", "", "r4.Get()", `=> [Out[1]: 7]`},
		{"--local", both, "x = 0", ""}, {"--local -t 1", second, "", ""}, {"--local -a", "", "%pxresult", both}, {"--local -o r5", both, "r5.Ready()", "=> true"},
		{"-v", "", "", ""}, {"--verbose -t 1", "", "", ""}, {"-v --no-verbose", both, "", ""}, {"--no-verbose -a -t 1", "", "%pxresult", second},
	} {
		for _, code := range []string{"%px " + c.options + " 3 + 4", "%%px " + c.options + "\n3 + 4"} {
			code = strings.ReplaceAll(code, "  ", " ")
			if strings.HasPrefix(code, "%%") {
				code = strings.NewReplacer("r1", "q1", "r2", "q2", "r3", "q3", "r4", "q4", "r5", "q5").Replace(code)
			}
			got, reply := n.run(code)
			if reply.Err != nil || !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "Out[") && !strings.Contains(c.options, "-v") && !strings.Contains(c.options, "--verbose") {
				t.Errorf("%s\nshowed %q, %+v", code, got, reply.Err)
			}
			if verbose := strings.Contains(c.options, "-v") && !strings.Contains(c.options, "no-verbose") || strings.Contains(c.options, "--verbose"); verbose != strings.Contains(got, "engine") {
				t.Errorf("%s\nshowed %q", code, got)
			}
			if c.then != "" {
				then := c.then
				if strings.HasPrefix(code, "%%") {
					then = strings.NewReplacer("r1", "q1", "r2", "q2", "r3", "q3", "r4", "q4", "r5", "q5").Replace(then)
				}
				if got, reply := n.run(then); reply.Err != nil || !strings.Contains(got, c.later) {
					t.Errorf("%s\nand then %s: %q, %+v", code, then, got, reply.Err)
				}
			}
		}
	}
	for _, option := range []string{"--stream", "--no-stream", "--progress-after=3", "--progress-after 3", "--group-outputs=engine", "--group-outputs type", "--signal-on-interrupt=SIGINT", "-e", "-r", "--nonsense"} {
		name, _, _ := strings.Cut(strings.ReplaceAll(option, "=", " "), " ")
		for _, code := range []string{"%px " + option + " x", "%%px " + option + "\nx", "%%px -t 1 " + option + " -a\nx", "%pxconfig " + option, "%pxresult " + option} {
			if _, reply := n.run(code); reply.Err == nil || !strings.Contains(reply.Err.Text(), name) {
				t.Errorf("%s ended with %+v", code, reply.Err)
			}
		}
	}
	for _, code := range []string{"%px -t", "%px -o", "%px -o 3 x", "%px", "%%px x\ny", "%px -o _ x"} {
		n.fails(code, "UsageError")
	}
	n.ok("%pxconfig -t 1 -a", "")
	n.ok("%px 3 + 4", "")
	n.ok("%pxresult", second)
	n.ok("%px -b -t all 3 + 4", both)
	n.ok("%pxconfig -b -t all", "")
	n.ok("%px 3 + 4", both)
}
