package parallel

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/controller"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// job is an item that can misbehave.
type job struct {
	value int
	file  string // exists once the item has run
	act   string
}

// work does what its item says.
func work(j job) (int, error) {
	_, statErr := os.Stat(j.file)
	first := j.file != "" && os.WriteFile(j.file, nil, 0o600) == nil && statErr != nil
	switch {
	case j.act == "error":
		return 7, fmt.Errorf("no good: %d", j.value)
	case j.act == "exit":
		fmt.Fprintln(os.Stderr, "giving up on", j.value)
		os.Exit(3)
	case j.act == "exit once" && first:
		os.Exit(4)
	case j.act == "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case j.act == "sleep":
		time.Sleep(time.Hour)
	case j.act == "sleep once" && first:
		time.Sleep(time.Hour)
	case j.act == "spin":
		for {
			if poll.Flag.Load() != 0 {
				poll.Point()
			}
		}
	case j.act == "await":
		os.Remove(j.file)
		os.WriteFile(j.file+".begun", nil, 0o600)
		for _, err := os.Stat(j.file); err != nil; _, err = os.Stat(j.file) {
			time.Sleep(time.Millisecond)
		}
	case j.act == "goexit":
		runtime.Goexit()
	case j.act == "go panic":
		go func() { panic("in a goroutine") }()
		time.Sleep(time.Hour)
	case j.act == "long text":
		go func() { panic(strings.Repeat("line\n", 12)) }()
		time.Sleep(time.Hour)
	case j.act == "overflow":
		debug.SetMaxStack(1 << 20)
		return deeper(0), nil
	case j.act == "unlock":
		new(sync.Mutex).Unlock()
	}
	return j.value, nil
}

func init() { Register(work) }

func jobs(n int, change map[int]job) []job {
	js := make([]job, n)
	for i := range js {
		js[i] = job{value: i}
		if j, ok := change[i]; ok {
			j.value = i
			js[i] = j
		}
	}
	return js
}

// check compares results with what jobs of these numbers give, failed ones
// excepted.
func check(t *testing.T, ys []int, failed ...int) {
	t.Helper()
	bad := map[int]bool{}
	for _, i := range failed {
		bad[i] = true
	}
	for i, y := range ys {
		if want := i; !bad[i] && y != want || bad[i] && y != 0 {
			t.Fatalf("item %d is %d", i, y)
		}
	}
}

func TestErrorsOfItemsArrive(t *testing.T) {
	rc := start(t, 2)
	ys, err := rc.All().MapErrSync(work, jobs(50, map[int]job{3: {act: "error"}, 40: {act: "error"}}))
	var re *RemoteError
	if !errors.As(err, &re) || re.Item != 3 || re.Engine != 0 || re.Panic || re.Value != "no good: 3" {
		t.Fatal(err)
	}
	if want := "item 3 on engine 0: no good: 3\nitem 40 on engine 1: no good: 40"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	check(t, ys, 3, 40)
}

func TestAnItemThatEndsItsGoroutineFailsAlone(t *testing.T) {
	rc := start(t, 1)
	ys, err := rc.All().MapErrSync(work, jobs(5, map[int]job{2: {act: "goexit"}}))
	if err == nil || !strings.Contains(err.Error(), "item 2 on engine 0: the function ended its goroutine") {
		t.Error(err)
	}
	check(t, ys, 2)
}

