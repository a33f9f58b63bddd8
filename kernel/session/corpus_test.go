package session_test

import (
	"bytes"
	"context"
	"flag"
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
	"testing"
	"time"
)

var corpus = flag.Int("corpus", 0, "run every n-th of the Go distribution's test programs, split into cells; 0 runs none")

// TestCorpus runs the Go distribution's own test programs that are marked
// "// run" and need no files, arguments or compiler flags, each top-level
// declaration in a cell of its own and main() in the last, and compares the
// output with go run's. The programs lie in the test folder of an installed Go
// release; downloaded toolchains do not have it.
func TestCorpus(t *testing.T) {
	if *corpus == 0 {
		t.Skip("needs -corpus")
	}
	root := testFolder()
	if root == "" {
		t.Skip("no Go installation with its test folder was found (looked in /usr/local/go, /usr/lib/go and GOROOT)")
	}
	files, _ := filepath.Glob(root + "/*.go")
	more, _ := filepath.Glob(root + "/*/*.go")
	files = append(files, more...)
	slices.Sort(files)
	number, passed, total := 0, 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !regexp.MustCompile(`(?m)^// run\s*$`).Match(text) {
			continue
		}
		if number++; number%*corpus != 0 {
			continue
		}
		name := strings.TrimPrefix(file, root+"/")
		cells := splitProgram(text)
		if cells == nil {
			continue
		}
		total++
		if reason := runProgram(t, file, cells); reason != "" {
			t.Logf("FAIL %s: %s", name, reason)
		} else {
			passed++
		}
	}
	t.Logf("%d of %d programs pass", passed, total)
}

func testFolder() string {
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

// missing matches errors of a cell that refers to what a later one declares.
var missing = regexp.MustCompile(`undefined: | undefined \(type |missing method `)

func runProgram(t *testing.T, file string, cells []string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	want, err := exec.CommandContext(ctx, "go", "run", file).CombinedOutput()
	if err != nil {
		return "" // go run itself does not like it
	}
	n := open(t)
	defer n.host.Close()
	var got bytes.Buffer
	deadline := time.Now().Add(2 * time.Minute)
	// Declarations that refer to later ones wait for them, as in one package.
	pending := cells
	for len(pending) > 0 {
		var later []string
		var reason string
		for i, c := range pending {
			if i == len(pending)-1 && c == "main()" && len(later) > 0 {
				later = append(later, c)
				break
			}
			out := n.run(c)
			if missing.MatchString(out) {
				later, reason = append(later, c), out
				continue
			}
			got.WriteString(out)
			if time.Now().After(deadline) {
				return "too slow"
			}
		}
		if len(later) == len(pending) {
			// Declarations that need each other go into one cell.
			if out := n.run(strings.Join(later[:len(later)-1], "\n\n")); out != "" || len(later) == 1 {
				return "cannot be ordered: " + clip(reason+out)
			}
			later = later[len(later)-1:]
		}
		pending = later
	}
	// A program may end with os.Exit(0).
	text := regexp.MustCompile(`(?m)^Exited: .* status 0 .*\n`).ReplaceAllString(got.String(), "")
	if text != string(want) {
		return "output:\n" + clip(text) + "\nwant:\n" + clip(string(want))
	}
	return ""
}

func clip(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}
