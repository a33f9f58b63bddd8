package host_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// deadline is long enough for the slowest machine; nothing waits for it but a
// test that fails.
const deadline = 60 * time.Second

// recorder is an Output that keeps what it gets, in order.
type recorder struct {
	mu     sync.Mutex
	events []string
	answer string
	more   chan struct{} // a signal for each event, dropped if nobody listens
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{}, 1)} }

func (r *recorder) add(format string, args ...any) {
	r.mu.Lock()
	r.events = append(r.events, fmt.Sprintf(format, args...))
	r.mu.Unlock()
	select {
	case r.more <- struct{}{}:
	default:
	}
}

func (r *recorder) Stream(name, text string) {
	r.mu.Lock()
	if n := len(r.events); n > 0 && strings.HasPrefix(r.events[n-1], name+":") {
		r.events[n-1] += text
		r.mu.Unlock()
		select {
		case r.more <- struct{}{}:
		default:
		}
		return
	}
	r.mu.Unlock()
	r.add("%s:%s", name, text)
}
func (r *recorder) Display(d cell.Bundle, _ map[string]any, id string) {
	r.add("display:%v", d["text/plain"])
}
func (r *recorder) Update(d cell.Bundle, _ map[string]any, id string) {
	r.add("update:%v", d["text/plain"])
}
func (r *recorder) Result(d cell.Bundle, _ map[string]any) { r.add("result:%v", d["text/plain"]) }
func (r *recorder) Clear(wait bool)                        { r.add("clear:%v", wait) }
func (r *recorder) Comm(m cell.Comm)                       { r.add("%s:%s %s", m.Kind, m.ID, string(m.Data)) }
func (r *recorder) Input(ctx context.Context, prompt string, _ bool) (string, error) {
	r.add("input:%s", prompt)
	if r.answer == "" {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return r.answer, nil
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.events, "|")
}

// waitFor waits until the recorded text contains want.
func (r *recorder) waitFor(t *testing.T, want string) {
	t.Helper()
	end := time.After(deadline)
	for !strings.Contains(r.String(), want) {
		select {
		case <-r.more:
		case <-end:
			t.Fatalf("never saw %q, only %q", want, r)
		}
	}
}

func start(t *testing.T, background cell.Output) *host.Process {
	t.Helper()
	p, err := host.Start(t.Context(), host.Options{
		Path:       hostBinary(t),
		CellName:   func(id string) string { return "cell[" + id + "]" },
		Background: background,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if err := syscall.Kill(p.Pid(), 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("the host process %d is still there (%v)", p.Pid(), err)
		}
	})
	return p
}

func run(t *testing.T, p *host.Process, m registry.Module, out *recorder) host.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	return p.Run(ctx, host.Program{Load: []registry.Module{m}, Run: m.ID}, cell.Request{AllowStdin: true}, out)
}

func TestOutputInOrderAndComplete(t *testing.T) {
	m := compile(t, "order", `"fmt"; "os"; "os/exec"; "github.com/goparallel/goparallel/kernel/display"`, "", `
		fmt.Println("one")
		display.Show(1, "x")
		fmt.Println("two")
		h := display.NewHandle("0 %")
		cmd := exec.Command("echo", "child")
		cmd.Stdout = os.Stdout
		if err := cmd.Run(); err != nil { panic(err) }
		h.Update("50 %")
		display.Clear(true)
		name, err := display.Input("name? ")
		fmt.Println(name, err)
		fmt.Print("é")
		ᐧlive.ShowResults(struct{ A int }{3}, error(nil))`)
	p := start(t, nil)
	out := newRecorder()
	out.answer = "Ada"
	if o := run(t, p, m, out); o.Err != nil || o.Dead {
		t.Fatalf("%+v", o)
	}
	want := "stdout:one\n|display:1 x|stdout:two\n|display:0 %|stdout:child\n|update:50 %|clear:true|input:name? |stdout:Ada <nil>\né|result:{A:3}"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestMuchOutputIsNeitherLostNorCutInsideCharacters(t *testing.T) {
	m := compile(t, "much", `"fmt"; "bufio"; "os"`, "", `
		w := bufio.NewWriterSize(os.Stdout, 4099)
		for i := range 100_000 { fmt.Fprintf(w, "%d é€😀\n", i) }
		w.Flush()`)
	p := start(t, nil)
	out := newRecorder()
	if o := run(t, p, m, out); o.Err != nil {
		t.Fatalf("%+v", o)
	}
	var want strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&want, "%d é€😀\n", i)
	}
	if got := out.String(); got != "stdout:"+want.String() {
		t.Errorf("got %d bytes, want %d", len(got)-7, want.Len())
	}
}