// killEngine kills an engine if it runs. One that is being started again has no
// process, and a signal to process 0 would end this one and all of its group.
func killEngine(rc *Client, id int) {
	if pid := rc.Pid(id); pid > 0 {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

func TestAKilledEngineCostsNothingButTime(t *testing.T) {
	rc := start(t, 2)
	file := filepath.Join(t.TempDir(), "ran")
	for _, view := range []*View{&rc.All().View, &rc.LoadBalanced().View} {
		os.Remove(file)
		r := view.MapErr(work, jobs(100, map[int]job{10: {file: file, act: "sleep once"}}), ChunkSize(5))
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(file); err == nil {
				break
			} else if time.Now().After(end) {
				t.Fatal("item 10 did not run")
			}
		}
		killEngine(rc, 0)
		killEngine(rc, 1)
		ys, err := r.Get()
		if err != nil {
			t.Fatal(err)
		}
		check(t, ys)
		if r.Explain().Redone == 0 {
			t.Error("nothing was sent again although the engines were killed")
		}
	}
}

func TestAnItemThatEndsItsEngineOnceRunsAgain(t *testing.T) {
	rc := start(t, 2)
	file := filepath.Join(t.TempDir(), "ran")
	ys, err := rc.LoadBalanced().MapErrSync(work, jobs(300, map[int]job{77: {file: file, act: "exit once"}}))
	if err != nil {
		t.Fatal(err)
	}
	check(t, ys)
}

// TestEnginesKilledAtRandomLoseNothing kills engines while calls of all kinds
// run.
func TestEnginesKilledAtRandomLoseNothing(t *testing.T) {
	rc := start(t, 2)
	random := rand.New(rand.NewPCG(1, 2))
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		ready := false // both engines ran at the last look
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(20+random.IntN(40)) * time.Millisecond):
				// Three engines that die before the first item of a call end it, which is
				// right, so each gets the time to begin.
				if ready {
					killEngine(rc, random.IntN(2))
					ready = false
				} else {
					ready = len(rc.IDs()) == 2
				}
			}
		}
	})
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for round := range rounds {
		view := &rc.LoadBalanced().View
		if round%2 == 0 {
			view = &rc.All().View
		}
		ys, err := view.MapErrSync(work, jobs(1000, nil), ChunkSize(1+round%3*40))
		if err != nil {
			t.Fatal(round, err)
		}
		check(t, ys)
	}
	close(stop)
	killer.Wait()
}

func TestAPoisonItemIsNamed(t *testing.T) {
	for act, want := range map[string]string{
		"exit":     "exited with status 3; the last of its stderr:\ngiving up on 42",
		"kill":     "was killed by signal 9 (killed)",
		"go panic": "panic: in a goroutine",
	} {
		t.Run(act, func(t *testing.T) {
			var stderr buffer
			rc := start(t, 2, Output(&stderr, &stderr))
			ys, err := rc.LoadBalanced().MapErrSync(work, jobs(300, map[int]job{42: {act: act}}))
			var re *RemoteError
			if !errors.As(err, &re) || re.Item != 42 || !strings.Contains(err.Error(), "it ended 3 engine processes") || !strings.Contains(err.Error(), want) {
				t.Fatalf("%v, want %q", err, want)
			}
			check(t, ys, 42)
		})
	}
}

// TestACrashIsSummedUp looks at what is said, and printed, of items that end their
// processes in ways that make Go print tracebacks.
func TestACrashIsSummedUp(t *testing.T) {
	for act, want := range map[string]struct{ reason, frame string }{
		"go panic":  {"panic: in a goroutine", "work.func1(…)"},
		"overflow":  {"stack overflow", "deeper(…)"},
		"unlock":    {"fatal error: sync: unlock of unlocked mutex", "parallel.work(…)"},
		"long text": {"panic: line\n\tline\n", "work.func2(…)"},
	} {
		t.Run(act, func(t *testing.T) {
			var out buffer
			rc := start(t, 2, Output(&out, &out))
			_, err := rc.LoadBalanced().MapErrSync(work, jobs(30, map[int]job{17: {act: act}}))
			if err == nil || !strings.Contains(err.Error(), want.reason) || !strings.Contains(err.Error(), want.frame) || !strings.Contains(err.Error(), "faults_test.go:") {
				t.Fatal(err)
			}
			if n := strings.Count(err.Error(), "\n"); n > 30 {
				t.Errorf("%d lines: %v", n, err)
			}
			rc.Close()
			text := out.take()
			if n := strings.Count(text, "\n"); n > 40 || strings.Contains(text, "goroutine 1") || strings.Count(text, want.frame) == 0 {
				t.Errorf("%d lines were printed:\n%s", n, text)
			}
		})
	}
}

//lint:ignore SA5007 the stack is to overflow
func deeper(n int) int { return deeper(n+1) + 1 }

// TestWhatLooksLikeACrashIsPrinted has an engine print the beginning of one.
func TestWhatLooksLikeACrashIsPrinted(t *testing.T) {
	var out, errs buffer
	rc := start(t, 1, Output(&out, &errs))
	if _, err := rc.All().ApplySync(almost); err != nil {
		t.Fatal(err)
	}
	if text := errs.take(); text != "[stderr:0] panic: not at all\n[stderr:0] goes on\n" {
		t.Errorf("%q", text)
	}
}

func almost() int {
	fmt.Fprintln(os.Stderr, "panic: not at all\ngoes on")
	return 0
}

func init() { Register(almost) }

