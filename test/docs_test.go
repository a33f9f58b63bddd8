package test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Files and folders that documents name are there. What a package's own page calls by its last
// part alone, such as decl/origin.go, is not looked for.
func TestPathsInDocuments(t *testing.T) {
	named := regexp.MustCompile("[`*(](?:\\./)?((?:internal|parallel|kernel|plots|cmd|bench|test|docs|examples|observe)/[\\w./-]+)")
	patterns := []string{"../*.md", "../docs/*.md", "../docs/decisions/*.md"}
	sources := []string{"../internal/goabi/*.go", "../internal/kernel/doctor/cells.go"} // which say where assumptions stand
	elsewhere := map[string]bool{
		"cmd/internal/goobj": true, "internal/abi": true, // of Go's own source
		"kernel/internal": true, "parallel/internal": true, // of a design that was not taken
	}
	count := 0
	for _, pattern := range append(patterns, sources...) {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(text), -1) {
				path := strings.TrimSuffix(strings.TrimRight(m[1], "."), "/...")
				count++
				if elsewhere[path] {
					continue
				}
				if _, err := os.Stat(filepath.Join("..", path)); err == nil {
					continue
				}
				// Where the module ends, a path can go on as a folder of it: parallel/….
				if _, err := os.Stat(filepath.Join("../internal", path)); err != nil {
					t.Errorf("%s names %s, which is not there", strings.TrimPrefix(file, "../"), path)
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d paths were found", count)
	}
}
