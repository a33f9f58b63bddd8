package parallel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
	looking "github.com/goparallel/goparallel/internal/parallel/remote"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// lasting starts a cluster that lives on, in this process: its controller is the same code as in one of its own. What is
// left of it when it has been stopped is an error of the test.
func lasting(t testing.TB, name string, engines int) *daemon.Daemon {
	t.Helper()
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	ctx, stop := context.WithCancel(context.Background())
	d, err := daemon.Start(ctx, daemon.Options{Name: name, Engines: engines})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		d.Wait()
		noneLeft(t, goroutines, files)
	})
	return d
}

// connected is a client of a cluster that lives on.
func connected(t testing.TB, name string, options ...StartOption) *Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	rc, err := Connect(ctx, name, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rc.Close() })
	return rc
}

func home(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("XDG_STATE_HOME", folder)
	return filepath.Join(folder, "goparallel", "clusters")
}

var (
	squared = Func("connect.square", func(x int) int { return x * x })
	shout   = Func("connect.shout", func(s string) string { return strings.ToUpper(s) })
	stretch = Func("connect.stretch", func(n int) []float64 { return slices.Repeat([]float64{float64(n)}, n) })
	refuse  = FuncErr("connect.refuse", func(x int) (int, error) {
		if x%3 == 0 {
			return 0, fmt.Errorf("%d: %w", x, os.ErrNotExist)
		}
		return x, nil
	})
)

// TestCallsOfAConnectedClient makes every kind of call on a cluster that lives on: the answers are those of an own
// cluster.
func TestCallsOfAConnectedClient(t *testing.T) {
	home(t)
	lasting(t, "kinds", 2)
	rc := connected(t, "kinds")
	xs := make([]int, 10000)
	want := make([]int, len(xs))
	for i := range xs {
		xs[i], want[i] = i, i*i
	}
	for _, v := range []*View{&rc.LoadBalanced().View, &rc.All().View, &rc.Targets(1).View} {
		if ys, err := v.MapSync(squared, xs); err != nil || !slices.Equal(ys, want) {
			t.Fatal(v, err)
		}
	}
	if ys, err := rc.LoadBalanced().MapSync(shout, []string{"a", "", strings.Repeat("long", 100)}, ChunkSize(2)); err != nil || ys[0] != "A" || ys[1] != "" || len(ys[2]) != 400 {
		t.Error(ys, err)
	}
	ys, err := rc.LoadBalanced().MapSync(stretch, []int{3, 200000, 0, 70000})
	if err != nil || len(ys[1]) != 200000 || ys[1][199999] != 200000 || len(ys[3]) != 70000 || len(ys[2]) != 0 {
		t.Error(err)
	}
	zs, err := rc.LoadBalanced().MapErrSync(refuse, []int{1, 2, 3, 4, 6})
	var failed *MapError
	if !errors.As(err, &failed) || !errors.Is(err, os.ErrNotExist) || len(failed.Failures) != 2 || !slices.Equal(zs, []int{1, 2, 0, 4, 0}) {
		t.Error(zs, err)
	}
	if pids, err := rc.All().ApplySync(where); err != nil || len(pids) != 2 || pids[0] == pids[1] || pids[0] != rc.Pid(0) {
		t.Error(pids, err)
	}
	if err := rc.All().Push("table", []string{"x", "y"}); err != nil {
		t.Error(err)
	}
	if tables, err := rc.All().Pull[[]string]("table"); err != nil || len(tables) != 2 || tables[1][1] != "y" {
		t.Error(tables, err)
	}
	if err := rc.All().Scatter("share", xs); err != nil {
		t.Error(err)
	}
	if all, err := rc.All().Gather[int]("share"); err != nil || !slices.Equal(all, xs) {
		t.Error(len(all), err)
	}
	n := 0
	for i, r := range rc.LoadBalanced().Seq(squared, slices.Values(xs)) {
		if r.Err != nil || r.Value != i*i {
			t.Fatal(i, r)
		}
		n++
	}
	if n != len(xs) {
		t.Error(n)
	}
}

