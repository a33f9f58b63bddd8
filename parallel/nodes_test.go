package parallel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// whereIs returns the process of the engine and that of its node.
var whereIs = Func("where is", func(int) [2]int { return [2]int{os.Getpid(), os.Getppid()} })

// onNodes starts engines on nodes of this machine.
func onNodes(t *testing.T, n, perNode int, options ...StartOption) *Client {
	t.Helper()
	return start(t, n, append([]StartOption{On(Command{EnginesPerNode: perNode})}, options...)...)
}

// nodesOf returns the processes of the engines, and of their nodes.
func nodesOf(t *testing.T, rc *Client) (engines, nodes []int) {
	t.Helper()
	for _, id := range rc.IDs() {
		p, err := rc.Targets(id).MapSync(whereIs, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		engines, nodes = append(engines, p[0][0]), append(nodes, p[0][1])
	}
	return engines, nodes
}

// awaitEnd waits until a process is gone.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

func TestEnginesOfNodesDoWhatOthersDo(t *testing.T) {
	var out, errs buffer
	rc := onNodes(t, 3, 2, Output(&out, &errs))
	engines, nodes := nodesOf(t, rc)
	if nodes[0] == os.Getpid() || nodes[0] != nodes[1] || nodes[1] == nodes[2] || engines[2] != rc.Pid(2) {
		t.Errorf("two engines for each node: %v of %v", engines, nodes)
	}
	xs := make([]int, 1000)
	for i := range xs {
		xs[i] = i % 5
	}
	for _, view := range []*View{&rc.LoadBalanced().View, &rc.All().View} {
		ys, err := view.MapSync(pow10, xs)
		if err != nil || len(ys) != len(xs) || ys[4] != 1<<20 {
			t.Error(err, len(ys))
		}
	}
	for range 5 { // what engines print has arrived when their call has ended
		if _, err := rc.Targets(2).MapSync(say, []string{"far"}); err != nil {
			t.Error(err)
		}
		if o, e := out.take(), errs.take(); o != "[stdout:2] hello far\n" || e != "[stderr:2] psst\n" {
			t.Errorf("%q %q", o, e)
		}
	}
	big := make([]float64, 1<<18)
	big[1<<17] = 3
	if err := rc.All().Push("big", big); err != nil {
		t.Fatal(err)
	}
	if got, err := rc.All().Pull[[]float64]("big"); err != nil || len(got) != 3 || got[2][1<<17] != 3 {
		t.Fatal(len(got), err)
	}
	// An engine that dies alone is started again on its node, and the item that ended it is known.
	_, err := rc.LoadBalanced().MapErrSync(work, jobs(20, map[int]job{7: {act: "exit"}}))
	var failed *MapError
	if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Item != 7 || !strings.Contains(err.Error(), "exited with status 3") || !strings.Contains(err.Error(), "giving up on 7") {
		t.Errorf("%v", err)
	}
	engines, _ = nodesOf(t, rc)
	syscall.Kill(engines[0], syscall.SIGSTOP)
	if ys, err := rc.Targets(0).MapSync(pow10, []int{2}); err != nil || ys[0] != 1024 {
		t.Error("after an engine was stopped:", ys, err)
	}
	if got, err := rc.All().Pull[[]float64]("big"); err != nil || len(got) != 3 || got[0][1<<17] != 3 {
		t.Error("pushed values are given again:", len(got), err)
	}
	if _, again := nodesOf(t, rc); again[0] != nodes[0] {
		t.Error("the node is another one")
	}
	engines, _ = nodesOf(t, rc)
	rc.Close()
	for _, pid := range append(engines, nodes...) {
		awaitEnd(t, pid)
	}
}

// slowBuffer takes what is printed in its own time, as a busy machine does.
type slowBuffer struct{ buffer }

func (b *slowBuffer) Write(p []byte) (int, error) {
	time.Sleep(300 * time.Millisecond)
	return b.buffer.Write(p)
}

// TestWhatWasPrintedHasArrivedWithTheResult however long it is on its way, and who prints without an end holds up nobody.
func TestWhatWasPrintedHasArrivedWithTheResult(t *testing.T) {
	for name, where := range map[string][]StartOption{"here": nil, "on a node": {On(Command{EnginesPerNode: 1})}} {
		t.Run(name, func(t *testing.T) {
			var out, errs slowBuffer
			rc := start(t, 1, append(where, Output(&out, &errs))...)
			for range 3 {
				if _, err := rc.All().MapSync(say, []string{"slow"}); err != nil {
					t.Fatal(err)
				}
				if o, e := out.take(), errs.take(); o != "[stdout:0] hello slow\n" || e != "[stderr:0] psst\n" {
					t.Errorf("%q %q", o, e)
				}
			}
			rc.Close()
			rc = start(t, 1, append(where, Output(new(buffer), new(buffer)))...)
			if _, err := rc.All().ApplySync(endless); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			for range 20 {
				if _, err := rc.All().MapSync(pow10, []int{2}); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(begin); took > 60*time.Second {
				t.Errorf("20 calls to an engine that prints without an end took %v", took)
			}
		})
	}
}

// endless prints from now on.
var endless = Func0("endless", func() int {
	go func() {
		for i := 0; ; i++ {
			fmt.Println(i)
			time.Sleep(time.Millisecond)
		}
	}()
	return 0
})

// TestALostNodeTakesItsEnginesAndNothingElse: its items run on others, without a strike.
func TestALostNodeTakesItsEnginesAndNothingElse(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out, errs buffer
	rc := onNodes(t, 4, 2, Output(&out, &errs))
	engines, nodes := nodesOf(t, rc)
	if nodes[0] == nodes[2] {
		t.Fatal("one node")
	}
	r := rc.LoadBalanced().Map(napped, many(200, 20), ChunkSize(1))
	time.Sleep(300 * time.Millisecond)
	syscall.Kill(nodes[0], syscall.SIGKILL)
	if ys, err := r.Get(); err != nil || len(ys) != 200 {
		t.Error(len(ys), err)
	}
	for _, pid := range engines[:2] {
		awaitEnd(t, pid)
	}
	if ids := rc.IDs(); len(ids) != 2 || ids[0] != 2 {
		t.Error("engines that run:", ids)
	}
	folders := func() int {
		found, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "goparallel-node-*"))
		if err != nil {
			t.Error(err)
		}
		return len(found)
	}
	if before := folders(); before != 2 {
		t.Error("folders of nodes:", before)
	}
	other := onNodes(t, 1, 1)
	if now := folders(); now != 2 {
		t.Error("a node has not removed the folder of one that was killed:", now)
	}
	other.Close()
	awaitSo(t, func() bool { return strings.Contains(errs.peek(), "signal: killed") })
	if said := errs.take(); !strings.Contains(said, "node 0 on ") || !strings.Contains(said, "is gone") {
		t.Errorf("%q", said)
	}
	if _, err := rc.Targets(0).MapSync(pow10, []int{1}); err == nil || !strings.Contains(err.Error(), "is gone") || !strings.Contains(err.Error(), "signal: killed") {
		t.Error(err)
	}
	if ys, err := rc.LoadBalanced().MapSync(pow10, []int{1, 2}); err != nil || ys[1] != 1024 {
		t.Error(ys, err)
	}
	syscall.Kill(nodes[2], syscall.SIGKILL)
	if _, err := rc.LoadBalanced().MapSync(napped, many(5, 20)); err == nil || !strings.Contains(err.Error(), "start a new cluster") {
		t.Error(err)
	}
}

