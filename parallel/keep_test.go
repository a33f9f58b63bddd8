package parallel

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
)

// controllerProcess starts the controller of a cluster that is a process of its own.
func controllerProcess(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TEST_CONTROLLER="+name)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := cluster.Read(name); err == nil && c.Pid == cmd.Process.Pid {
			return cmd
		}
		if time.Now().After(end) {
			t.Fatal("the controller did not start")
		}
	}
}

var noted = FuncErr("keep.noted", func(folder string) (int, error) {
	time.Sleep(20 * time.Millisecond)
	f, err := os.CreateTemp(folder, "ran-")
	if err != nil {
		return 0, err
	}
	return mine, f.Close()
})

// TestAKilledControllerTakesItsCallsUpAgain kills a controller, without warning, under a call: what had arrived is there when
// the next one has started, and what had not is run by it. So are calls that had ended.
func TestAKilledControllerTakesItsCallsUpAgain(t *testing.T) {
	home(t)
	first := controllerProcess(t, "killed")
	rc := connected(t, "killed")
	ended := rc.LoadBalanced().Map(stretch, []int{3, 200000, 70000})
	for ended.Progress() < 3 {
		time.Sleep(time.Millisecond)
	}
	ran := t.TempDir()
	const items = 100
	r := rc.LoadBalanced().MapErr(noted, slices.Repeat([]string{ran}, items), ChunkSize(1))
	id := r.ID()
	for r.Progress() < items/2 {
		time.Sleep(time.Millisecond)
	}
	before := time.Now()
	first.Process.Kill()
	if _, err := r.Get(); err == nil || !strings.Contains(err.Error(), id) {
		t.Fatal(err)
	}
	if took := time.Since(before); took > 3*time.Second {
		t.Errorf("the end of the controller was seen after %v", took)
	}
	first.Wait()
	if _, err := Connect(t.Context(), "killed"); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Error(err)
	}
	controllerProcess(t, "killed")
	rc = connected(t, "killed")
	again, err := rc.Fetch[int](t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	pids, err := again.Get()
	if err != nil || len(pids) != items || slices.Contains(pids, 0) {
		t.Fatal(pids, err)
	}
	if runs, err := os.ReadDir(ran); err != nil || len(runs) < items || len(runs) > items+10 {
		t.Errorf("%d items ran %d times", items, len(runs))
	}
	if h, err := rc.History(t.Context()); err != nil || len(h) == 0 || h[len(h)-1].ID != id || h[len(h)-1].State != "done" {
		t.Error(h, err)
	}
}

// TestWhatIsKeptStaysInItsLimits makes calls with more results than are kept: the latest ones are.
func TestWhatIsKeptStaysInItsLimits(t *testing.T) {
	folder := home(t)
	ctx, stop := context.WithCancel(t.Context())
	d, err := daemon.Start(ctx, daemon.Options{Name: "limits", Engines: 1, Keep: 3 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Wait()
	defer stop()
	rc := connected(t, "limits")
	slow := func(n int) string {
		r := rc.LoadBalanced().Map(slowly, []int{n})
		if ys, err := r.Get(); err != nil || len(ys[0]) != n {
			t.Fatal(len(ys[0]), err)
		}
		return r.ID()
	}
	first, second, third := slow(150000), slow(150000), slow(150000)
	h, err := rc.History(t.Context())
	if err != nil || len(h) != 2 || h[0].ID != second || h[1].ID != third {
		t.Fatalf("%v %v: of %s, %s, %s", h, err, first, second, third)
	}
	if files, err := os.ReadDir(filepath.Join(folder, "limits", "calls")); err != nil || len(files) != 2 {
		t.Error(files, err)
	}
	// One that is larger than all that is kept arrives, and is known not to be there later.
	large := slow(1000000)
	if h, err = rc.History(t.Context()); err != nil || len(h) != 3 || h[2].ID != large || !strings.Contains(h[2].Note, "more than the cluster keeps") {
		t.Error(h, err)
	}
}

var slowly = Func("keep.slowly", func(n int) []float64 {
	time.Sleep(300 * time.Millisecond)
	return slices.Repeat([]float64{1}, n)
})

// TestAFullDisk has no room for what calls return, and then none for anything: calls run, and what is lost is said; a
// cluster that cannot be written down does not start.
func TestAFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a small file system can only be mounted by root")
	}
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=256k"); err != nil {
		t.Skip("no file system can be mounted here: ", err)
	}
	t.Cleanup(func() { unix.Unmount(folder, unix.MNT_DETACH) })
	t.Setenv("XDG_STATE_HOME", folder)
	d := lasting(t, "full", 1)
	rc := connected(t, "full")
	r := rc.LoadBalanced().Map(slowly, []int{100000})
	if ys, err := r.Get(); err != nil || len(ys[0]) != 100000 {
		t.Fatal(err)
	}
	if h, err := rc.History(t.Context()); err != nil || len(h) != 1 || !strings.Contains(h[0].Note, "no space left on device") {
		t.Fatal(h, err)
	}
	if again, err := rc.Fetch[[]float64](t.Context(), r.ID()); err != nil {
		t.Error(err)
	} else if ys, err := again.Get(); err != nil || len(ys[0]) != 100000 {
		t.Error(err)
	}
	rc.Close()
	stopCluster(t, "full")
	d.Wait()
	filler, err := os.Create(filepath.Join(folder, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	filler.Close()
	if _, err := daemon.Start(t.Context(), daemon.Options{Name: "full", Engines: 1}); !errors.Is(err, unix.ENOSPC) {
		t.Error(err)
	}
}