// TestCallsOutliveTheirClient leaves calls running, by closing the connection, and has another client find them by
// their ids, of the right type only.
func TestCallsOutliveTheirClient(t *testing.T) {
	home(t)
	lasting(t, "outlive", 2)
	rc := connected(t, "outlive")
	left := rc.LoadBalanced().Map(linger, sleeps(60), Label("long"))
	failing := rc.LoadBalanced().MapErr(refuse, []int{1, 3, 5})
	id, failedID := left.ID(), failing.ID()
	failing.Get()
	if err := rc.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := left.Get(); err == nil || !strings.Contains(err.Error(), id) {
		t.Errorf("the error does not say how to go on: %v", err)
	}
	again := connected(t, "outlive")
	found, err := again.Fetch[int](t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	pids, err := found.Get()
	if err != nil || len(pids) != 60 || slices.Contains(pids, 0) || found.ID() != id || found.Explain().Label != "long" || found.Progress() != 60 {
		t.Error(pids, err, found.Explain())
	}
	failed, err := again.Fetch[int](t.Context(), failedID)
	if err != nil {
		t.Fatal(err)
	}
	if ys, err := failed.Get(); !errors.Is(err, os.ErrNotExist) || !slices.Equal(ys, []int{1, 0, 5}) {
		t.Error(ys, err)
	}
	if _, err := again.Fetch[string](t.Context(), id); err == nil || !strings.Contains(err.Error(), "of type int, not string") {
		t.Error(err)
	}
	if _, err := again.Fetch[int](t.Context(), "nosuch"); err == nil || !strings.Contains(err.Error(), `no call "nosuch"`) {
		t.Error(err)
	}
	h, err := again.History(t.Context())
	if err != nil || len(h) != 2 || h[0].State != "done" || h[1].State != "failed" || !strings.Contains(h.String(), id) || !strings.Contains(h.HTML(), id) {
		t.Error(h, err)
	}
	if err := again.Purge(t.Context(), id); err != nil {
		t.Error(err)
	}
	if h, err := again.History(t.Context()); err != nil || len(h) != 1 {
		t.Error(h, err)
	}
}

// TestResubmit runs again what failed of a call, and nothing else.
func TestResubmit(t *testing.T) {
	home(t)
	lasting(t, "resubmit", 2)
	rc := connected(t, "resubmit")
	file := filepath.Join(t.TempDir(), "there")
	names := []string{os.Args[0], file, "/", file}
	first := rc.LoadBalanced().MapErr(sizeOf, names)
	if sizes, err := first.Get(); !errors.Is(err, os.ErrNotExist) || sizes[0] == 0 || sizes[1] != 0 {
		t.Fatal(sizes, err)
	}
	if err := os.WriteFile(file, []byte("now"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := rc.Resubmit[int64](t.Context(), first.ID())
	if err != nil {
		t.Fatal(err)
	}
	if sizes, err := again.Get(); err != nil || sizes[1] != 3 || sizes[3] != 3 || sizes[0] == 0 || again.ID() != first.ID() || again.Progress() != 4 {
		t.Error(sizes, err, again)
	}
	if h, err := rc.History(t.Context()); err != nil || len(h) != 1 || h[0].State != "done" || h[0].Done != 4 || h[0].Failed != 0 {
		t.Error(h, err)
	}
}

var sizeOf = FuncErr("connect.size", func(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
})

// TestClientsShareACluster has two clients with long calls at once: neither waits for the other's end. Cancelling one call
// leaves the other alone.
func TestClientsShareACluster(t *testing.T) {
	home(t)
	lasting(t, "shared", 2)
	one, two := connected(t, "shared"), connected(t, "shared")
	if !slices.Equal([]int{one.Pid(0), one.Pid(1)}, []int{two.Pid(0), two.Pid(1)}) {
		t.Error("two processes of one program do not share engines")
	}
	long := one.LoadBalanced().Map(linger, sleeps(2000))
	short := two.LoadBalanced().Map(linger, sleeps(20))
	if _, err := short.Get(); err != nil {
		t.Fatal(err)
	}
	if long.Ready() {
		t.Error("a call of 20 items waited for one of 2000")
	}
	long.Cancel()
	if _, err := long.Get(); !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	bound := one.LoadBalanced().Map(linger, sleeps(2000), WithContext(ctx))
	cause := errors.New("a reason")
	cancel(cause)
	if _, err := bound.Get(); !errors.Is(err, cause) {
		t.Error(err)
	}
	ids, err := two.AddEngines(t.Context(), 1)
	if err != nil || !slices.Equal(ids, []int{2}) || two.RestartEngine(t.Context(), 2) != nil || two.RemoveEngine(t.Context(), 0) != nil {
		t.Error(ids, err)
	}
	if s := one.Status(t.Context()); len(s.Engines) != 2 || s.Name != "shared" {
		t.Error(s)
	}
	if pids, err := one.All().ApplySync(where); err != nil || len(pids) != 2 {
		t.Error(pids, err)
	}
}

// TestAControllerThatEnds is an error of calls that wait for it, with the way to go on.
func TestAControllerThatEnds(t *testing.T) {
	home(t)
	d := lasting(t, "ends", 1)
	rc := connected(t, "ends")
	r := rc.LoadBalanced().Map(linger, sleeps(1000))
	id := r.ID()
	began := time.Now()
	stopCluster(t, "ends")
	if _, err := r.Get(); err == nil || !strings.Contains(err.Error(), id) || !strings.Contains(err.Error(), "goparallel cluster start --name ends") {
		t.Error(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	d.Wait()
	if _, err := rc.LoadBalanced().MapSync(squared, []int{1}); err == nil {
		t.Error("a cluster that has ended took a call")
	}
	if _, err := Connect(t.Context(), "ends"); err == nil || !strings.Contains(err.Error(), `there is no cluster "ends"; start it: goparallel cluster start --name ends`) {
		t.Error(err)
	}
}

func stopCluster(t *testing.T, name string) {
	t.Helper()
	c, err := looking.Look(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	c.Close()
}

// TestKeysOfClients are made and taken back one by one; those of others, and the cluster's own, stay, also when it is started again.
func TestKeysOfClients(t *testing.T) {
	home(t)
	ctx, stop := context.WithCancel(t.Context())
	d, err := daemon.Start(ctx, daemon.Options{Name: "keys", Engines: 1})
	if err != nil {
		t.Fatal(err)
	}
	owner, err := looking.Look(t.Context(), "keys")
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for _, client := range []string{"anna", "ben"} {
		if paths[client], err = owner.AddKey(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	for client, text := range map[string]string{"anna": "has a key already", "../ben": "is no name for a client"} {
		if _, err := owner.AddKey(t.Context(), client); err == nil || !strings.Contains(err.Error(), text) {
			t.Error(err)
		}
	}
	anna, ben, own := connected(t, paths["anna"]), connected(t, paths["ben"]), connected(t, "keys")
	running := anna.LoadBalanced().Map(linger, sleeps(1000))
	id := running.ID()
	if keys, err := owner.Keys(t.Context()); err != nil || len(keys) != 2 || keys[0].Client != "anna" || keys[0].Connected != 1 || keys[1].Path != paths["ben"] {
		t.Error(keys, err)
	}
	// Who has a client's key neither gives keys nor stops the cluster.
	looks, err := looking.Look(t.Context(), paths["ben"])
	if err != nil {
		t.Fatal(err)
	}
	defer looks.Close()
	_, err = looks.AddKey(t.Context(), "carl")
	_, listed := looks.Keys(t.Context())
	for _, err := range []error{err, listed, looks.Revoke(t.Context(), "anna"), looks.Stop(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), "needs the key of the cluster itself") {
			t.Error(err)
		}
	}
	if err := owner.Revoke(t.Context(), "anna"); err != nil {
		t.Fatal(err)
	}
	if err := owner.Revoke(t.Context(), "anna"); err == nil || !strings.Contains(err.Error(), "has given no key to anna") {
		t.Error(err)
	}
	if _, err := running.Get(); err == nil || !strings.Contains(err.Error(), "hung up on the key of anna, which was revoked") {
		t.Error(err)
	}
	if _, err := Connect(t.Context(), paths["anna"]); err == nil || !strings.Contains(err.Error(), "anna.json") {
		t.Error(err)
	}
	for _, rc := range []*Client{ben, own} {
		if ys, err := rc.LoadBalanced().MapSync(squared, []int{3}); err != nil || ys[0] != 9 {
			t.Error(ys, err)
		}
	}
	if r, err := own.Fetch[int](t.Context(), id); err != nil {
		t.Error("a call of the client whose key was revoked is gone:", err)
	} else {
		r.Cancel()
	}
	owner.Close()
	stop()
	d.Wait()
	lasting(t, "keys", 1)
	if ys, err := connected(t, paths["ben"]).LoadBalanced().MapSync(squared, []int{3}); err != nil || ys[0] != 9 {
		t.Error("after the cluster was started again:", ys, err)
	}
}

// TestARevokedKeyIsRefused also where its file was copied.
func TestARevokedKeyIsRefused(t *testing.T) {
	home(t)
	lasting(t, "copied", 1)
	owner, err := looking.Look(t.Context(), "copied")
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	path, err := owner.AddKey(t.Context(), "dora")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "dora.json")
	if err := os.WriteFile(copied, text, 0o600); err != nil {
		t.Fatal(err)
	}
	connected(t, copied)
	if err := owner.Revoke(t.Context(), "dora"); err != nil {
		t.Fatal(err)
	}
	if _, err := Connect(t.Context(), copied); err == nil || !strings.Contains(err.Error(), "refuses the key of dora, which was revoked") {
		t.Error(err)
	}
	if err := os.Chmod(copied, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Connect(t.Context(), copied); err == nil || !strings.Contains(err.Error(), "instead of 0600") {
		t.Error(err)
	}
}

// TestClustersThatCannotBeConnectedTo are refused before anything is sent, with what to do.
func TestClustersThatCannotBeConnectedTo(t *testing.T) {
	folder := home(t)
	lasting(t, "real", 1)
	refused := func(name, text string) {
		t.Helper()
		if _, err := Connect(t.Context(), name); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v instead of %q", err, text)
		}
	}
	refused("absent", `there is no cluster "absent"; start it: goparallel cluster start --name absent`)
	refused("", `there is no cluster "default"`)
	refused("../real", "is no name of a cluster")
	if _, err := daemon.Start(t.Context(), daemon.Options{Name: "real", Engines: 1}); err == nil || !strings.Contains(err.Error(), "another process is its controller already") {
		t.Error(err)
	}
	if _, err := daemon.Start(t.Context(), daemon.Options{Name: "a b", Engines: 1}); err == nil || !strings.Contains(err.Error(), "no name for a cluster") {
		t.Error(err)
	}
	c, err := cluster.Read("real")
	if err != nil {
		t.Fatal(err)
	}
	if c.Pid != os.Getpid() {
		t.Error(c.Pid)
	}
	// Of one whose controller was killed the file is left.
	stale := *c
	stale.Name, stale.Pid, stale.Address.Path = "stale", 1<<30, filepath.Join(folder, "nobody")
	if err := stale.Write(); err != nil {
		t.Fatal(err)
	}
	refused("stale", `the cluster "stale" does not run: its controller, process 1073741824, has ended`)
	forged := *c
	forged.Name, forged.Key = "forged", wire.NewSecret()
	if err := forged.Write(); err != nil {
		t.Fatal(err)
	}
	refused("forged", "did not accept this process")
	if err := os.Chmod(filepath.Join(folder, "forged", "connection.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused("forged", "instead of 0600, so others may know its key")
	if err := os.WriteFile(filepath.Join(folder, "forged", "connection.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Join(folder, "forged", "connection.json"), 0o600)
	refused("forged", "cannot be read")
	os.RemoveAll(filepath.Join(folder, "forged"))
	if list, err := cluster.List(); err != nil || len(list) != 2 {
		t.Error(list, err)
	}
	if _, err := Connect(t.Context(), "real", AtLeast(1)); err == nil || !strings.Contains(err.Error(), "are for parallel.Start") {
		t.Error(err)
	}
}
