package repl_test

import "testing"

// TestEnginesAreKilledWhileCellsMap kills an engine every 300 ms, one after the other, while a cell maps over all, and over whoever is free, and makes
// calls without waiting: every result is right and there once, little ran twice, and the engines are there afterwards and keep what they were given.
func TestEnginesAreKilledWhileCellsMap(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok(`import ("os"; "slices"; "syscall"; "sync/atomic")
offset, log := 1000, os.TempDir() + "/"
func ran(x int) int {
	if f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		f.Write([]byte{0})
		f.Close()
	}
	time.Sleep(5 * time.Millisecond)
	return x + offset
}
folder, err := os.MkdirTemp("", "kills")
log = folder + "/runs"
xs, want := make([]int, 400), make([]int, 400)
for i := range xs { xs[i], want[i] = i, i + 1000 }
err`, "=> <nil>")
	n.ok("right := rc.All().Push(\"kept\", []string{\"a\"}) == nil", "")
	n.ok(`var kills atomic.Int64
stop, stopped := make(chan bool), make(chan bool)
go func() {
	defer close(stopped)
	for id := 0; ; id = 1 - id {
		select {
		case <-stop: return
		case <-time.After(300 * time.Millisecond):
		}
		if pid := rc.Pid(id); pid > 0 { syscall.Kill(pid, syscall.SIGKILL); kills.Add(1) }
	}
}()`, "")
	for _, view := range []string{"rc.All()", "rc.LoadBalanced()"} {
		for _, code := range []string{
			"ys, err := " + view + ".MapSync(ran, xs)\nright = right && slices.Equal(ys, want) && err == nil",
			"left := []*parallel.AsyncResult[int]{" + view + ".Map(ran, xs[:200]), " + view + ".Map(ran, xs[200:])}\nfor i, r := range left { ys, err := r.Get(); right = right && slices.Equal(ys, want[200*i:200*i+200]) && err == nil }",
		} {
			if got, reply := n.run(code); reply.Err != nil { // it also shows its progress, and that engines were started again
				t.Errorf("%s\nshowed %q, %s", code, got, reply.Err.Text())
			}
		}
	}
	n.ok("close(stop)\n<-stopped\nruns, err := os.Stat(log)\nfmt.Println(right, kills.Load() > 5, runs.Size() >= 1600, runs.Size() < 1600*13/10, err, os.RemoveAll(folder))", "true true true true <nil> <nil>\n")
	n.ok("kept, err := rc.All().Pull[[]string](\"kept\")\nfmt.Println(kept, err, len(rc.IDs()))", "[[a] [a]] <nil> 2\n")
}
