package repl_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/goparallel/goparallel/internal/parallel/process/emulated"
)

// deadline guards against hanging; nothing that works comes near it.
const deadline = 3 * time.Minute

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// notebook is an interpreter with its execution count.
type notebook struct {
	t     *testing.T
	repl  *repl.Interpreter
	count int
}

func open(t *testing.T) *notebook {
	t.Helper()
	return openWith(t, repl.Options{})
}

func openWith(t *testing.T, o repl.Options) *notebook {
	t.Helper()
	if *emulated.Arm64 && o.Arch == "" {
		o.Arch = "arm64"
	}
	o.Dir, o.Version, o.Progress = t.TempDir(), "test", func(line string) { t.Log(line) }
	r, err := repl.Open(t.Context(), o) // without a deadline: the first one on a busy machine makes the workspace
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return &notebook{t: t, repl: r}
}

// cell is what the cell that ran last is called.
func (n *notebook) cell() string { return fmt.Sprintf("cell[%d]", n.count) }

// run runs a cell and returns what it showed and how it ended.
func (n *notebook) run(code string) (string, cell.Reply) {
	n.t.Helper()
	out := &recorder{}
	reply := n.execute(cell.Request{Code: code}, out)
	return out.String(), reply
}

func (n *notebook) execute(req cell.Request, out cell.Output) cell.Reply {
	n.count++
	req.Count, req.StoreHistory = n.count, true
	ctx, cancel := context.WithTimeout(n.t.Context(), deadline)
	defer cancel()
	return n.repl.Execute(ctx, req, out)
}

// ok runs a cell that has to show what is wanted.
func (n *notebook) ok(code, want string) {
	n.t.Helper()
	got, reply := n.run(code)
	got = compiling.ReplaceAllString(got, "")
	if reply.Err != nil {
		n.t.Fatalf("%s\nfailed: %s", code, reply.Err.Text())
	}
	if got != want {
		n.t.Errorf("%s\nshowed %q, want %q", code, got, want)
	}
}

// compiling is what a cell says of packages whose compilation takes over a second, as it does on busy machines.
var compiling = regexp.MustCompile(`\[compiling [^\]]*\]`)

// fails runs a cell that has to fail, and returns its traceback without
// colours.
func (n *notebook) fails(code, name string) string {
	n.t.Helper()
	_, reply := n.run(code)
	if reply.Err == nil || reply.Err.Name != name {
		n.t.Fatalf("%s\nended with %+v, want %s", code, reply.Err, name)
	}
	return colour.ReplaceAllString(reply.Err.Text(), "")
}

type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.text, format, args...)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (r *recorder) Stream(name, text string) {
	if name == "stderr" {
		text = "stderr:" + text
	}
	r.add("%s", text)
}
func (r *recorder) Display(d cell.Bundle, _ map[string]any, _ string) {
	r.add("[%v]", d["text/plain"])
}
func (r *recorder) Update(d cell.Bundle, _ map[string]any, _ string) {
	r.add("[%v]", d["text/plain"])
}
func (r *recorder) Result(d cell.Bundle, _ map[string]any) { r.add("=> %v", d["text/plain"]) }
func (r *recorder) Clear(bool)                             {}
func (r *recorder) Comm(m cell.Comm)                       { r.add("{%s %s}", m.Kind, string(m.Data)) }
func (r *recorder) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("nobody")
}

func (r *recorder) waitFor(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(deadline); !strings.Contains(r.String(), want); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never saw %q, only %q", want, r)
		}
	}
}

