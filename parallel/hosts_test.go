package parallel

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/buildid"
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
)

// host puts scripts in the place of ssh and of commands of the host n7, which is this machine with a cache folder of its own, and returns that folder.
func host(t *testing.T, commands map[string]string) (cache string) {
	t.Helper()
	bin, there, cache := t.TempDir(), t.TempDir(), t.TempDir()
	scripts := map[string]string{filepath.Join(bin, "ssh"): fmt.Sprintf("for command; do :; done\nXDG_CACHE_HOME=%s PATH=%s:$PATH exec /bin/sh -c \"$command\"", cache, there)}
	for name, text := range commands {
		to := there
		if name == "ssh" {
			to = bin
		}
		scripts[filepath.Join(to, name)] = text
	}
	for path, text := range scripts {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	return cache
}

// TestHostsThatCannotHaveEngines: one error that names the host and the cure, and nothing is left there.
func TestHostsThatCannotHaveEngines(t *testing.T) {
	const changed = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Someone could be eavesdropping on you right now (man-in-the-middle attack)!
It is also possible that a host key has just been changed.
The fingerprint for the ED25519 key sent by the remote host is
SHA256:7uy76oppGNedqv8k+fnd9YfUJloSwK5RKNH3/MlUznM.
Please contact your system administrator.
Add correct host key in /home/me/.ssh/known_hosts to get rid of this message.
Offending ED25519 key in /home/me/.ssh/known_hosts:7
  remove with:
  ssh-keygen -f "/home/me/.ssh/known_hosts" -R "n7"
Host key for n7 has changed and you have requested strict checking.
Host key verification failed.`
	for name, c := range map[string]struct {
		command, script string
		want            []string
	}{
		"a key that changed":   {"ssh", "cat >&2 <<'X'\n" + changed + "\nX\nexit 255", []string{"remove its old key", `ssh-keygen -f "/home/me/.ssh/known_hosts" -R "n7"`}},
		"a host never seen":    {"ssh", "echo Host key verification failed. >&2; exit 255", []string{"log in once by hand"}},
		"no key of ours":       {"ssh", "echo 'me@n7: Permission denied (publickey,password).' >&2; exit 255", []string{"ssh-copy-id"}},
		"no such host":         {"ssh", "echo 'ssh: Could not resolve hostname n7: Name or service not known' >&2; exit 255", []string{"Could not resolve hostname"}},
		"a disk that is full":  {"head", "echo \"head: error writing 'standard output': No space left on device\" >&2; exit 1", []string{"the program could not be written to ", "No space left on device", "make room there"}},
		"an old C library":     {"env", "echo \"$2: /lib/x86_64-linux-gnu/libc.so.6: version \\`GLIBC_2.38' not found (required by $2)\" >&2; exit 1", []string{"GLIBC_2.38", "CGO_ENABLED=0"}},
		"a program that exits": {"env", "echo a library has no licence >&2; exit 3", []string{"exit status 3", "a library has no licence"}},
		"another system":       {"uname", `[ "$1" = -m ] && echo amd64 || echo FreeBSD`, []string{"the host is FreeBSD amd64, and this program runs on Linux "}},
		"another processor":    {"uname", `[ "$1" = -m ] && echo vax || echo Linux`, []string{"the host is Linux vax, and this program runs on Linux ", "of one architecture", "a notebook"}},
	} {
		t.Run(name, func(t *testing.T) {
			cache := host(t, map[string]string{c.command: c.script})
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			rc, err := Start(ctx, 1, On(SSH{Hosts: []string{"n7"}}), Output(new(buffer), new(buffer)))
			if err == nil {
				rc.Close()
				t.Fatal("it was started")
			}
			for _, want := range append(c.want, "ssh n7 ended before it connected") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nwant %q", err, want)
				}
			}
			if left, _ := filepath.Glob(cache + "/goparallel/programs/*.*"); len(left) > 0 {
				t.Error("left there:", left)
			}
		})
	}
}

// TestAProgramThatWasReplacedOnItsHost is told from this one.
func TestAProgramThatWasReplacedOnItsHost(t *testing.T) {
	cache := host(t, nil)
	rc := start(t, 1, On(SSH{Hosts: []string{"n7"}}))
	rc.Close()
	kept, _ := filepath.Glob(cache + "/goparallel/programs/*")
	if len(kept) != 1 {
		t.Fatal(kept)
	}
	data, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	id := []byte(buildid.Of(bytes.NewReader(data)))
	if err := os.WriteFile(kept[0], bytes.ReplaceAll(data, id, append(slices.Clone(id[:len(id)-1]), '!')), 0o700); err != nil {
		t.Fatal(err)
	}
	rc, err = Start(t.Context(), 1, On(SSH{Hosts: []string{"n7"}}), Output(new(buffer), new(buffer)))
	if err == nil {
		rc.Close()
		t.Fatal("another build was let in")
	}
	for _, want := range []string{"ssh n7 was refused", "another build", "remove the folder goparallel/programs of the cache folder there"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
}

// TestALastingClusterOfAnotherArchitecture says so to the program that connects.
func TestALastingClusterOfAnotherArchitecture(t *testing.T) {
	host(t, map[string]string{"uname": `[ "$1" = -m ] && echo aarch64 || echo Linux`})
	if runtime.GOARCH == "arm64" {
		t.Skip("this is a machine of that architecture")
	}
	home(t)
	ctx, stop := context.WithCancel(t.Context())
	d, err := daemon.Start(ctx, daemon.Options{Name: "other", Engines: 1, Start: backend.Options{Launcher: SSH{Hosts: []string{"n7"}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Wait()
	defer stop()
	rc, err := Connect(ctx, "other")
	if err == nil {
		rc.Close()
		t.Fatal("it has engines")
	}
	if want := "ssh n7 ended before it connected: the host is Linux aarch64, and this program runs on Linux x86_64: a cluster that lives on has code for its own architecture, amd64, and none for arm64: start a cluster of its own on a machine like the host"; !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nwant %q", err, want)
	}
}
