package parallel

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// memoryGroup makes a control group with a limit of memory, and returns its folder.
func memoryGroup(t *testing.T, bytes int) string {
	t.Helper()
	for root, file := range map[string]string{"/sys/fs/cgroup": "memory.max", "/sys/fs/cgroup/memory": "memory.limit_in_bytes"} {
		dir := filepath.Join(root, fmt.Sprintf("goparallel-test-%d", os.Getpid()))
		if os.Mkdir(dir, 0o700) != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil && os.WriteFile(filepath.Join(dir, file), []byte(fmt.Sprint(bytes)), 0o600) == nil {
			t.Cleanup(func() {
				if err := os.Remove(dir); err != nil {
					t.Error(err)
				}
			})
			return dir
		}
		os.Remove(dir)
	}
	t.Skip("no control groups for memory can be made here")
	return ""
}

// TestEnginesOfAGroupWithoutMemory: a container, or a job of a batch system, has a limit for all of its processes together. Where the kernel
// ends an engine for it, the error says so, and what to do.
func TestEnginesOfAGroupWithoutMemory(t *testing.T) {
	if os.Getenv("TEST_STARVED") == "" {
		dir := memoryGroup(t, 300<<20)
		cmd := exec.Command("sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, dir, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), "TEST_STARVED=yes")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	for name, where := range map[string][]StartOption{"here": nil, "on a node": {On(Command{EnginesPerNode: 2})}} {
		t.Run(name, func(t *testing.T) {
			rc := start(t, 2, append(where, Output(new(buffer), new(buffer)))...)
			ys, err := rc.LoadBalanced().MapSync(hoard, []int{1, 2000, 3}, ChunkSize(1))
			var failed *MapError
			if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Item != 1 {
				t.Fatal(ys, err)
			}
			if want := "was killed by signal 9 (killed) when memory ran out: all processes here together may use 300 MiB; ask for more memory"; !strings.Contains(err.Error(), want) {
				t.Errorf("%v\nwant %q", err, want)
			}
			rc.Close()
			rc = start(t, 1, append(where, Output(new(buffer), new(buffer)))...)
			_, err = rc.All().MapSync(suicide, []int{1}) // and who is killed by somebody else is not told so
			if err == nil || !strings.Contains(err.Error(), "signal 9") || strings.Contains(err.Error(), "memory") {
				t.Error(err)
			}
		})
	}
}

// suicide ends its process as somebody else would.
var suicide = Func("suicide", func(int) int {
	self, _ := os.FindProcess(os.Getpid())
	self.Kill()
	select {}
})
