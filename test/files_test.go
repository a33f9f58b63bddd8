package test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of the product has one job and at most 400 lines; a longer one is cut by its jobs.
func TestFilesAreShort(t *testing.T) {
	const most = 400
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		files++
		if lines := bytes.Count(text, []byte("\n")); lines > most {
			t.Errorf("%s has %d lines", strings.TrimPrefix(path, "../"), lines)
		}
		return err
	})
	if err != nil || files < 400 {
		t.Errorf("%d files: %v", files, err)
	}
}
