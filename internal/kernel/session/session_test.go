package session_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// A notebook is a session with its host, as the kernel has them.
type notebook struct {
	t       testing.TB
	session *session.Session
	host    *host.Process
	count   int
}

func open(t testing.TB) *notebook {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, err := session.Open(ctx, session.Options{Arch: arch(), Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	h, err := host.Start(ctx, host.Options{Path: s.Host(), Dir: t.TempDir(), CellName: s.CellName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return &notebook{t: t, session: s, host: h}
}

// run executes a cell and returns all that it shows: output, result and error.
func (n *notebook) run(code string) string { return withoutWaits(n.execute(code).text.String()) }

func (n *notebook) execute(code string) *recorder {
	n.t.Helper()
	n.count++
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out := &recorder{}
	if names, ok := strings.CutPrefix(code, "%del "); ok {
		notes, err := n.session.Delete(strings.Fields(names))
		if err != nil {
			n.t.Fatal(err)
		}
		for _, note := range notes {
			out.add("note: %s\n", note)
		}
		return out
	}
	u, err := n.session.Compile(ctx, code, n.count)
	if errs, ok := errors.AsType[*diag.Errors](err); ok {
		for _, d := range errs.List {
			out.add("%s:%d:%d: %s\n", n.session.CellName(d.Unit), d.Line, d.Column, d.Message)
			if d.Hint != "" {
				out.add("hint: %s\n", d.Hint)
			}
		}
		return out
	} else if err != nil {
		n.t.Fatalf("compile cell %d: %v", n.count, err)
	}
	for _, note := range u.Notes {
		out.add("note: %s\n", note)
	}
	outcome := n.host.Run(ctx, host.Program{Load: u.Modules(), Run: u.ID}, cell.Request{Code: code, Count: n.count}, out)
	if outcome.Err != nil {
		out.add("%s: %s\n", outcome.Err.Name, outcome.Err.Value)
	}
	return out
}

// recorder writes down what a cell shows, as text.
type recorder struct {
	mu     sync.Mutex
	text   strings.Builder
	stderr strings.Builder // that part of it
	others strings.Builder // the rest
}

func (r *recorder) add(format string, args ...any) {
	r.write(&r.others, fmt.Sprintf(format, args...))
}

func (r *recorder) write(part *strings.Builder, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.WriteString(text)
	part.WriteString(text)
}

func (r *recorder) Stream(name, text string) {
	if name == "stderr" {
		r.write(&r.stderr, text)
	} else {
		r.write(&r.others, text)
	}
}
func (r *recorder) Display(d cell.Bundle, _ map[string]any, _ string) {
	r.add("display: %v\n", d["text/plain"])
}
func (r *recorder) Update(d cell.Bundle, _ map[string]any, _ string) {
	r.add("update: %v\n", d["text/plain"])
}
func (r *recorder) Result(d cell.Bundle, _ map[string]any) { r.add("%v\n", d["text/plain"]) }
func (r *recorder) Clear(bool)                             {}
func (r *recorder) Comm(m cell.Comm)                       {}
func (r *recorder) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("no input")
}

// TestNotebooks runs the notebooks of testdata: cells, each followed by what it
// shows.
func TestNotebooks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no notebooks in testdata", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n := open(t)
			for i := 0; i+1 < len(archive.Files); i += 2 {
				in, out := archive.Files[i], archive.Files[i+1]
				if in.Name != "in" || out.Name != "out" {
					t.Fatalf("%s: sections must be in and out by turns", file)
				}
				got := n.run(strings.TrimSuffix(string(in.Data), "\n"))
				if diff := cmp.Diff(string(out.Data), got); diff != "" {
					t.Errorf("cell %d:\n%s\n-want +got:\n%s", n.count, in.Data, diff)
				}
			}
		})
	}
}

// TestCellsKnowTheRelease tests what programs learn of the go command that made them.
func TestCellsKnowTheRelease(t *testing.T) {
	n := open(t)
	n.expect("import (\"go/build\"; \"go/importer\"; \"os\"; \"path/filepath\"; \"runtime\"; \"runtime/debug\")\n"+
		"_, missing := os.Stat(filepath.Join(runtime.GOROOT(), `src`, `fmt`))\nmissing == nil, build.Default.GOROOT == runtime.GOROOT()", "true true\n")
	n.expect("pkg, err := importer.Default().Import(`sort`)\npkg.Scope().Lookup(`Ints`) != nil, err", "true <nil>\n")
	n.expect("of := map[string]string{}\ninfo, ok := debug.ReadBuildInfo()\nfor _, s := range info.Settings { of[s.Key] = s.Value }\n"+
		"ok, info.GoVersion == runtime.Version(), info.Path, of[`GOOS`] == runtime.GOOS, of[`GOARCH`] == runtime.GOARCH", "true true command-line-arguments true true\n")
}
