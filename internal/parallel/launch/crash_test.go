package launch

import (
	"fmt"
	"strings"
	"testing"
)

// What is told of a crash is its reason and the user's frames of the goroutine that crashed, which is the first.
func TestSummaryOfACrash(t *testing.T) {
	deep := "main.f(...)\n\t/u/main.go:5 +0x1\n"
	for _, c := range []struct{ name, text, want string }{
		{"a panic", "panic: no\n\ngoroutine 7 [running]:\nmain.f(0x1)\n\t/u/main.go:5 +0x1d\nmain.main()\n\t/u/main.go:9 +0x2\n\ngoroutine 8 [select]:\nmain.other()\n\t/u/main.go:20\n",
			"panic: no\nmain.f(…)\n/u/main.go:5"},
		{"frames that are ours", "fatal error: all\n\ngoroutine 1 [running]:\nruntime.throw({0x1})\n\t/go/panic.go:1 +0x1\nmain.f()\n\t/u/main.go:5 +0x1\n" +
			"github.com/goparallel/goparallel/internal/parallel/engine.(*frame).items(0x1)\n\t/x/frame.go:7 +0x3\ncreated by main.start in goroutine 1\n\t/u/main.go:8 +0x1\n",
			"fatal error: all\nmain.f(…)\n/u/main.go:5\ncreated by main.start\n/u/main.go:8"},
		{"none is the user's", "SIGSEGV: no\n\ngoroutine 1 [running]:\nruntime.throw({0x1})\n\t/go/panic.go:1 +0x1\n", "SIGSEGV: no\nruntime.throw(…)\n/go/panic.go:1"},
		{"a recursion", "runtime: goroutine stack exceeds 1000000000-byte limit\nruntime: sp=0x1 stack=[0x1, 0x2]\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x1})\n\t/go/panic.go:1\n\n" +
			"goroutine 9 [running]:\n" + deep + deep + deep + "...3 frames elided...\n" + deep,
			"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\nmain.f(…)\n/u/main.go:5 (again and again)"},
		{"in the collector", "fatal error: no memory\n\ngoroutine 5 [running]:\nruntime.gcMarkDone()\n\t/go/mgc.go:1 +0x1\n\ngoroutine 6 [select]:\nmain.waits()\n\t/u/main.go:2 +0x1\n\ngoroutine 7 [GC assist wait]:\nmain.f()\n\t/u/main.go:5 +0x1\n",
			"fatal error: no memory\nmain.f(…)\n/u/main.go:5"},
		{"in the collector, beside threads", "fatal error: no memory\n\ngoroutine 5 [running]:\nruntime.gcMarkDone()\n\t/go/mgc.go:1 +0x1\n\ngoroutine 6 [select]:\nmain.waits()\n\t/u/main.go:2 +0x1\n\ngoroutine 7 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by github.com/goparallel/goparallel/internal/parallel/engine.Run in goroutine 1\n\t/x/run.go:5 +0x1\n",
			"fatal error: no memory\nruntime.gcMarkDone(…)\n/go/mgc.go:1\n(Go's runtime could not tell where the goroutines were that ran at that moment)"},
		{"statements of a cell", "panic: no\n\ngoroutine 7 [running]:\nmain.main()\n\tcell-0123456789:3 +0x1\nmain.main()\n\t/u/host.go:9 +0x2\n", "panic: no\nmain.main(…)\ncell-0123456789:3"},
	} {
		crash := &crash{}
		for line := range strings.Lines(c.text) {
			if !crash.add(strings.TrimSuffix(line, "\n")) {
				t.Errorf("%s: %q is taken for no crash", c.name, line)
			}
		}
		got := strings.ReplaceAll(crash.summary(), "\t", "")
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// A summary is short, however much there was.
func TestSummaryIsShort(t *testing.T) {
	c := &crash{}
	for i := range 20 {
		c.add(fmt.Sprint("panic: reason ", i))
	}
	c.add("goroutine 1 [running]:")
	for i := range 1000 {
		c.add(fmt.Sprintf("main.f%d()", i))
		c.add(fmt.Sprintf("\t/u/main.go:%d", i))
	}
	lines := strings.Split(c.summary(), "\n")
	if len(lines) != shownReason+1+2*shownFrames+1 || !strings.Contains(lines[len(lines)-1], "more calls") || len(c.lines) > maxTrace {
		t.Errorf("%d lines of %d: %q", len(lines), len(c.lines), lines)
	}
}

// What only begins as a crash does, and goes on as other output, is output.
func TestOutputThatIsNoCrash(t *testing.T) {
	c := &crash{}
	taken := 0
	for c.add("panic: a line that a program prints") {
		if taken++; taken > maxReason {
			t.Fatal("it is a crash without a stack")
		}
	}
	for line, begins := range map[string]bool{"panic: no": true, "fatal error: x": true, "SIGABRT: abort": true, "panicking is bad": false, "done": false} {
		if beginsCrash(line) != begins {
			t.Errorf("%s: %v", line, !begins)
		}
	}
}

// An engine that is slow to start says where in the program's own code it is.
func TestPlaceInTheProgramsCode(t *testing.T) {
	for stack, want := range map[string]string{
		"goroutine 1 [sleep]:\ntime.Sleep(0x1)\n\t/go/sleep.go:1 +0x1\nexample.com/m/model.load(0x1)\n\t/u/model.go:7 +0x2\nmain.main()\n\t/u/main.go:3 +0x1": ", and it is in example.com/m/model.load at /u/model.go:7",
		"goroutine 1 [running]:\nmain.init.0()\n\t/u/main.go:3 +0x1":                                                                                          ", and it is in main.init.0 at /u/main.go:3",
		"goroutine 1 [running]:\nnet/http.init()\n\t/go/http.go:3 +0x1":                                                                                       "",
		"": "",
	} {
		if got := place(stack); got != want {
			t.Errorf("%q\nis at %q, want %q", stack, got, want)
		}
	}
}

// What an engine notes of its items is read by its parent, through the memory that both have.
func TestRecordOfItems(t *testing.T) {
	r, err := NewRecord()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if call, item := r.Last(); call != 0 || item != 0 {
		t.Errorf("at first: call %d, item %d", call, item)
	}
	r.Enter(7)
	if call, item := r.Last(); call != 7 || item >= 0 {
		t.Errorf("before its first item: call %d, item %d", call, item)
	}
	*r.Item() = 41
	if call, item := r.Last(); call != 7 || item != 41 {
		t.Errorf("in an item: call %d, item %d", call, item)
	}
	r.Enter(0)
	if call, item := r.Last(); call != 0 || item >= 0 {
		t.Errorf("after the call: call %d, item %d", call, item)
	}
}

// Engines are this program with its arguments, or another one without.
func TestCommandOfAnEngine(t *testing.T) {
	own := Of("").command()
	if own.Path != running || len(own.Args) == 0 {
		t.Errorf("%s %q", own.Path, own.Args)
	}
	other := Of("/opt/host").command()
	if other.Path != "/opt/host" || len(other.Args) != 1 || other.Env != nil || other.Dir != "" {
		t.Errorf("%+v", other)
	}
	given := (&Executable{Path: "/opt/x", Args: []string{"x", "-v"}, Env: []string{"A=1"}, Dir: "/srv"}).command()
	if given.Path != "/opt/x" || strings.Join(given.Args, " ") != "x -v" || given.Dir != "/srv" || len(given.Env) != 1 {
		t.Errorf("%+v", given)
	}
	if _, err := Of("/nowhere/at/all").Build(); err == nil {
		t.Error("a program that is not there has a build")
	}
}
