package parallel

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNoSecretCanBeSeen looks at what other users can see of engines, and at what their children inherit: arguments and environment are those of
// this process, but for a word that says what the process is, and there is nothing of them in /dev/shm.
func TestNoSecretCanBeSeen(t *testing.T) {
	before, _ := os.ReadDir("/dev/shm")
	for name, options := range map[string][]StartOption{"here": nil, "by TLS": {TLS()}, "on a node": {On(Command{EnginesPerNode: 1})}} {
		t.Run(name, func(t *testing.T) {
			rc := start(t, 1, options...)
			if err := rc.All().Push("much", make([]float64, 1<<18)); err != nil {
				t.Fatal(err)
			}
			engines, nodes := nodesOf(t, rc)
			for _, pid := range append(engines, nodes...) {
				if pid == os.Getpid() {
					continue
				}
				environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
				if err != nil {
					t.Fatal(err)
				}
				for variable := range strings.SplitSeq(strings.TrimRight(string(environment), "\x00"), "\x00") {
					name, value, _ := strings.Cut(variable, "=")
					if !slices.Contains(os.Environ(), variable) && len(value) > 20 {
						t.Errorf("%s=%s", name, value)
					}
				}
				arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				for argument := range strings.SplitSeq(strings.TrimRight(string(arguments), "\x00"), "\x00") {
					if err != nil || !slices.Contains(os.Args, argument) && len(argument) > 64 {
						t.Error(argument, err)
					}
				}
			}
			if after, _ := os.ReadDir("/dev/shm"); len(after) > len(before) {
				for _, file := range after {
					if strings.Contains(file.Name(), "parallel") {
						t.Error(file.Name())
					}
				}
			}
		})
	}
}

// TestWhatAClusterKeepsIsItsUsersAlone looks at the files of a cluster that lives on, of a client's key and of a call that is on disk.
func TestWhatAClusterKeepsIsItsUsersAlone(t *testing.T) {
	folder := home(t)
	lasting(t, "own", 1)
	rc := connected(t, "own")
	if _, err := rc.All().Apply1Sync(says, printing{Text: "kept", Times: 2, Nap: 300 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	kept := 0
	err := filepath.WalkDir(filepath.Join(folder, "own"), func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && info.Mode().Perm() != 0o700, !entry.IsDir() && info.Mode().Perm() != 0o600 && entry.Name() != "lock":
			t.Errorf("%s has the mode %v", path, info.Mode())
		case !entry.IsDir():
			kept++
		}
		return nil
	})
	if err != nil || kept < 3 { // the connection, the lock, the call
		t.Errorf("%d files, %v", kept, err)
	}
}

// TestWhatIsSaidOfSecurityHasTests looks whether the tests exist that docs/security.md names.
func TestWhatIsSaidOfSecurityHasTests(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(string(text), -1) {
		missing[name[1]] = true
	}
	if len(missing) < 20 {
		t.Errorf("it names %d tests", len(missing))
	}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
	for _, root := range []string{"../internal", "../parallel", "../test"} {
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, name := range declared.FindAllSubmatch(source, -1) {
				delete(missing, string(name[1]))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range missing {
		t.Errorf("there is no %s", name)
	}
}