// TestANodeThatIsToldToEndDrains: what runs there ends there, the rest runs elsewhere.
func TestANodeThatIsToldToEndDrains(t *testing.T) {
	var out, errs buffer
	rc := onNodes(t, 2, 1, Output(&out, &errs))
	engines, nodes := nodesOf(t, rc)
	r := rc.LoadBalanced().Map(napped, many(60, 50), ChunkSize(2))
	time.Sleep(200 * time.Millisecond)
	syscall.Kill(nodes[1], syscall.SIGTERM)
	ys, err := r.Get()
	if err != nil || len(ys) != 60 {
		t.Fatal(len(ys), err)
	}
	awaitEnd(t, engines[1])
	if report := r.Explain(); report.Redone != 0 {
		t.Error("items ran twice:", report.Redone)
	}
	if said := errs.peek(); !strings.Contains(said, "will end soon: it was told to end by signal 15") {
		t.Errorf("%q", said)
	}
	if ids := rc.IDs(); len(ids) != 1 || ids[0] != 0 {
		t.Error(ids)
	}
}

// TestNodesComeAndGo with the engines that are added and removed while calls run.
func TestNodesComeAndGo(t *testing.T) {
	ctx := context.Background()
	rc := onNodes(t, 1, 2)
	_, before := nodesOf(t, rc)
	r := rc.LoadBalanced().Map(napped, many(100, 20), ChunkSize(1))
	ids, err := rc.AddEngines(ctx, 3)
	if err != nil || len(ids) != 3 {
		t.Fatal(ids, err)
	}
	ys, err := r.Get()
	if err != nil {
		t.Fatal(err)
	}
	helped := map[int]bool{}
	for _, pid := range ys {
		helped[pid] = true
	}
	if len(helped) != 4 {
		t.Error("engines that took part:", len(helped))
	}
	_, nodes := nodesOf(t, rc)
	if nodes[1] == before[0] || nodes[1] != nodes[2] || nodes[3] == nodes[2] {
		t.Error("three more engines on two more nodes:", nodes)
	}
	if err := rc.RemoveEngine(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if syscall.Kill(nodes[1], 0) != nil {
		t.Error("a node has gone that has an engine left")
	}
	if err := rc.RemoveEngine(ctx, 2); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, nodes[1])
	if ys, err := rc.LoadBalanced().MapSync(pow10, []int{1, 2, 3}); err != nil || ys[2] != 59049 {
		t.Error(ys, err)
	}
}

