package parallel

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// buildService builds a version of testdata/service and returns its path.
func buildService(t *testing.T, version, flags string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "service")
	build := exec.Command("go", "build", "-o", path, "-ldflags", "-X main.version="+version+" "+flags, "./testdata/service")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// service is a running testdata/service.
type service struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func runService(t *testing.T, path string, env ...string) *service {
	t.Helper()
	s := &service{Cmd: exec.Command(path)}
	s.Env = append(os.Environ(), env...)
	s.in, _ = s.StdinPipe()
	out, _ := s.StdoutPipe()
	s.out = bufio.NewScanner(out)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.in.Close()
		s.Wait()
	})
	return s
}

// line returns the next line of output.
func (s *service) line() string {
	s.out.Scan()
	return s.out.Text()
}

// call has an engine say its version and its process number.
func (s *service) call(t *testing.T) (version string, pid int) {
	t.Helper()
	fmt.Fprintln(s.in, "call")
	got := s.line()
	if _, err := fmt.Sscanf(got, "[%s %d] <nil>", &version, &pid); err != nil {
		t.Fatalf("%q: %v", got, err)
	}
	return version, pid
}

// TestDeployments are of real programs, which start engines and are replaced while they run.
func TestDeployments(t *testing.T) {
	v1, v2 := buildService(t, "v1", ""), buildService(t, "v2", "")
	t.Run("engines stay the program that runs", func(t *testing.T) { staysTheProgramThatRuns(t, v1, v2) })
	t.Run("an engine of another build is refused", func(t *testing.T) { refusesAnotherBuild(t, copyOf(t, v1), copyOf(t, v2)) })
	t.Run("so it is where builds have no id", func(t *testing.T) {
		const flags = "-buildid=redacted" // as Bazel does it
		refusesAnotherBuild(t, buildService(t, "v1", flags), buildService(t, "v2", flags))
	})
	t.Run("without Init nothing is started", func(t *testing.T) { startsNothingWithoutInit(t, v1) })
}

// staysTheProgramThatRuns deploys a new version over a running one.
func staysTheProgramThatRuns(t *testing.T, v1, v2 string) {
	for name, deploy := range map[string]func(path string) error{
		"renamed over": func(path string) error { return os.Rename(copyOf(t, v2), path) },
		"deleted":      os.Remove,
		"moved away": func(path string) error {
			if err := os.Rename(path, path+".old"); err != nil {
				return err
			}
			return os.Rename(copyOf(t, v2), path)
		},
	} {
		path := copyOf(t, v1)
		s := runService(t, path)
		if got := s.line(); got != "main runs" {
			t.Fatal(got)
		}
		version, pid := s.call(t)
		if version != "v1" {
			t.Fatal(name, version)
		}
		if comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); string(comm) != filepath.Base(path)+"\n" {
			t.Errorf("an engine's process is called %q", comm)
		}
		if err := deploy(path); err != nil {
			t.Fatal(err)
		}
		syscall.Kill(pid, syscall.SIGKILL)
		version, again := s.call(t)
		if version != "v1" || again == pid {
			t.Errorf("%s: after the deployment an engine of %s answers, from process %d (before: %d)", name, version, again, pid)
		}
	}
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	to := filepath.Join(t.TempDir(), "program")
	if err == nil {
		err = os.WriteFile(to, data, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// refusesAnotherBuild replaces an executable that engines are and this process is not.
func refusesAnotherBuild(t *testing.T, path, v2 string) {
	hooks.SetProgram(path)
	defer hooks.SetProgram("")
	rc := start(t, 1)
	answers := &registry.Function{Info: registry.Info{Name: "answer"}, Runner: registry.Fn1R(func(int) string { return "" })}
	ask := func() (string, error) {
		v, err := rc.LoadBalanced().mapValues(answers, reflect.ValueOf([]int{0})).Get()
		return fmt.Sprint(v), err
	}
	if got, err := ask(); err != nil || !strings.HasPrefix(got, "[v1 ") {
		t.Fatalf("%q, %v", got, err)
	}
	if err := os.Rename(v2, path); err != nil {
		t.Fatal(err)
	}
	syscall.Kill(rc.Pid(0), syscall.SIGKILL)
	if got, err := ask(); err == nil || !strings.Contains(err.Error(), "another build") {
		t.Errorf("%q, %v", got, err)
	}
}

// startsNothingWithoutInit: engines of the program would run all of its main.
func startsNothingWithoutInit(t *testing.T, path string) {
	s := runService(t, path, "SERVICE_WITHOUT_INIT=yes")
	var lines []string
	for s.out.Scan() {
		lines = append(lines, s.out.Text())
	}
	text := strings.Join(lines, "\n")
	if strings.Count(text, "main runs") != 1 || !strings.Contains(text, "has not called parallel.Init") || !strings.Contains(text, "parallel.TestMain(m)") {
		t.Error(text)
	}
}

// TestSlowEnginesAreWaitedFor: of two engines one does not come to Init.
func TestSlowEnginesAreWaitedFor(t *testing.T) {
	t.Setenv("TEST_BEFORE_INIT", "sleep, all but one")
	t.Setenv("TEST_FIRST", filepath.Join(t.TempDir(), "first"))
	var out buffer
	rc := start(t, 2, AtLeast(1), Output(&out, &out))
	if ys, err := rc.LoadBalanced().MapSync(pow10, []int{2, 3}); err != nil || ys[0] != 1024 || len(rc.IDs()) != 1 {
		t.Error(ys, err, rc.IDs())
	}
	rc.Close()
	if _, err := Start(context.Background(), 2, AtLeast(3)); err == nil {
		t.Error("three of two engines")
	}

	os.Remove(os.Getenv("TEST_FIRST"))
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	_, err := Start(ctx, 2, Output(&out, &out))
	for _, want := range []string{"deadline exceeded", "1 of 2 engines had connected", "has not come to parallel.Init", "parallel_test.slowInit", "main_test.go:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	said := out.take()
	for _, want := range []string{"1 of 2 engines are connected after 4s; waiting for engine ", "[stderr:", "this engine has not come to parallel.Init: main runs, and it is in github.com/goparallel/goparallel/parallel_test.slowInit at "} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in %q", want, said)
		}
	}
}
