package parallel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var pow10 = Func("pow10", func(x int) int {
	y := 1
	for range 10 {
		y *= x
	}
	return y
})

// start starts a cluster for a test and checks that nothing of it is left
// afterwards.
func start(t testing.TB, n int, options ...StartOption) *Client {
	t.Helper()
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	rc, err := Start(ctx, n, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rc.Close(); err != nil {
			t.Error(err)
		}
		noneLeft(t, goroutines, files)
	})
	return rc
}

// noneLeft waits until there are no more goroutines and files than there were.
func noneLeft(t testing.TB, goroutines, files int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines || openFiles(t) > files; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after; %d files before, %d after\n%s", goroutines, runtime.NumGoroutine(),
				files, openFiles(t), buf[:runtime.Stack(buf, true)])
		}
	}
}

// openFiles counts the open files of the kinds that a cluster opens. The Go
// runtime opens some of its own when it first needs them.
func openFiles(t testing.TB) (n int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		to, _ := os.Readlink("/proc/self/fd/" + entry.Name())
		for _, kind := range []string{"socket:", "pipe:", "/memfd:"} {
			if strings.HasPrefix(to, kind) {
				n++
			}
		}
	}
	return n
}

func numbers(n int) []int {
	xs := make([]int, n)
	for i := range xs {
		xs[i] = i
	}
	return xs
}

func TestMapSyncGivesWhatTheLoopGives(t *testing.T) {
	rc := start(t, 2)
	xs := numbers(3000)
	for name, view := range map[string]*View{"all": &rc.All().View, "one": &rc.Targets(1).View, "balanced": &rc.LoadBalanced().View} {
		for _, chunk := range []int{0, 1, 500, 1500, 10000} {
			var options []Option
			if chunk > 0 {
				options = []Option{ChunkSize(chunk)}
			}
			ys, err := view.MapSync(pow10, xs, options...)
			if err != nil {
				t.Fatal(name, chunk, err)
			}
			for i, x := range xs {
				if ys[i] != pow10(x) {
					t.Fatalf("%s, chunks of %d: item %d is %d, want %d", name, chunk, i, ys[i], pow10(x))
				}
			}
		}
		if ys, err := view.MapSync(pow10, nil); err != nil || len(ys) != 0 {
			t.Error("no items:", ys, err)
		}
	}
}

func TestEnginesAreOtherProcesses(t *testing.T) {
	rc := start(t, 2)
	pids, err := rc.All().ApplySync(getpid)
	if err != nil {
		t.Fatal(err)
	}
	if len(pids) != 2 || pids[0] == pids[1] || pids[0] == os.Getpid() || pids[0] != rc.Pid(0) || pids[1] != rc.Pid(1) {
		t.Errorf("pids %v, of engines %d and %d, here %d", pids, rc.Pid(0), rc.Pid(1), os.Getpid())
	}
	one, err := rc.Targets(1).ApplySync(getpid)
	if err != nil || len(one) != 1 || one[0] != pids[1] {
		t.Error(one, err)
	}
	any, err := rc.LoadBalanced().ApplySync(getpid)
	if err != nil || any != pids[0] && any != pids[1] {
		t.Error(any, err)
	}
	if ids := rc.IDs(); fmt.Sprint(ids) != "[0 1]" {
		t.Error(ids)
	}
}

func getpid() int { return os.Getpid() }

func fragile(x int) int {
	if x%1000 == 17 {
		panic(fmt.Sprint("boom ", x))
	}
	return x + 1
}

func init() { Register(getpid, fragile) }

func TestAPanicIsAnErrorOfItsItemAlone(t *testing.T) {
	rc := start(t, 2)
	ys, err := rc.LoadBalanced().MapSync(fragile, numbers(3000))
	var me *MapError
	if !errors.As(err, &me) || len(me.Failures) != 3 {
		t.Fatal(err)
	}
	f := me.Failures[0]
	if f.Item != 17 || !f.Panic || f.Value != "boom 17" || me.Failures[2].Item != 2017 {
		t.Errorf("%+v", f)
	}
	if want := fmt.Sprintf("item 17 on engine %d: panic: boom 17", f.Engine); f.Error() != want || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%q, want %q", err, want)
	}
	if !strings.Contains(f.Stack, "parallel.fragile") || strings.Contains(f.Stack, "goparallel/internal/") || !strings.Contains(fmt.Sprintf("%+v", f), "fragile") {
		t.Errorf("stack:\n%s", f.Stack)
	}
	for i, y := range ys {
		if i%1000 == 17 && y != 0 || i%1000 != 17 && y != i+1 {
			t.Fatalf("item %d is %d", i, y)
		}
	}
}

func negative(x int) error {
	if x < 0 {
		return errors.New("negative")
	}
	return nil
}

func nothing(x int) {}

func start1() (int, error) {
	_, err := Start(context.Background(), 1)
	return 5, err
}

func init() { Register(negative, nothing, start1) }