// TestAClusterAdapts to the work that there is: it asks for engines once, uses them in the call that they are
// for, and gives back whole nodes when there is nothing to do.
func TestAClusterAdapts(t *testing.T) {
	var out, errs buffer
	rc := onNodes(t, 1, 2, Adapt(1, 5, 2*time.Second), Output(&out, &errs))
	ys, err := rc.LoadBalanced().MapSync(napped, many(300, 50)) // 15 seconds for one
	if err != nil {
		t.Fatal(err)
	}
	helped := map[int]bool{}
	for _, pid := range ys {
		helped[pid] = true
	}
	if len(helped) < 2 || len(helped) > 5 {
		t.Errorf("%d engines took part", len(helped))
	}
	_, nodes := nodesOf(t, rc)
	awaitSo(t, func() bool { return len(rc.IDs()) == 1 })
	for _, pid := range nodes[1:] {
		if pid != nodes[0] {
			awaitEnd(t, pid)
		}
	}
	if _, err := rc.LoadBalanced().MapSync(pow10, []int{1}); err != nil {
		t.Error(err)
	}
	if said := errs.peek(); said != "" {
		t.Errorf("%q", said)
	}
	for name, option := range map[string]StartOption{"none": Adapt(0, 2, 0), "more than there are": Adapt(2, 3, 0), "a time below 0": Adapt(1, 1, -1), "less than there are": Adapt(3, 1, 0)} {
		if rc, err := Start(context.Background(), 1, option); err == nil {
			rc.Close()
			t.Error(name)
		}
	}
}

// TestAdaptingDoesNotAskAgainAndAgain where nodes do not come: one submission at a time, and a pause after one
// that failed.
func TestAdaptingDoesNotAskAgainAndAgain(t *testing.T) {
	var out, errs buffer
	l := &once{Command: Command{EnginesPerNode: 1}}
	rc := start(t, 1, On(l), Adapt(1, 4, time.Second), Output(&out, &errs))
	if _, err := rc.LoadBalanced().MapSync(napped, many(150, 50)); err != nil {
		t.Fatal(err)
	}
	if l.asked.Load() != 2 || !strings.Contains(errs.peek(), "no more engines for now, the next attempt is in 15s: the engines could not be asked for: the quota is used up") {
		t.Errorf("asked %d times: %q", l.asked.Load(), errs.peek())
	}
}

// once is a launcher that has nodes once.
type once struct {
	Command
	asked atomic.Int32
}

func (l *once) Launch(ctx context.Context, o Order) (Allocation, error) {
	if l.asked.Add(1) > 1 {
		return nil, errors.New("the quota is used up")
	}
	return l.Command.Launch(ctx, o)
}

