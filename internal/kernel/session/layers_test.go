package session

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers are the packages of this one that a cell passes through, from below. None imports one
// that stands behind it.
var layers = []string{"toolchain", "diag", "syntax", "typetext", "effects", "decl", "check", "rewrite", "shown", "assist", "", "program"}

// TestLayers reads the imports of all files. What makes packages and objects is beside the
// layers: it must know of no cell.
func TestLayers(t *testing.T) {
	const own = "github.com/goparallel/goparallel/internal/kernel/session"
	files, err := filepath.Glob("*.go")
	below, err2 := filepath.Glob("*/*.go")
	if err != nil || err2 != nil || len(below) < 50 {
		t.Fatal(len(below), err, err2)
	}
	for _, file := range append(files, below...) {
		if strings.HasSuffix(file, "_test.go") || filepath.Dir(file) == "sessiontest" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.Index(layers, strings.TrimPrefix(filepath.Dir(file), "."))
		for _, spec := range parsed.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if path != own && !strings.HasPrefix(path, own+"/") {
				continue
			}
			name := strings.TrimPrefix(strings.TrimPrefix(path, own), "/")
			switch to := slices.Index(layers, name); {
			case at >= 0 && to >= at:
				t.Errorf("%s imports %q, which stands above it", file, name)
			case at < 0 && to >= slices.Index(layers, "decl"):
				t.Errorf("%s imports %q, and is to know of no cell", file, name)
			}
		}
	}
}