func TestNotebook(t *testing.T) {
	n := open(t)
	n.ok("", "")
	n.ok("// nothing\n", "")
	n.ok("x := 20", "")
	n.ok("import \"fmt\"\nfmt.Println(\"hi\")\nx + 1", "hi\n=> 21")
	n.ok("import \"github.com/goparallel/goparallel/kernel/display\"\ndisplay.HTML(\"<b>bold</b>\")\nfmt.Println(\"after\")", "[bold]after\n")

	t.Run("magics", func(t *testing.T) {
		n.ok("%cd /", "/\n")
		n.ok("%pwd", "=> /")
		n.ok("fmt.Println(1)\n!echo $((1+1))\nfmt.Println(3)", "1\n2\n3\n")
		n.ok("%%bash\necho a\necho b", "a\nb\n")
		n.ok("%version", "goparallel test\n")
		times := regexp.MustCompile(`^CPU times: user .*, sys: .*, total: .*\nWall time: .*\n`)
		for _, c := range [][2]string{{"%time x + 2", "=> 22"}, {"%time y := x * 2", ""}, {"%%time\nz := y\nz", "=> 40"}, {"%time x + 1\nx", "=> 20"}} {
			code, rest := c[0], c[1]
			got, reply := n.run(code)
			if reply.Err != nil {
				t.Fatalf("%s: %s", code, reply.Err.Text())
			}
			if !times.MatchString(got) || times.ReplaceAllString(got, "") != rest {
				t.Errorf("%s showed %q", code, got)
			}
		}
		n.ok("y", "=> 40")
		line := regexp.MustCompile(`^(The slowest .*\n)?\S+ [mμn]?s ± .* per loop \(mean ± std\. dev\. of 3 runs, 100 loops each\)\n$`)
		for _, code := range []string{"%timeit -n 100 -r 3 x * 3", "%%timeit -n 100 -r 3 a := x\nb := a * a\n_ = b"} {
			got, reply := n.run(code)
			if reply.Err != nil || !line.MatchString(got) {
				t.Errorf("%s showed %q, %v", code, got, reply.Err)
			}
		}
		got, reply := n.run("%timeit -q -o -n 10 -r 2 x")
		if reply.Err != nil || !strings.HasPrefix(got, "=> <TimeitResult : ") {
			t.Errorf("-o showed %q, %v", got, reply.Err)
		}
		n.ok("%timeit -q -n 10 -r 2 -v best x", "")
		n.ok("best.Loops", "=> 10")
	})

	t.Run("errors", func(t *testing.T) {
		n.count = 30
		if got, want := n.fails("x := 1\n\ty := undefinedName + 1", "CompileError"),
			"CompileError: cell[31]:2:7: undefined: undefinedName\n    \ty := undefinedName + 1\n    \t     ^"; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if got := n.fails("%timeit  nothing()", "CompileError"); !strings.HasPrefix(got, "CompileError: cell[32]:1:10: undefined: nothing\n    %timeit  nothing()\n             ^") {
			t.Errorf("got\n%s", got)
		}
		if got, want := n.fails("%timeot x", "UsageError"),
			"UsageError: cell[33]:1:1: there is no magic %timeot; did you mean %timeit? %lsmagic lists all magics\n    %timeot x\n    ^"; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		n.ok("func boom(xs []int) int {\n\treturn xs[3]\n}", "")
		if got, want := n.fails("v := []int{1}\nboom(v)", "panic"),
			"panic: runtime error: index out of range [3] with length 1\n\n  cell[34]:2 in boom\n  cell[35]:2"; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if got := n.fails("%%bash\nexit 3", "CommandError"); !strings.Contains(got, "exit status 3") {
			t.Errorf("got\n%s", got)
		}
	})

	t.Run("expressions", func(t *testing.T) {
		reply := n.execute(cell.Request{Code: "u := 5", Expressions: map[string]string{"a": "u * 2", "b": "nope", "c": "u := 1"}}, &recorder{})
		if reply.Err != nil {
			t.Fatal(reply.Err)
		}
		a, _ := reply.Expressions["a"].(map[string]any)
		if data, _ := a["data"].(cell.Bundle); a["status"] != "ok" || data["text/plain"] != "10" {
			t.Errorf("a is %v", a)
		}
		for _, name := range []string{"b", "c"} {
			if e, _ := reply.Expressions[name].(map[string]any); e["status"] != "error" || e["ename"] != "CompileError" {
				t.Errorf("%s is %v", name, e)
			}
		}
	})

	t.Run("interrupt", func(t *testing.T) {
		n.ok("kept := 7", "")
		for _, code := range []string{"fmt.Println(\"started\")\nfor {\n\tkept++\n}", "fmt.Println(\"started\")\nselect {}", "!echo started; sleep 1000"} {
			out := &recorder{}
			go func() {
				out.waitFor(t, "started")
				n.repl.Interrupt()
			}()
			reply := n.execute(cell.Request{Code: code}, out)
			if reply.Err == nil || reply.Err.Name != "Interrupted" {
				t.Fatalf("%s ended with %+v", code, reply.Err)
			}
		}
		n.ok("kept > 7", "=> true")
	})

	t.Run("deaths", func(t *testing.T) {
		got := n.fails("import \"os\"\nos.Exit(3)", "Exited")
		if !strings.Contains(got, "os.Exit(3)") || !strings.Contains(got, "values are gone") {
			t.Errorf("got\n%s", got)
		}
		if got := n.fails("kept", "CompileError"); !strings.Contains(got, "undefined: kept") {
			t.Errorf("got\n%s", got)
		}
		n.ok("kept := 1\nkept", "=> 1")
		background := &recorder{}
		n.repl.Background(background)
		n.ok("import \"time\"\ngo func() { time.Sleep(200*time.Millisecond); panic(\"later\") }()", "")
		background.waitFor(t, "panic\x1b[0m: later")
		background.waitFor(t, "values are gone")
		n.ok("1 + 1", "=> 2")
		n.fails("kept", "CompileError")
		n.ok("kept := 2", "")
		n.ok("%restart", "")
		n.fails("kept", "CompileError")
	})
}