// TestItemsThatEndTheirEnginesEndNoCluster tries many calls of items that each end
// the process that runs them, and calls of good ones in between.
func TestItemsThatEndTheirEnginesEndNoCluster(t *testing.T) {
	var stderr buffer
	rc := start(t, 2, Output(&stderr, &stderr))
	for round := range 5 {
		for _, view := range []*View{&rc.All().View, &rc.LoadBalanced().View} {
			ys, err := view.MapErrSync(work, jobs(20, map[int]job{7: {act: "exit"}}))
			var re *RemoteError
			if !errors.As(err, &re) || re.Item != 7 || !strings.Contains(err.Error(), "status 3") {
				t.Fatal(round, err)
			}
			check(t, ys, 7)
		}
	}
	if _, err := rc.All().ApplySync(getpid); err != nil {
		t.Error(err)
	}
}

func TestACallOfPoisonEnds(t *testing.T) {
	var stderr buffer
	rc := start(t, 1, Output(&stderr, &stderr))
	js := jobs(1000, nil)
	for i := range js {
		js[i].act = "exit"
	}
	_, err := rc.LoadBalanced().MapErrSync(work, js, ChunkSize(1))
	if err == nil || !strings.Contains(err.Error(), "ended 30 engine processes; the last, engine 0 in item") || !strings.Contains(err.Error(), "giving up on") {
		t.Fatal(err)
	}
	if ys, err := rc.LoadBalanced().MapErrSync(work, jobs(10, nil)); err != nil {
		t.Error(err)
	} else {
		check(t, ys)
	}
}

// TestEnginesThatCannotStartComeBackLater takes away what engines are started from,
// and gives it back.
func TestEnginesThatCannotStartComeBackLater(t *testing.T) {
	var stderr buffer
	rc := start(t, 1, Output(&stderr, &stderr))
	t.Setenv("TEST_BEFORE_INIT", "exit")
	killEngine(rc, 0)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		// Calls fail with the reason, none waits.
		if err := within(t, func() error { _, err := rc.LoadBalanced().ApplySync(getpid); return err }); err != nil {
			if !strings.Contains(err.Error(), "status 5") || !strings.Contains(err.Error(), "a program that never comes to parallel.Init") {
				t.Error(err)
			}
			break
		} else if time.Now().After(end) {
			t.Fatal("calls work although no engine can start")
		}
	}
	t.Setenv("TEST_BEFORE_INIT", "")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := rc.LoadBalanced().ApplySync(getpid); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatal("the engine does not come back: ", err)
		}
	}
}

func TestAContextStopsAPollingItemAndSparesTheEngine(t *testing.T) {
	rc := start(t, 2)
	pids, err := rc.All().ApplySync(getpid)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := rc.All().MapErr(work, jobs(40, map[int]job{3: {act: "spin"}, 33: {act: "spin"}}), ChunkSize(1), WithContext(ctx))
	for r.Progress() < 10 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if _, err := r.Get(); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "of 40 items") {
		t.Error(err)
	}
	again, err := rc.All().ApplySync(getpid)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(pids) {
		t.Errorf("engines %v before, %v after: %v", pids, again, err)
	}
}

func TestAnEngineThatDoesNotStopIsReplaced(t *testing.T) {
	rc := start(t, 1)
	before := rc.Pid(0)
	r := rc.LoadBalanced().MapErr(work, jobs(3, map[int]job{0: {act: "sleep"}}))
	time.Sleep(20 * time.Millisecond)
	r.Cancel()
	if _, err := r.Get(); !errors.Is(err, ErrCancelled) {
		t.Error(err)
	}
	pid, err := rc.LoadBalanced().ApplySync(getpid)
	if err != nil || pid == before {
		t.Errorf("process %d before, %d after: %v", before, pid, err)
	}
}

func TestCloseEndsCalls(t *testing.T) {
	rc := start(t, 2)
	r := rc.LoadBalanced().MapErr(work, jobs(3, map[int]job{0: {act: "sleep"}}))
	rc.Close()
	if _, err := r.Get(); !errors.Is(err, controller.ErrClosed) {
		t.Error(err)
	}
	if _, err := rc.All().ApplySync(getpid); !errors.Is(err, controller.ErrClosed) {
		t.Error(err)
	}
	if len(rc.IDs()) != 0 {
		t.Error("engines run after Close", rc.IDs())
	}
}

