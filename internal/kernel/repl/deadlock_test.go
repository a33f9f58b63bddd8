package repl_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func TestDeadlockEndsTheCellAndKeepsTheValues(t *testing.T) {
	n := open(t)
	n.ok("import (\"sync\"; \"time\"; \"fmt\"; \"context\"; \"iter\")\nkept := 7\nvar mu sync.Mutex\nvar wg sync.WaitGroup", "")
	for _, c := range []struct{ code, want string }{
		{"ch := make(chan int)\nch <- 1", "a goroutine waits in chan send:\n  cell[N]:2"},
		{"func wait(c chan int) int {\n\treturn <-c\n}\nwait(nil)", "a goroutine waits in chan receive (nil chan):\n  cell[N]:2 in wait\n  cell[N]:4"},
		{"select {}", "a goroutine waits in select (no cases):\n  cell[N]:1"},
		{"mu.Lock()\nmu.Lock()", "a goroutine waits in sync.Mutex.Lock:\n  cell[N]:2"},
		{"wg.Add(1)\nwg.Wait()", "a goroutine waits in sync.WaitGroup.Wait:\n  cell[N]:2"},
		{"\nc := sync.NewCond(&sync.Mutex{})\nc.L.Lock()\nc.Wait()", "a goroutine waits in sync.Cond.Wait:\n  cell[N]:4"},
		{"work := make(chan int)\nfor range 3 {\n\tgo func() {\n\t\tfor x := range work {\n\t\t\tfmt.Print(x)\n\t\t}\n\t}()\n}\nselect {}", "3 goroutines wait in chan receive:\n  cell[N]:4 in a function literal\n  cell[N]:3 started it"},
		{"time.Sleep(1500*time.Millisecond)\nctx, cancel := context.WithTimeout(context.Background(), time.Hour)\ncancel()\n<-ctx.Done()\nselect {}", "cell[N]:5"},
		{"next, stop := iter.Pull(func(yield func(int) bool) { var c chan int; <-c })\nnext()\nstop()", "cell[N]:2"},
	} {
		got := n.fails(c.code, "fatal error")
		want := strings.ReplaceAll(c.want, "cell[N]", n.cell())
		if !strings.HasPrefix(got, "fatal error: all goroutines are asleep - deadlock!\nThe session's values are kept.\n\na goroutine waits in") || !strings.Contains(got, want) {
			t.Errorf("%s\nended with\n%s\nwant %q", c.code, got, want)
		}
		n.ok("kept", "=> 7")
	}
}

func TestWaitingIsNoDeadlock(t *testing.T) {
	const wait = "2500 * time.Millisecond"
	for _, c := range []struct{ name, before, code, want string }{
		{"sleep", "", "time.Sleep(" + wait + ")", ""},
		{"after", "", "<-time.After(" + wait + ");", ""},
		{"AfterFunc", "", "c := make(chan int)\ntime.AfterFunc(" + wait + ", func() { c <- 1 })\n<-c", "=> 1"},
		{"ticker", "", "t := time.NewTicker(" + wait + ")\n<-t.C\nt.Stop()", ""},
		{"timeout", "", "ctx, cancel := context.WithTimeout(context.Background(), " + wait + ")\n<-ctx.Done()\ncancel()", ""},
		{"another cell's goroutine", "c := make(chan int)\ngo func() { time.Sleep(3 * time.Second); c <- 1 }()", "<-c", "=> 1"},
		{"child", "", "c := make(chan error)\ngo func() { c <- exec.Command(\"sleep\", \"2.5\").Run() }()\n<-c", "=> <nil>"},
		{"shell", "", "!sleep 2.5", ""},
		{"server", "", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\ngo func() { c, _ := l.Accept(); time.Sleep(" + wait + "); c.Close() }()\nd, _ := net.Dial(\"tcp\", l.Addr().String())\ndone := make(chan error)\ngo func() { _, err := d.Read(make([]byte, 1)); done <- err }()\n<-done", "=> error: *errors.errorString: EOF"},
		{"signal", "", "s := make(chan os.Signal, 1)\nsignal.Notify(s, syscall.SIGUSR1)\nexec.Command(\"sh\", \"-c\", \"(sleep 2.5; kill -USR1 $PPID) &\").Run()\n<-s", "=> user defined signal 1"},
		{"pipe", "", "r, w, _ := os.Pipe()\ncmd := exec.Command(\"sh\", \"-c\", \"sleep 2.5; echo done\")\ncmd.Stdout = w\ncmd.Start()\nw.Close()\nc := make(chan string)\ngo func() { b, _ := io.ReadAll(r); c <- string(b) }()\n<-c", "=> done\n"},
		{"work", "", "c := make(chan int)\ngo func() {\n\tfor begin := time.Now(); time.Since(begin) < " + wait + "; {\n\t}\n\tc <- 1\n}()\n<-c", "=> 1"},
		{"engines", "rc, err := parallel.Start(context.Background(), 1)\nerr", "rc.LoadBalanced().MapSync(func(x int) int { time.Sleep(" + wait + "); return x }, []int{1})", "=> [1]"},
		{"idle engines", "rc, err := parallel.Start(context.Background(), 1)\nc := make(chan int)", "go func() { time.Sleep(" + wait + "); c <- 1 }()\n<-c", "=> 1"},
		{"input", "", "var s string\nc := make(chan error)\ngo func() { _, err := fmt.Scan(&s); c <- err }()\n<-c\ns", "=> typed"},
		{"asking", "", "display.Input(\"name?\")", "=> typed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := open(t)
			n.ok("import (\"context\"; \"fmt\"; \"io\"; \"net\"; \"os\"; \"os/exec\"; \"os/signal\"; \"syscall\"; \"time\"; \"github.com/goparallel/goparallel/parallel\"; \"github.com/goparallel/goparallel/kernel/display\")", "")
			n.run(c.before)
			out := &slowTypist{}
			reply := n.execute(cell.Request{Code: c.code, AllowStdin: true}, out)
			if reply.Err != nil {
				t.Fatalf("%s\nfailed: %s", c.code, reply.Err.Text())
			}
			if out.String() != c.want {
				t.Errorf("%s\nshowed %q, want %q", c.code, out, c.want)
			}
		})
	}
}

// slowTypist is an Output with a user who takes a while to answer.
type slowTypist struct{ recorder }

func (*slowTypist) Input(ctx context.Context, _ string, _ bool) (string, error) {
	select {
	case <-time.After(2500 * time.Millisecond):
		return "typed", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
