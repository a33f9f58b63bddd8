package session_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

var corpus = flag.Int("corpus", 40, "run every n-th of the Go distribution's test programs, split into cells; 1 runs all of them")

// TestCorpus runs the Go distribution's own test programs that are marked
// "// run" and need no files, arguments or compiler flags, each top-level
// declaration in a cell of its own and main() in the last, and compares the
// output with go run's. testdata/corpus.txt lists the programs that do not pass,
// and why; one that is on the list and passes fails the test, as does one that
// fails and is not. The programs lie in the test folder of an installed Go
// release; downloaded toolchains do not have it. One program alone:
//
//	go test ./internal/kernel/session -corpus 1 -run TestCorpus/fixedbugs/bug027.go
func TestCorpus(t *testing.T) {
	root := testFolder()
	if root == "" {
		t.Skip("no Go installation with its test folder was found (looked in /usr/local/go, /usr/lib/go and GOROOT)")
	}
	listed := corpusList(t)
	var passed, failed, skipped atomic.Int32
	t.Run("programs", func(t *testing.T) {
		for i, file := range corpusPrograms(root) {
			name := strings.TrimPrefix(file, root+"/")
			if (i+1)%*corpus != 0 {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				failure, skip := runProgram(t, file)
				reason, expected := listed[name]
				switch {
				case skip != "":
					skipped.Add(1)
					t.Skip(skip)
				case failure == "" && expected:
					t.Errorf("passes, but testdata/corpus.txt says: %s", reason)
				case failure == "":
					passed.Add(1)
				case expected:
					failed.Add(1)
					t.Skipf("as listed: %s", reason)
				default:
					failed.Add(1)
					t.Error(failure)
				}
			})
		}
	})
	if skipped.Load() > passed.Load() {
		t.Error("go run fails for most programs, so this says nothing")
	}
	t.Logf("%d of %d programs pass; %d others are not for comparison", passed.Load(), passed.Load()+failed.Load(), skipped.Load())
}

// corpusPrograms lists the programs that are marked "// run" and nothing else.
func corpusPrograms(root string) []string {
	files, _ := filepath.Glob(root + "/*.go")
	more, _ := filepath.Glob(root + "/*/*.go")
	files = append(files, more...)
	slices.Sort(files)
	return slices.DeleteFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err != nil || !regexp.MustCompile(`(?m)^// run\s*$`).Match(text)
	})
}

// corpusList reads the programs that are known not to pass, and why.
func corpusList(t *testing.T) map[string]string {
	data, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := make(map[string]string)
	for line := range strings.Lines(string(data)) {
		if name, reason, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(name, "#") {
			list[name] = reason
		}
	}
	return list
}

func testFolder() string {
	//lint:ignore SA1019 tests run where they were built
	for _, root := range []string{runtime.GOROOT(), "/usr/local/go", "/usr/lib/go", "/usr/lib/go-1.26"} {
		if _, err := os.Stat(root + "/test/helloworld.go"); err == nil {
			return root + "/test"
		}
	}
	return ""
}

// splitProgram cuts a program into cells.
func splitProgram(text []byte) []string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments)
	if err != nil || f.Name.Name != "main" {
		return nil
	}
	var cells []string
	for _, d := range f.Decls {
		start := d.Pos()
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
		case *ast.GenDecl:
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
		}
		cells = append(cells, string(text[fset.Position(start).Offset:fset.Position(d.End()).Offset]))
	}
	return append(cells, "main()")
}

// refused matches the errors of a cell that does not compile: it may refer to
// what a later one declares.
var refused = regexp.MustCompile(`^cell[^:]*:\d+:\d+: `)

// runProgram runs a program in cells and by go run. It returns how the outputs
// differ, or why they are not to be compared.
func runProgram(t *testing.T, file string) (failure, skip string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cells := splitProgram(text)
	if cells == nil {
		return "", "is no main package"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "go", "run", file)
	command.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain.Version)
	var wantOut, wantErr bytes.Buffer
	command.Stdout, command.Stderr = &wantOut, &wantErr
	if err := command.Run(); err != nil {
		return "", fmt.Sprintf("go run fails: %v: %s", err, clip(wantErr.String()))
	}
	r := &programRun{notebook: open(t)}
	if failure := r.cells(cells); failure != "" {
		return failure, ""
	}
	// A program may end with os.Exit(0).
	output := regexp.MustCompile(`(?m)^Exited: os\.Exit\(0\) .*\n`).ReplaceAllString(r.stdout.String(), "")
	if output != wantOut.String() || r.stderr.String() != wantErr.String() {
		return "output:\n" + clip(r.stderr.String()+output) + "\nwant:\n" + clip(wantErr.String()+wantOut.String()), ""
	}
	return "", ""
}

// programNote matches the notes on func main in a cell of its own, and on directives that the
// compiler does not know.
var programNote = regexp.MustCompile(`(?m)^note: (?:main is declared|//go:\w+) .*\n`)

// A programRun is a program that is run in cells.
type programRun struct {
	*notebook
	stdout, stderr strings.Builder
}

// cell runs a cell. It returns the error of one that does not compile.
func (r *programRun) cell(code string) (refusal string) {
	out := r.execute(code)
	if text := out.text.String(); refused.MatchString(text) {
		return text
	}
	r.stderr.WriteString(out.stderr.String())
	r.stdout.WriteString(programNote.ReplaceAllString(out.others.String(), ""))
	return ""
}

// cells runs the declarations of a program and the call of main. A declaration
// that does not compile may refer to later ones, so it waits for them; a variable
// waits for those before it, since their values are computed in that order. What
// is left when all wait for one another goes into one cell.
func (r *programRun) cells(cells []string) (failure string) {
	main := cells[len(cells)-1]
	for pending := cells[:len(cells)-1]; len(pending) > 0; {
		var later []string
		refusal, variables := "", false
		for _, c := range pending {
			isVar := strings.HasPrefix(c, "var")
			if isVar && variables {
				later = append(later, c)
			} else if text := r.cell(c); text != "" {
				refusal, later, variables = text, append(later, c), variables || isVar
			}
		}
		if len(later) == len(pending) {
			if text := r.cell(strings.Join(later, "\n\n")); text != "" {
				return "cannot be ordered: " + clip(refusal+text)
			}
			break
		}
		pending = later
	}
	return r.cell(main)
}

func clip(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}