func TestEveryWayOfCalling(t *testing.T) {
	rc := start(t, 2)
	lb, all := rc.LoadBalanced(), rc.All()
	if s := lb.Explain().String(); !strings.Contains(s, "nothing has been called") {
		t.Error(s)
	}
	if err := lb.ForEachSync(nothing, numbers(3000), ChunkSize(1)); err != nil {
		t.Error(err)
	}
	if s := lb.Explain().String(); !strings.HasPrefix(s, "3,000 items of parallel.nothing ran on 2 engines of 2, in 3,000 frames, ") || !strings.Contains(s, "24 kB out, 0 bytes back") {
		t.Error(s)
	}
	if err := all.ForEachErrSync(negative, []int{1, -1}); err == nil || err.Error() != "item 1 on engine 1: negative" {
		t.Error(err)
	}
	if pid, err := lb.Apply(getpid).Get(); err != nil || len(pid) != 1 || pid[0] != rc.Pid(0) && pid[0] != rc.Pid(1) {
		t.Error(pid, err)
	}
	for _, err := range []error{second(lb.ApplyErrSync(start1)), second(all.ApplyErrSync(start1))} {
		if err == nil || !strings.Contains(err.Error(), "engines do not start engines") {
			t.Error(err)
		}
	}
	r := all.Map(pow10, numbers(10))
	if !r.Wait(20*time.Second) || !r.Ready() || r.Progress() != 10 || r.Elapsed() <= 0 {
		t.Error("an asynchronous call:", r.Progress(), r.Elapsed())
	}
	r.Cancel() // too late, and harmless
	if ys, err := r.Get(); err != nil || ys[2] != 1024 {
		t.Error(ys, err)
	}
	if got := r.Explain().Engines; got[0] != 5 || got[1] != 5 {
		t.Error("a direct view placed items so:", got)
	}
	if got := all.Map(pow10, numbers(10), ChunkSize(4)); got.Explain().Items != 10 || second(got.Get()) != nil || got.Explain().Engines[0] != 6 {
		t.Error("frames of 4, dealt out:", got.Explain().Engines)
	}
}

func TestAStartThatFailsSaysWhy(t *testing.T) {
	t.Setenv("TEST_BEFORE_INIT", "exit")
	var out buffer
	_, err := Start(context.Background(), 2, Output(&out, &out))
	if err == nil || !strings.Contains(err.Error(), "exited with status 5") || !strings.Contains(err.Error(), "never comes to parallel.Init") ||
		!strings.Contains(err.Error(), "does before parallel.Init") {
		t.Error(err)
	}
	if _, err := Start(context.Background(), 0); err == nil {
		t.Error("0 engines were started")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Start(ctx, 1, Output(&out, &out)); !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "status 5") {
		t.Error(err)
	}
}

func TestStartTurnsAnEngineProcessIntoAnEngine(t *testing.T) {
	t.Setenv("TEST_BEFORE_INIT", "start")
	rc := start(t, 2)
	if ys, err := rc.All().MapSync(pow10, []int{2, 3}); err != nil || ys[0] != 1024 {
		t.Error(ys, err)
	}
}

func TestAFolderLeftByAKilledProgramIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	stale := filepath.Join(os.TempDir(), "goparallel-engines-stale")
	if err := os.Mkdir(stale, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(stale, "engines")})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	rc := start(t, 1)
	if _, err := os.Stat(stale); err == nil {
		t.Error("a folder in which nobody listens was left")
	}
	other := start(t, 1)
	if _, err := rc.All().ApplySync(getpid); err != nil {
		t.Error(err)
	}
	other.Close()
	rc.Close()
	if left, _ := os.ReadDir(os.TempDir()); len(left) != 0 {
		t.Error("left behind:", left)
	}
}

func BenchmarkStart(b *testing.B) {
	for range b.N {
		rc, err := Start(context.Background(), 2)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := rc.LoadBalanced().MapSync(pow10, []int{1, 2}); err != nil {
			b.Fatal(err)
		}
		rc.Close()
	}
}

func BenchmarkMap3000(b *testing.B) {
	rc := start(b, 2)
	xs := numbers(3000)
	for _, c := range []struct {
		name  string
		chunk int
	}{{"OneItemPerMessage", 1}, {"SixPieces", 500}, {"TwoPieces", 1500}, {"Default", 0}} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				if _, err := rc.LoadBalanced().MapSync(pow10, xs, ChunkSize(c.chunk)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("Direct", func(b *testing.B) {
		for range b.N {
			if _, err := rc.All().MapSync(pow10, xs); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Serial", func(b *testing.B) {
		for range b.N {
			ys := make([]int, len(xs))
			for i, x := range xs {
				ys[i] = pow10(x)
			}
		}
	})
}

func BenchmarkEmptyCall(b *testing.B) {
	metrics := &tally{count: map[Counter]int{}, took: map[Timer]time.Duration{}}
	for name, options := range map[string][]StartOption{"Unix": nil, "TLS": {TLS()}, "Observed": {Observe(nil, metrics)}} {
		b.Run(name, func(b *testing.B) {
			rc := start(b, 2, options...)
			for range b.N {
				if _, err := rc.LoadBalanced().ApplySync(getpid); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEmptyCallOnAll(b *testing.B) {
	rc := start(b, 2)
	for range b.N {
		if _, err := rc.All().ApplySync(getpid); err != nil {
			b.Fatal(err)
		}
	}
}

var half = Func("half", func(x float64) float64 { return x / 2 })
