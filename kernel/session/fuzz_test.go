package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// FuzzCell gives any text to a session that has seen some cells. It must be
// compiled or refused, without a panic and without a word of ours in the error.
// What is accepted is type-checked and generated, but not built, for speed.
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
		s.mu.Lock()
		defer s.mu.Unlock()
		c := &compilation{s: s, ctx: ctx, key: keyOf(code), code: []byte(code)}
		_, err := c.run()
		if errs, ok := errors.AsType[*Errors](err); ok && strings.Contains(errs.Error(), "bug in goparallel") {
			t.Fatal(errs)
		}
	})
}