// TestNodesThatDoNotCome: the launcher's system says why, and nothing waits.
func TestNodesThatDoNotCome(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	script := filepath.Join(t.TempDir(), "a command")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho no room on this machine >&2\ncat >/dev/null\nexit 7\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		command Command
		n       int
		want    []string
	}{
		"a command that is not there": {Command{Args: []string{"/none/such"}}, 1, []string{"/none/such", "no such file"}},
		"one that ends":               {Command{Args: []string{"false"}}, 1, []string{"node 0 ended before it connected", "exit status 1"}},
		"no engines for a node":       {Command{EnginesPerNode: -1}, 1, []string{"EnginesPerNode is -1"}},
	} {
		if rc, err := Start(ctx, c.n, On(c.command)); err == nil {
			rc.Close()
			t.Error(name)
		} else {
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want %q", name, err, want)
				}
			}
		}
	}
	short, end := context.WithTimeout(ctx, 2*time.Second)
	defer end()
	if _, err := Start(short, 2, On(Command{Args: []string{script}})); err == nil || !strings.Contains(err.Error(), "0 of 2 engines had connected") || !strings.Contains(err.Error(), "nodes: 1 running") {
		t.Error(err)
	}
	if _, err := Start(ctx, 2, On(Command{}), Listen(":9-7")); err == nil || !strings.Contains(err.Error(), "no range of ports") {
		t.Error(err)
	}
}

// TestNodesEndWithTheirController, however that ends: its program is killed.
func TestNodesEndWithTheirController(t *testing.T) {
	if os.Getenv("TEST_NODES") != "" {
		rc := onNodes(t, 2, 2)
		engines, nodes := nodesOf(t, rc)
		fmt.Println("PIDS", engines[0], engines[1], nodes[0])
		rc.LoadBalanced().MapSync(napped, many(2, 3_600_000))
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNodesEndWithTheirController$", "-test.v")
	cmd.Env = append(os.Environ(), "TEST_NODES=yes")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	pids := make([]int, 3)
	for line := ""; !strings.HasPrefix(line, "PIDS"); {
		b := make([]byte, 1)
		line = ""
		for b[0] != '\n' {
			if _, err := out.Read(b); err != nil {
				t.Fatal(err)
			}
			line += string(b)
		}
		fmt.Sscanf(line, "PIDS %d %d %d", &pids[0], &pids[1], &pids[2])
	}
	cmd.Process.Kill()
	cmd.Wait()
	for _, pid := range pids {
		awaitEnd(t, pid)
	}
}

// awaitSo waits until something is so.
func awaitSo(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come about")
		}
	}
}

// peek returns what was written since the last time it was taken.
func (b *buffer) peek() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// many is n times the same.
func many(n, x int) []int {
	xs := make([]int, n)
	for i := range xs {
		xs[i] = x
	}
	return xs
}

// sharedMemory returns the files of shared memory that a process has mapped, by what stands for them, and the sum of a pushed value.
var sharedMemory = Func("shared memory", func(int) (files []string) {
	big, err := Get[[]float64]("wide")
	if err != nil {
		return []string{err.Error()}
	}
	sum := 0.0
	for _, x := range big {
		sum += x
	}
	maps, _ := os.ReadFile("/proc/self/maps")
	files = []string{fmt.Sprint(sum)}
	for line := range strings.Lines(string(maps)) {
		if fields := strings.Fields(line); len(fields) > 5 && strings.Contains(fields[5], "goparallel-values") {
			files = append(files, fields[4])
		}
	}
	return files
})

// TestAPushedValueGoesToANodeOnce: engines of a node have a large value in the same memory, those of another node have another one, and
// a process that takes the place of another finds it again.
func TestAPushedValueGoesToANodeOnce(t *testing.T) {
	rc := onNodes(t, 4, 2)
	wide := make([]float64, 1<<19)
	for i := range wide {
		wide[i] = float64(i % 7)
	}
	if err := rc.All().Push("wide", wide); err != nil {
		t.Fatal(err)
	}
	look := func() (all [][]string) {
		for id := range 4 {
			found, err := rc.Targets(id).MapSync(sharedMemory, []int{0})
			if err != nil || len(found[0]) < 2 || found[0][0] != "1.572859e+06" {
				t.Fatalf("engine %d: %q, %v", id, found, err)
			}
			all = append(all, found[0][1:])
		}
		return all
	}
	all := look()
	if all[0][0] != all[1][0] || all[2][0] != all[3][0] || all[0][0] == all[2][0] {
		t.Errorf("the memory of engines on two nodes: %v", all)
	}
	if err := rc.RestartEngine(context.Background(), 1); err != nil {
		t.Error(err)
	}
	look()
	// One value for each engine is nobody else's, and too small a one is not worth the trouble.
	for _, size := range []int{1 << 19, 100} {
		parts := make([]float64, 4*size)
		parts[3*size] = 5
		if err := rc.All().Scatter("part", parts); err != nil {
			t.Fatal(err)
		}
		if got, err := rc.All().Gather[float64]("part"); err != nil || len(got) != len(parts) || got[3*size] != 5 {
			t.Error(len(got), err)
		}
	}
}
