package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// FuzzCell gives any text, magics included, to a session that has seen some
// cells. It must be compiled or refused, without a panic and without a word of
// ours in the error. What is accepted is type-checked and generated, but not
// built, for speed.
func FuzzCell(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, cell := range txtar.Parse(text).Files {
			if cell.Name == "in" {
				f.Add(string(cell.Data))
			}
		}
	}
	for _, cell := range []string{
		"%timeit -n 3 p.area()", "x := 1\n%time x++ // {\nx", "%%timeit -r 2\nvar s int\ns += p.x", "%%time\n!ls\np", "%%\nfunc main() { p.area() }",
		"if true {\n\t!ls {p.x} $HOME\n\t%cd ..\n}", "%%bash\nls", "p?\n?p.area\n%timeit?", "%who\n%del p, g\n%env A=1\n%rerun 1-2", "%timeit }; {\n%%main",
	} {
		f.Add(cell)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	f.Cleanup(cancel)
	s, err := Open(ctx, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	if _, err := s.Compile(ctx, "import \"fmt\"\ntype point struct{ x, y int }\nfunc (p point) area() int { return p.x }\nvar p = point{1, 2}\nfunc g[T any](x T) T { fmt.Print(p); return x }", 1); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if strings.Contains(code, "import") {
			t.Skip("would ask the go command")
		}
		if n := utf8.RuneCountInString(code); utf8.RuneCountInString(magic.Blank(code)) != n {
			t.Fatal("the Go code of the cell has other places")
		}
		text, wrong := magic.Rewrite(code)
		if wrong != nil {
			if lines := strings.Split(code, "\n"); wrong.Line < 1 || wrong.Line > len(lines) || wrong.Column < 1 || wrong.Column > len(lines[wrong.Line-1])+1 {
				t.Fatalf("%d:%d: %s is at no place of the cell", wrong.Line, wrong.Column, wrong.Message)
			}
			return
		}
		s.turn.Lock()
		defer s.turn.Unlock()
		c := s.compilation(ctx, check.KeyOf(text.Source), text.Source)
		_, err := s.unit(c, false)
		if errs, ok := errors.AsType[*diag.Errors](err); ok && (strings.Contains(errs.Error(), "bug in goparallel") || strings.Contains(errs.Error(), "ᐧ") && !strings.Contains(code, "ᐧ")) {
			t.Fatal(errs)
		}
	})
}