func TestLookingAtCode(t *testing.T) {
	n := open(t)
	n.ok("count, country := 1, \"x\"\nfunc half(x float64) float64 { return x / 2 }", "")
	n.ok("%who", "count\t country\n")
	if got, _ := n.run("%whos"); !strings.Contains(got, "half      function   func(x float64) float64\n") {
		t.Errorf("%%whos showed %q", got)
	}
	n.ok("type pair struct{ a, b int }\nlast := pair{1, 2}", "")
	n.run("type pair struct{ a, b string }")
	n.ok("%who", "count\t country\t last\n") // last was carried over, without the fields whose type changed
	for code, want := range map[string]string{
		"x := 1": "complete", "": "complete", "if true {\n}": "complete", "%timeit f()": "complete", "%%time\nf()\n": "complete", "!ls": "complete",
		"for {": "incomplete", "s := `a": "incomplete", "/* a": "incomplete", "%%time": "incomplete", "%%bash\nls": "incomplete",
		"x := )": "invalid", "%nothing": "invalid",
	} {
		if got := n.repl.IsComplete(code); got.Status != want {
			t.Errorf("%q is %s, want %s", code, got.Status, want)
		}
	}
	for _, c := range []struct{ code, want string }{
		{"é := 1\n %tim|", "8-12 %time %timeit"},
		{"coun|", "0-4 count country"},
		{"%timeit -n 10 coun|", "14-18 count country"},
		{"%%timeit\ncoun|", "9-13 count country"},
		{"!ls coun|", "4-8"},
		{"%%bash\ncoun|", "7-11"},
	} {
		before, after, _ := strings.Cut(c.code, "|")
		got := n.repl.Complete(t.Context(), before+after, len([]rune(before)))
		text := fmt.Sprintf("%d-%d", got.Start, got.End)
		for _, item := range got.Items {
			text += " " + item.Text
		}
		if text != c.want {
			t.Errorf("%s is completed as %s, want %s", c.code, text, c.want)
		}
	}
	for code, want := range map[string]string{"%timeit f()": "7 runs", "%timeit half(1)|": ""} {
		cursor := 3
		if want == "" {
			cursor, want = 10, "func half(x float64) float64"
		}
		code = strings.TrimSuffix(code, "|")
		if doc := n.repl.Inspect(t.Context(), code, cursor, 0); !strings.Contains(fmt.Sprint(doc.Data["text/plain"]), want) {
			t.Errorf("%s at %d is explained by %v", code, cursor, doc)
		}
	}
}

func TestEngines(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"context"
	"fmt"
	"log"
	"github.com/goparallel/goparallel/parallel"
)
rc, err := parallel.Start(context.Background(), 2)
err`, "=> <nil>")
	n.ok("view := rc.LoadBalanced()\nk := 3", "")
	n.ok("func times(x int) int { return k * x }\nview.MapSync(times, []int{1, 2, 3})", "=> [3 6 9]")
	n.ok("view.MapSync(func(x int) int { return x + k }, []int{1, 2})", "=> [4 5]")
	got := n.fails("func brittle(x int) int {\n\tif x == 2 {\n\t\tpanic(\"two\")\n\t}\n\treturn x\n}\n_, err = view.MapSync(brittle, []int{0, 1, 2})\nif err != nil {\n\tpanic(err)\n}", "panic")
	for _, want := range []string{"item 2 on engine", "two", "cell[5]:9\n", "on engine ", "cell[5]:3 in brittle"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	n.ok("l := log.New(log.Writer(), \"\", log.Lshortfile)\nl.Println(\"here\")", "stderr:cell[6]:2: here\n")
	out := &recorder{}
	go func() {
		out.waitFor(t, "started")
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: "fmt.Println(\"started\")\nview.MapSync(func(x int) int { for { x++ } }, []int{1, 2})"}, out)
	if reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Fatalf("%+v", reply.Err)
	}
	n.ok("view.MapSync(times, []int{4})", "=> [12]")

	got, _ = n.run("import \"os\"\npids, _ := rc.All().MapSync(func(int) int { return os.Getpid() }, []int{0, 1})\nappend(pids, os.Getpid())")
	var pids [3]int
	if _, err := fmt.Sscanf(got, "=> [%d %d %d]", &pids[0], &pids[1], &pids[2]); err != nil {
		t.Fatal(got, err)
	}
	if err := n.repl.Close(); err != nil {
		t.Error(err)
	}
	for _, pid := range pids {
		for end := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("process %d of %v is left behind", pid, pids)
			}
		}
	}
}