func TestDefaultContextCancelsCalls(t *testing.T) {
	rc := start(t, 1)
	ctx, cancel := context.WithCancelCause(context.Background())
	hooks.SetContext(func() context.Context { return ctx })
	defer hooks.SetContext(nil)
	r := rc.LoadBalanced().MapErr(work, jobs(1, map[int]job{0: {act: "spin"}}))
	cancel(errors.New("the cell was interrupted"))
	if _, err := r.Get(); err == nil || !strings.Contains(err.Error(), "the cell was interrupted") {
		t.Error(err)
	}
}

func TestCallsShareTheEngines(t *testing.T) {
	rc := start(t, 2)
	var callers sync.WaitGroup
	var wrong atomic.Int64
	for range 8 {
		callers.Go(func() {
			for range 20 {
				ys, err := rc.LoadBalanced().MapErrSync(work, jobs(50, nil), ChunkSize(7))
				if err != nil || ys[49] != 49 {
					wrong.Add(1)
				}
			}
		})
	}
	callers.Wait()
	if wrong.Load() != 0 {
		t.Error(wrong.Load(), "calls went wrong")
	}
}

func TestImpossibleViewsAndFunctionsAreErrors(t *testing.T) {
	rc := start(t, 1)
	y := 1
	for want, err := range map[string]error{
		"there is no engine 3": second(rc.Targets(3).MapSync(pow10, numbers(2))),
		"named twice":          second(rc.Targets(0, 0).MapSync(pow10, numbers(2))),
		"has no engines":       second(rc.Targets().MapSync(pow10, numbers(2))),
		"not registered":       second(rc.All().MapSync(func(x int) int { return x + y }, numbers(2))),
		"chunk size of -1":     second(rc.All().MapSync(pow10, numbers(2), ChunkSize(-1))),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// take returns what was written since the last time.
func (b *buffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.b.Reset()
	return b.b.String()
}

func say(s string) int {
	fmt.Println("hello", s)
	fmt.Fprint(os.Stderr, "psst")
	return 0
}

func init() { Register(say) }

func TestWhatEnginesPrintArrivesBeforeTheResult(t *testing.T) {
	var out, errs buffer
	rc := start(t, 2, Output(&out, &errs))
	for range 20 {
		if _, err := rc.Targets(1).MapSync(say, []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		o, e := out.take(), errs.take()
		if o != "[stdout:1] hello a\n[stdout:1] hello b\n" || e != "[stderr:1] psstpsst\n" {
			t.Fatalf("%q %q", o, e)
		}
	}
}

// TestOutputOfEnginesCanBeBounded has engines print more than there is room for, in two
// calls each, into a file in the place of standard output.
func TestOutputOfEnginesCanBeBounded(t *testing.T) {
	hooks.SetOutputBound(4 << 10)
	defer hooks.SetOutputBound(0)
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = stdout }()
	rc := start(t, 2)
	for range 2 {
		if _, err := rc.All().ApplySync(chatter); err != nil {
			t.Fatal(err)
		}
	}
	rc.Close()
	text, err := os.ReadFile(file.Name())
	if n := strings.Count(string(text), "it prints more than 4 KB in one call"); err != nil || n != 4 || len(text) > 4*(8<<10) || len(text) < 4*(3<<10) {
		t.Errorf("%d times, %d bytes: %v", n, len(text), err)
	}
}

func chatter() int {
	for range 3000 {
		fmt.Println("a line of an engine that has much to say")
	}
	return 0
}

func init() { Register(chatter) }

// TestEnginesDieWithTheirParent starts this test as a program that starts
// engines and is killed.
func TestEnginesDieWithTheirParent(t *testing.T) {
	if os.Getenv("TEST_PARENT") != "" {
		rc, err := Start(context.Background(), 2)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		rc.LoadBalanced().MapErr(work, jobs(2, map[int]job{0: {act: "spin"}, 1: {act: "sleep"}}), ChunkSize(1))
		fmt.Println("engines", rc.Pid(0), rc.Pid(1))
		select {}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(exe, "-test.run=^TestEnginesDieWithTheirParent$")
	parent.Env = append(os.Environ(), "TEST_PARENT=1")
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	parent.Process.Kill()
	parent.Wait()
	fields := strings.Fields(line)
	if err != nil || len(fields) != 3 {
		t.Fatal(line, err)
	}
	for _, field := range fields[1:] {
		pid, _ := strconv.Atoi(field)
		for end := time.Now().Add(20 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
			if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); strings.Contains(string(stat), ") Z ") {
				break // dead; whoever adopted it has not noticed yet
			}
			if time.Now().After(end) {
				t.Fatalf("engine process %d outlives its parent", pid)
			}
		}
	}
}
