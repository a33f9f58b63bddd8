package repl_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// promptly bounds how long an interrupt may take on a busy machine; what it
// took is logged.
const promptly = 5 * time.Second

// interrupt runs a cell, interrupts it when it has printed "started" (at once
// where it prints nothing), and returns how long it took to end.
func (n *notebook) interrupt(code string, delay time.Duration) (time.Duration, cell.Reply) {
	n.t.Helper()
	out := &waiting{}
	began := make(chan time.Time, 1)
	go func() {
		if delay == 0 {
			out.waitFor(n.t, "started")
			delay = 150 * time.Millisecond // so that it is where it waits
		}
		time.Sleep(delay)
		began <- time.Now()
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: code, AllowStdin: true}, out)
	select {
	case at := <-began:
		return time.Since(at), reply
	default:
		n.t.Fatalf("%s\nended before it was interrupted: %+v", code, reply.Err)
		return 0, reply
	}
}

// waiting is an Output with a user who does not answer.
type waiting struct{ recorder }

func (*waiting) Input(ctx context.Context, _ string, _ bool) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestInterruptEndsWhateverRuns(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"bufio"; "context"; "fmt"; "io"; "net"; "net/http"; "os"; "os/exec"; "sync"; "syscall"; "time"
	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
)
kept := 7
rc, err := parallel.Start(context.Background(), 1)
view := rc.LoadBalanced()
silent, _ := net.Listen("tcp", "127.0.0.1:0")
var accepted []net.Conn // a connection that nothing refers to is closed by the collector
go func() { for { c, err := silent.Accept(); if err != nil { return }; accepted = append(accepted, c) } }()
func recurse(n int) int { if n > 40 { return 1 }; return recurse(n+1) + recurse(n+1) + recurse(n+1) }
var _, _, _, _, _ = bufio.NewReader, io.EOF, http.Get, exec.Command, syscall.Read
err`, "=> <nil>")
	const start = "fmt.Println(\"started\")\n"
	for _, c := range []struct{ name, code string }{
		{"tight loop", start + "i := 0\nfor {\n\ti++\n}"},
		{"overhead", start + "%overhead func(x int) int { time.Sleep(time.Millisecond); return x } make([]int, 1000)"},
		{"empty loop", start + "for {\n}"},
		{"loop with a default case", start + "for {\n\tselect {\n\tdefault:\n\t}\n}"},
		{"recursion", start + "recurse(0)"},
		{"channel", start + "<-make(chan int)"},
		{"send", start + "make(chan int) <- 1"},
		{"select", start + "select {\ncase <-make(chan int):\ncase <-time.After(time.Hour):\n}"},
		{"sleep", start + "time.Sleep(time.Hour)"},
		{"mutex", start + "var mu sync.Mutex\nmu.Lock()\nmu.Lock()"},
		{"wait group", start + "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()"},
		{"condition", start + "c := sync.NewCond(&sync.Mutex{})\nc.L.Lock()\nc.Wait()"},
		{"connection", start + "c, _ := net.Dial(\"tcp\", silent.Addr().String())\nc.Read(make([]byte, 1))"},
		{"http", start + "http.Get(\"http://\" + silent.Addr().String())"},
		{"child", start + "exec.Command(\"sleep\", \"100\").Run()"},
		{"read in a system call", "var fds [2]int\nsyscall.Pipe(fds[:])\n" + start + "syscall.Read(fds[0], make([]byte, 1))"},
		{"view", start + "view.MapSync(func(x int) int { for { x++ } }, []int{1, 2})"},
		{"view of sleepers", start + "view.MapSync(func(x int) int { time.Sleep(time.Hour); return x }, []int{1, 2})"},
		{"%timeit", start + "%timeit time.Sleep(time.Millisecond)"},
		{"shell", "!echo started; sleep 100"},
		{"%%bash", "%%bash\necho started\nsleep 100 | cat"},
		{"standard input", start + "bufio.NewReader(os.Stdin).ReadString('\\n')"},
		{"question", start + "display.Input(\"name?\")"},
		{"goroutines", start + "for range 100 {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n}\nselect {}"},
		{"recover", start + "func() {\n\tdefer func() { recover() }()\n\tfor {\n\t}\n}()\nfor {\n}"},
		{"output", start + "for {\n\tfmt.Println(\"started\")\n}"},
		{"garbage", start + "var keep []*int\nfor {\n\tkeep = append(keep[:0:0], make([]*int, 1<<16)...)\n}"},
	} {
		took, reply := n.interrupt(c.code, 0)
		if reply.Err == nil || reply.Err.Name != "Interrupted" || took > promptly || strings.Contains(reply.Err.Text(), "gone") {
			t.Fatalf("%s ended after %v with %+v", c.name, took, reply.Err)
		}
		if shell := c.name == "shell" || c.name == "%%bash"; !shell && !strings.Contains(reply.Err.Text(), fmt.Sprintf("\n  cell[%d]:", n.count)) {
			t.Errorf("%s: it does not say where it stopped: %s", c.name, reply.Err.Text())
		}
		t.Logf("%-26s %5d ms", c.name, took.Milliseconds())
		n.ok("kept", "=> 7")
	}
}

// An interrupt says in which line of which cell it stopped, and what had called that.
func TestInterruptSaysWhereItStopped(t *testing.T) {
	n := open(t)
	n.ok("func busy(n int) int {\n\tfor i := 0; ; i++ {\n\t\tn += i\n\t}\n}\nfunc waits() {\n\n\ttime.Sleep(time.Hour)\n}", "[imported time]")
	for _, test := range []struct {
		code  string
		lines []string
	}{
		{"fmt.Println(\"started\")\nx := 1\nbusy(x)", []string{"cell[1]:2 in busy", "cell[%d]:3"}},
		{"fmt.Println(\"started\")\nwaits()", []string{"cell[1]:8 in waits", "cell[%d]:2"}},
		{"fmt.Println(\"started\")\nfunc() {\n\tselect {}\n}()", []string{"cell[%d]:3 in a function literal", "cell[%d]:4"}},
	} {
		_, reply := n.interrupt(test.code, 0)
		at := -1
		for _, line := range test.lines {
			line = "\n  " + strings.ReplaceAll(line, "%d", fmt.Sprint(n.count))
			next := strings.Index(reply.Err.Text(), line)
			if next <= at {
				t.Errorf("%s\nhas no line %q in its place: %s", test.code, line, reply.Err.Text())
			}
			at = next
		}
	}
}

func TestInterruptEndsCompiling(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	n := open(t)
	t.Setenv("GOPROXY", "http://"+silent.Addr().String())
	t.Setenv("GONOSUMDB", "*")
	n.ok("import \"fmt\"\nkept := 7", "")
	var large strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&large, "func f%d(m map[string]int) { for k, v := range m { fmt.Println(k, v, %d) } }\n", i, i)
	}
	for _, c := range []struct {
		name, code string
		delay      time.Duration
	}{
		{"fetching", "import \"example.com/silent\"\nsilent.F()", time.Second},
		{"compiling", large.String(), 1500 * time.Millisecond},
	} {
		took, reply := n.interrupt(c.code, c.delay)
		if reply.Err == nil || reply.Err.Name != "Interrupted" || took > promptly {
			t.Fatalf("%s ended after %v with %+v", c.name, took, reply.Err)
		}
		t.Logf("%-26s %5d ms", c.name, took.Milliseconds())
		n.ok("kept", "=> 7")
	}
}

// TestAnInterruptIsNoticedLate has a process that can do nothing for a while, as when
// one of its threads is in code that Go's scheduler cannot stop.
func TestAnInterruptIsNoticedLate(t *testing.T) {
	n := open(t)
	n.ok("import (\"fmt\"; \"os\"; \"os/exec\"; \"syscall\")\nkept := 7", "")
	out := &waiting{}
	go func() {
		out.waitFor(t, "started")
		time.Sleep(150 * time.Millisecond)
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: `pid := fmt.Sprint(os.Getpid())
exec.Command("setsid", "sh", "-c", "sleep 6; kill -CONT "+pid).Start()
fmt.Println("started")
syscall.Kill(os.Getpid(), syscall.SIGSTOP)
select {}`}, out)
	if reply.Err == nil || reply.Err.Name != "Interrupted" || strings.Contains(reply.Err.Text(), "gone") {
		t.Errorf("ended with %+v", reply.Err)
	}
	if want := "started\n[the cell is in a call that cannot be stopped yet; its values are kept, and a second interrupt ends the process without them]"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("showed %q", out)
	}
	n.ok("kept", "=> 7")
}

// TestInterruptEndsTests interrupts tests, which package testing runs in goroutines of
// its own, and where it expects more of those that end early.
func TestInterruptEndsTests(t *testing.T) {
	n := open(t)
	n.ok("import (\"fmt\"; \"os/exec\"; \"testing\"; \"time\")\nkept := 7\nfunc wait(t *testing.T) { fmt.Println(\"started\"); for { time.Sleep(time.Millisecond) } }", "")
	for _, body := range []string{
		"fmt.Println(\"started\"); for { }",
		"fmt.Println(\"started\"); exec.Command(\"sleep\", \"100\").Run()",
		"t.Run(\"one\", wait)",
		"t.Run(\"one\", func(t *testing.T) { t.Run(\"two\", func(t *testing.T) { defer t.Log(\"end\"); wait(t) }) })",
		"for i := range 3 { t.Run(fmt.Sprint(i), func(t *testing.T) { t.Parallel(); wait(t) }) }",
		"t.Parallel(); t.Cleanup(func() { kept++; kept-- }); wait(t)",
		"t.Run(\"one\", func(t *testing.T) { go wait(t); t.Run(\"two\", func(t *testing.T) { for { } }) })",
	} {
		if took, reply := n.interrupt("%%test\nfunc TestEndless(t *testing.T) { "+body+" }", 0); reply.Err == nil || reply.Err.Name != "Interrupted" || took > promptly {
			t.Fatalf("%s\nended after %v with %+v", body, took, reply.Err)
		}
		n.run("time.Sleep(100 * time.Millisecond)") // whatever testing says of it
		n.ok("kept", "=> 7")
	}
	if _, reply := n.interrupt("%%test\nfunc ExampleEndless() { fmt.Println(\"started\"); for { } }\nfunc BenchmarkEndless(b *testing.B) { }", 0); reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Errorf("%+v", reply.Err)
	}
	if _, reply := n.interrupt("%%test\nfunc BenchmarkEndless(b *testing.B) { fmt.Println(\"started\"); for { } }", 0); reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Errorf("%+v", reply.Err)
	}
	n.run("time.Sleep(100 * time.Millisecond)")
	n.ok("kept", "=> 7")
	n.run("%%test\nfunc TestLater(t *testing.T) { kept = 8 }")
	n.ok("kept", "=> 8")
}

func TestASecondInterruptForces(t *testing.T) {
	n := open(t)
	n.ok("import (\"fmt\"; \"os\"; \"syscall\")\nkept := 7", "")
	out := &recorder{}
	go func() {
		out.waitFor(t, "started")
		n.repl.Interrupt()
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: "fmt.Println(\"started\")\nsyscall.Kill(os.Getpid(), syscall.SIGSTOP)\nselect {}"}, out)
	const want = "Interrupted: the cell did not stop, so its process was killed\n\nThe session's values are gone; %rerun 1 runs the cell again."
	if reply.Err == nil || colour.ReplaceAllString(reply.Err.Text(), "") != want {
		t.Errorf("ended with %+v", reply.Err)
	}
	n.ok("%rerun\nkept", "cell[1]: import (\"fmt\"; \"os\"; \"syscall\")\n=> 7")
}

// TestWhatAnInterruptLeavesBehind has goroutines that were blocked when they were
// interrupted wake up in later cells: each ends at its next poll.
func TestWhatAnInterruptLeavesBehind(t *testing.T) {
	n := open(t)
	n.ok("import \"fmt\"\nimport \"time\"\nwake := make(chan int)\ndone := make(chan int, 1)\nfunc say(s string) { fmt.Println(s) }", "")
	_, reply := n.interrupt("fmt.Println(\"started\")\ndefer func() { done <- 1 }()\n<-wake\nsay(\"from the dead\")\npanic(\"crash\")", 0)
	if reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Fatalf("%+v", reply.Err)
	}
	n.ok("close(wake)\n<-done", "=> 1")
	n.ok("time.Sleep(100 * time.Millisecond)", "")
	_, reply = n.interrupt("fmt.Println(\"started\")\ntime.Sleep(1500 * time.Millisecond)\nfor range 3 {\n\tpanic(\"crash\")\n}", 0)
	if reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Fatalf("%+v", reply.Err)
	}
	n.ok("time.Sleep(2 * time.Second)\n1", "=> 1")
}

// TestAnInterruptedItemDoesNotGoOn has items on engines wait when their call is interrupted;
// what they come back to is not run. Without an interrupt it is.
func TestAnInterruptedItemDoesNotGoOn(t *testing.T) {
	dir := t.TempDir()
	n := open(t)
	n.ok(fmt.Sprintf(`import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
	"github.com/goparallel/goparallel/parallel"
)
const wait = 1500 * time.Millisecond
func mark(kind int) { os.WriteFile(filepath.Join(%q, fmt.Sprint(kind)), nil, 0o600) }
func work(kind int) int {
	fmt.Println("started")
	c := make(chan int)
	go func() { time.Sleep(wait); c <- 1 }()
	switch kind {
	case 0:
		time.Sleep(wait)
	case 1:
		<-c
	case 2:
		exec.Command("sleep", "1.5").Run()
	case 3:
		var mu sync.Mutex
		mu.Lock()
		go func() { time.Sleep(wait); mu.Unlock() }()
		mu.Lock()
	case 4:
		time.AfterFunc(wait, func() { mark(4) })
		time.Sleep(2 * wait)
		return 0
	}
	mark(kind)
	return kind
}
rc, err := parallel.Start(context.Background(), 5)
err`, dir), "=> <nil>")
	kinds := []int{0, 1, 2, 3, 4}
	call := fmt.Sprintf("_, _ = rc.All().MapSync(work, %s)", strings.ReplaceAll(fmt.Sprintf("%#v", kinds), " ", ""))
	for _, interrupted := range []bool{true, false} {
		if interrupted {
			if took, reply := n.interrupt(call, 0); reply.Err == nil || reply.Err.Name != "Interrupted" {
				t.Fatalf("ended after %v with %+v", took, reply.Err)
			}
			n.ok("time.Sleep(3 * wait)", "")
		} else if got, reply := n.run(call); reply.Err != nil {
			t.Fatalf("%s %+v", got, reply.Err)
		}
		for _, kind := range kinds {
			_, err := os.Stat(filepath.Join(dir, fmt.Sprint(kind)))
			if went := err == nil; went == interrupted {
				t.Errorf("interrupted %v, kind %d went on %v", interrupted, kind, went)
			}
		}
	}
}

// TestInterruptsAtAnyMoment: whether a cell is about to run, runs or has just been stopped, it was interrupted,
// and has not left by itself.
func TestInterruptsAtAnyMoment(t *testing.T) {
	n := open(t)
	n.ok("n := 0", "")
	n.interrupt("for { n++ }", 500*time.Millisecond) // from now on it is compiled
	for i := range 150 {
		ended := make(chan bool)
		go func() {
			for pause := time.Duration(i) * 50 * time.Microsecond; ; pause = 5 * time.Second { // the first may come before the cell
				select {
				case <-ended:
					return
				case <-time.After(pause):
					n.repl.Interrupt()
				}
			}
		}()
		reply := n.execute(cell.Request{Code: "for { n++ }"}, &waiting{})
		close(ended)
		if reply.Err == nil || reply.Err.Name != "Interrupted" || strings.Contains(reply.Err.Value, "killed") {
			t.Fatalf("interrupted after %v: %+v", time.Duration(i)*50*time.Microsecond, reply.Err)
		}
	}
	n.ok("n > 0", "=> true")
}
