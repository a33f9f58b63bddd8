package parallel

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// until makes an item of work that does not end, nor look whether it should, before
// a file is there.
func until(file string) job { return job{file: file, act: "await"} }

// TestItemsDoNotWaitBehindASlowOne lets an item wait for all others.
func TestItemsDoNotWaitBehindASlowOne(t *testing.T) {
	rc := start(t, 2)
	for _, chunk := range []int{1, 3} {
		file := filepath.Join(t.TempDir(), "go on")
		r := rc.LoadBalanced().MapErr(work, jobs(40, map[int]job{0: until(file)}), ChunkSize(chunk))
		for end := time.Now().Add(20 * time.Second); r.Progress() < 40-chunk; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d of 40 items are done", r.Progress())
			}
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ys, err := r.Get()
		if err != nil {
			t.Fatal(err)
		}
		check(t, ys)
	}
}

// TestCallsDoNotWaitForAStuckEngine cancels a call that does not notice, and looks
// whether others go on before its engine is replaced, which takes a second.
func TestCallsDoNotWaitForAStuckEngine(t *testing.T) {
	rc := start(t, 2)
	for name, view := range map[string]*View{"balanced": &rc.LoadBalanced().View, "direct": &rc.All().View} {
		for _, when := range []string{"before", "after"} {
			t.Run(name+" "+when, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "never")
				before := rc.Pid(0)
				for end := time.Now().Add(20 * time.Second); before == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
					before = rc.Pid(0)
				}
				stuck := rc.Targets(0).MapErr(work, []job{until(file)})
				for _, err := os.Stat(file + ".begun"); err != nil; _, err = os.Stat(file + ".begun") {
					time.Sleep(time.Millisecond)
				}
				var r *AsyncResult[int]
				if when == "before" {
					r = view.MapErr(work, jobs(40, nil))
				}
				begin := time.Now()
				stuck.Cancel()
				if when == "after" {
					r = view.MapErr(work, jobs(40, nil))
				}
				ys, err := r.Get()
				if err != nil {
					t.Fatal(err)
				}
				check(t, ys)
				now, took := rc.Pid(0), time.Since(begin)
				if took > 900*time.Millisecond || now != before {
					t.Errorf("the call took %v, process %d before, %d after", took, before, now)
				}
				if _, err := stuck.Get(); !errors.Is(err, ErrCancelled) {
					t.Error(err)
				}
				for end := time.Now().Add(20 * time.Second); rc.Pid(0) == before || rc.Pid(0) == 0; time.Sleep(time.Millisecond) {
					if time.Now().After(end) {
						t.Fatal("the stuck engine was not replaced")
					}
				}
			})
		}
	}
}
