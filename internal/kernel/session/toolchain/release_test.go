package toolchain

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// What else names the Go release agrees with [Version]; where a script needs it, it reads go.mod.
func TestOneGoRelease(t *testing.T) {
	root := "../../../.."
	language := strings.TrimPrefix(Language, "go")
	modules, scripts := 0, 0
	release := regexp.MustCompile(`\bgo1\.\d+`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git") {
			return fs.SkipDir
		}
		name := d.Name()
		switch filepath.Ext(name) {
		case ".sh", ".yml":
			scripts++
			text, err := os.ReadFile(path)
			if found := release.Find(text); found != nil {
				t.Errorf("%s names %s; go.mod has the release", path, found)
			}
			return err
		}
		if name != "go.mod" {
			return nil
		}
		modules++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := modfile.Parse(path, text, nil)
		if err != nil {
			return err
		}
		if file.Go.Version != language+".0" || file.Toolchain == nil || file.Toolchain.Name != Version {
			t.Errorf("%s has go %s and toolchain %v, and Version is %s", path, file.Go.Version, file.Toolchain, Version)
		}
		return nil
	})
	if err != nil || modules < 3 || scripts < 4 {
		t.Errorf("%d modules and %d scripts were found: %v", modules, scripts, err)
	}
	for _, doc := range []string{"README.md", "docs/notebook.md"} {
		text, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil || !regexp.MustCompile(`whole\s+of\s+Go\s+`+regexp.QuoteMeta(language)+`\b`).Match(text) {
			t.Errorf("%s does not say that cells are written in Go %s (%v)", doc, language, err)
		}
	}
}