func TestPanicIsReportedWithCellLinesOnly(t *testing.T) {
	m := compile(t, "boom", ``, `
//line cell-boom:1
type point struct{ x int }
func (p *point) move(xs []int) int { return xs[p.x] }
func outer() int { return func() int { return (&point{5}).move([]int{1}) }() }`, `
		_ = outer()`)
	p := start(t, nil)
	o := run(t, p, m, newRecorder())
	if o.Err == nil || o.Dead || o.Err.Name != "panic" {
		t.Fatalf("%+v", o)
	}
	text := o.Err.Text()
	for _, want := range []string{"index out of range [5] with length 1", "cell[boom]:2", "(*point).move", "cell[boom]:3 in a function literal in outer"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, bad := range []string{"ᐧ", "runtime", "internal/kernel/host", ".go:", "goroutine"} {
		if strings.Contains(strings.ReplaceAll(text, "runtime error", ""), bad) {
			t.Errorf("%q in\n%s", bad, text)
		}
	}
	// the session goes on
	m2 := compile(t, "after", ``, ``, `ᐧlive.Show("alive")`)
	out := newRecorder()
	if o := run(t, p, m2, out); o.Err != nil || out.String() != "result:alive" {
		t.Errorf("%+v %s", o, out)
	}
}

func TestValueThatPanicsWhenShown(t *testing.T) {
	m := compile(t, "shy", ``, "type shy struct{}\n//line cell-shy:1\nfunc (shy) HTML() string { panic(\"not me\") }", `ᐧlive.Show(shy{})`)
	p := start(t, nil)
	out := newRecorder()
	o := run(t, p, m, out)
	if o.Err == nil || o.Dead || o.Err.Value != "not me" || !strings.Contains(o.Err.Text(), "cell[shy]:1 in shy.HTML") || out.String() != "" {
		t.Errorf("%+v %q", o.Err, out)
	}
}

func TestDeathsAreReportedOnceAndLeaveTheKernelAlive(t *testing.T) {
	for _, c := range []struct{ id, imports, body, name, want string }{
		{"goroutine", ``, "c := make(chan int)\ngo func() {\n\tvar m map[string]int\n\tm[\"a\"] = 1\n}()\n<-c", "panic", "assignment to entry in nil map"},
		{"exit", `"os"`, `os.Exit(3)`, "Exited", "os.Exit(3) ended the process"},
		{"logfatal", `"log"`, `log.Fatal("no luck")`, "Exited", "log.Fatal ended the process"},
		{"overflow", `"runtime/debug"`, "debug.SetMaxStack(1<<20)\nvar f func(int) int\nf = func(n int) int { return f(n+1) + 1 }\n_ = f(0)", "fatal error", "stack overflow"},
		{"concurrent", ``, "m := map[int]int{}\ngo func() { for { m[1]++ } }()\nfor { m[1]++ }", "fatal error", "concurrent map"},
		{"killed", `"syscall"; "os"`, `syscall.Kill(os.Getpid(), syscall.SIGKILL); select {}`, "Exited", "signal 9"},
	} {
		t.Run(c.id, func(t *testing.T) {
			m := compile(t, c.id, "\"fmt\"; "+c.imports, "", "fmt.Println(\"before\")\n"+c.body)
			p := start(t, nil)
			out := newRecorder()
			o := run(t, p, m, out)
			if !o.Dead || o.Err == nil || o.Err.Name != c.name {
				t.Fatalf("%+v %v", o, o.Err)
			}
			text := o.Err.Text()
			if !strings.Contains(text, c.want) {
				t.Errorf("the report is\n%s", text)
			}
			if c.name == "panic" && !strings.Contains(text, "cell["+c.id+"]:5") {
				t.Errorf("no line of the cell in\n%s", text)
			}
			want := "stdout:before\n"
			if c.id == "logfatal" {
				if !strings.Contains(out.String(), "no luck") {
					t.Errorf("the message of log.Fatal is lost: %s", out)
				}
			} else if out.String() != want {
				t.Errorf("the output is %q, want %q", out, want)
			}
			if o := run(t, p, m, newRecorder()); !o.Dead {
				t.Errorf("a run in a dead host: %+v", o)
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	loop := compile(t, "loop", `"fmt"`, "var counter = 7", `
		fmt.Println("started")
		for { if ᐧpoll.Flag.Load() != 0 { ᐧpoll.Point() } }`)
	blocked := compile(t, "blocked", `"fmt"`, "", `
		fmt.Println("started")
		<-make(chan int)`)
	context_ := compile(t, "context", `"fmt"`, "", `
		fmt.Println("started")
		<-ᐧlive.Context().Done()
		for { if ᐧpoll.Flag.Load() != 0 { ᐧpoll.Point() } }`)
	p := start(t, nil)
	for _, m := range []registry.Module{loop, blocked, context_} {
		out := newRecorder()
		done := make(chan host.Outcome)
		go func() { done <- run(t, p, m, out) }()
		out.waitFor(t, "started")
		p.Interrupt()
		if o := <-done; o.Dead || o.Err == nil || o.Err.Name != "Interrupted" {
			t.Fatalf("%s: %+v %v", m.ID, o, o.Err)
		}
	}
	after := compile(t, "alive", ``, ``, `ᐧlive.Show("alive")`)
	out := newRecorder()
	if o := run(t, p, after, out); o.Err != nil || out.String() != "result:alive" {
		t.Errorf("%+v %s", o, out)
	}
}

func TestInterruptOfACellThatPrintsWithoutEnd(t *testing.T) {
	m := compile(t, "flood", `"fmt"`, "", `
		for { if ᐧpoll.Flag.Load() != 0 { ᐧpoll.Point() }; fmt.Println("line") }`)
	p := start(t, nil)
	out := newRecorder()
	done := make(chan host.Outcome)
	go func() { done <- run(t, p, m, out) }()
	out.waitFor(t, "line\nline\n")
	p.Interrupt()
	if o := <-done; o.Dead || o.Err == nil || o.Err.Name != "Interrupted" {
		t.Fatalf("%+v", o)
	}
}

func TestStartFailsWithAReason(t *testing.T) {
	for path, want := range map[string]string{"/nonexistent": "no such file", "/bin/true": "ended at once"} {
		if _, err := host.Start(t.Context(), host.Options{Path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestCancelledContextInterrupts(t *testing.T) {
	m := compile(t, "cancel", `"fmt"`, "", "fmt.Println(\"started\")\nselect {}")
	p := start(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := newRecorder()
	go func() { out.waitFor(t, "started"); cancel() }()
	o := p.Run(ctx, host.Program{Load: []registry.Module{m}, Run: m.ID}, cell.Request{}, out)
	if o.Dead || o.Err == nil || o.Err.Name != "Interrupted" {
		t.Fatalf("%+v", o)
	}
}

func TestSecondInterruptKills(t *testing.T) {
	// A host that is stopped cannot answer the first one.
	m := compile(t, "stopped", `"fmt"; "os"; "syscall"`, "", `
		fmt.Println("started")
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {}`)
	p := start(t, nil)
	out := newRecorder()
	done := make(chan host.Outcome)
	go func() { done <- run(t, p, m, out) }()
	out.waitFor(t, "started")
	p.Interrupt()
	p.Interrupt()
	if o := <-done; !o.Dead || o.Err.Name != "Interrupted" {
		t.Fatalf("%+v", o)
	}
}

func TestBackgroundOutput(t *testing.T) {
	m := compile(t, "later", `"fmt"; "time"; "github.com/goparallel/goparallel/kernel/display"`, "", `
		go func() {
			time.Sleep(50*time.Millisecond)
			fmt.Println("later")
			display.Show("shown")
		}()
		fmt.Println("now")`)
	background := newRecorder()
	p := start(t, background)
	out := newRecorder()
	if o := run(t, p, m, out); o.Err != nil {
		t.Fatalf("%+v", o)
	}
	background.waitFor(t, "display:shown")
	if out.String() != "stdout:now\n" || background.String() != "stdout:later\n|display:shown" {
		t.Errorf("%q %q", out, background)
	}
}

func TestCommands(t *testing.T) {
	p := start(t, nil)
	dir := t.TempDir()
	out := newRecorder()
	o := p.Run(t.Context(), host.Program{Commands: []host.Command{
		{Name: "cd", Arg: dir}, {Name: "env", Arg: "GREETING=hello"}, {Name: "shell", Arg: "echo $GREETING $PWD; echo bad >&2; exit 3"},
	}}, cell.Request{}, out)
	if o.Err != nil {
		t.Fatalf("%+v", o.Err)
	}
	for _, want := range []string{"env: GREETING=hello\n", "hello " + dir, "bad\n", "(exit status 3)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out)
		}
	}
	o = p.Run(t.Context(), host.Program{Commands: []host.Command{{Name: "bash", Arg: "exit 4"}}}, cell.Request{}, newRecorder())
	if o.Err == nil || o.Err.Name != "CommandError" || !strings.Contains(o.Err.Value, "exit status 4") {
		t.Errorf("%+v", o.Err)
	}
	out = newRecorder()
	done := make(chan host.Outcome)
	go func() {
		done <- p.Run(t.Context(), host.Program{Commands: []host.Command{{Name: "shell", Arg: "echo started; sleep 1000; echo no"}}}, cell.Request{}, out)
	}()
	out.waitFor(t, "started")
	p.Interrupt()
	if o := <-done; o.Err == nil || o.Err.Name != "Interrupted" {
		t.Errorf("%+v", o.Err)
	}
}

func TestStandardInputAsksTheUser(t *testing.T) {
	m := compile(t, "scan", `"fmt"; "io"; "os"`, "", `
		var a, b string
		fmt.Print("two words: ")
		n, err := fmt.Scan(&a, &b)
		fmt.Println(n, err, a, b)
		rest, err := io.ReadAll(io.LimitReader(os.Stdin, 4))
		fmt.Printf("%q %v\n", rest, err)`)
	p := start(t, nil)
	out := newRecorder()
	out.answer = "ab"
	if o := run(t, p, m, out); o.Err != nil {
		t.Fatal(o.Err)
	}
	// A line for each word, and two for four bytes.
	want := "stdout:two words: |input:|input:|stdout:2 <nil> ab ab\n|input:|input:|stdout:\"ab\\na\" <nil>\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// Where nobody can be asked, the input is at its end.
	out = newRecorder()
	o := p.Run(t.Context(), host.Program{Load: []registry.Module{m}, Run: m.ID}, cell.Request{}, out)
	if o.Err != nil || out.String() != "stdout:two words: 0 EOF  \n\"\" <nil>\n" {
		t.Errorf("%v %q", o.Err, out)
	}
	// An interrupt ends the wait.
	out = newRecorder()
	done := make(chan host.Outcome)
	go func() { done <- run(t, p, m, out) }()
	out.waitFor(t, "input:")
	p.Interrupt()
	if o := <-done; o.Dead || o.Err == nil || o.Err.Name != "Interrupted" {
		t.Errorf("%+v", o)
	}
}

func TestHostEndsWithItsKernel(t *testing.T) {
	for _, stopped := range []bool{false, true} { // a stopped one cannot see its connection end
		kernel := exec.Command(os.Args[0])
		kernel.Env = append(os.Environ(), kernelVariable+"="+hostBinary(t))
		out, err := kernel.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := kernel.Start(); err != nil {
			t.Fatal(err)
		}
		var pid int
		if _, err := fmt.Fscan(out, &pid); err != nil {
			t.Fatal(err)
		}
		if stopped {
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}
		if err := kernel.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		kernel.Wait()
		for end := time.Now().Add(deadline); alive(pid); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("host %d outlives its kernel", pid)
			}
		}
	}
}

// alive reports whether a process runs; one that nobody has waited for yet does
// not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestNothingIsLeftBehind(t *testing.T) {
	p := start(t, nil)
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		q := start(t, nil)
		out := newRecorder()
		o := q.Run(t.Context(), host.Program{Commands: []host.Command{{Name: "shell", Arg: "sleep 1000 & echo $!"}}}, cell.Request{}, out)
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		q.Close()
	}
	p.Close()
	after, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	if len(after) >= len(before) {
		t.Errorf("%d file descriptors before, %d after", len(before), len(after))
	}
}
