package session_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEffects runs the cells of testdata/effects: Go files whose functions and
// variables have a comment that begins with "changes" and says what a call could
// change in the caller's process, as the registry has it; "changes nothing" where
// that is nothing. A line that is "// ---" begins the next cell.
func TestEffects(t *testing.T) {
	files, err := filepath.Glob("testdata/effects/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no cells in testdata/effects", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			n := open(t)
			n.run(`import (
				_ "github.com/goparallel/goparallel/parallel"
				"github.com/goparallel/goparallel/parallel/registry"
			)`)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, cells, _ := strings.Cut(string(text), "package main\n")
			for cell := range strings.SplitSeq(cells, "\n// ---\n") {
				if out := n.run(cell); out != "" {
					t.Fatalf("%s\n%s", cell, out)
				}
			}
			want := expectations(t, file)
			var ask strings.Builder
			for _, e := range want {
				fmt.Fprintf(&ask, "{ what, known := registry.Writes(%s); fmt.Printf(\"%s|%%s|%%v\\n\", what, known) }\n", e.name, e.name)
			}
			out := n.run("import \"fmt\"\n" + ask.String())
			got := strings.Split(strings.TrimSpace(out), "\n")
			if len(got) != len(want) {
				t.Fatalf("%d answers to %d questions:\n%s", len(got), len(want), out)
			}
			for i, e := range want {
				if line := fmt.Sprintf("%s|%s|true", e.name, e.what); got[i] != line {
					t.Errorf("got  %s\nwant %s", got[i], line)
				}
			}
		})
	}
}

type expectation struct{ name, what string }

// expectations reads the comments of a file's declarations.
func expectations(t *testing.T, file string) (list []expectation) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	add := func(doc *ast.CommentGroup, name string) {
		text := strings.Join(strings.Fields(doc.Text()), " ")
		switch {
		case text == "changes nothing":
			list = append(list, expectation{name, ""})
		case strings.HasPrefix(text, "changes: "):
			list = append(list, expectation{name, strings.TrimPrefix(text, "changes: ")})
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Doc != nil && d.Recv == nil {
				add(d.Doc, name)
			}
		case *ast.GenDecl:
			if d.Doc != nil && d.Tok == token.VAR {
				add(d.Doc, d.Specs[0].(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b expectation) int { return cmp.Compare(a.name, b.name) })
	return list
}
