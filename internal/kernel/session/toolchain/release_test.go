package toolchain

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
			t.Errorf("%s has go %s and toolchain %v, and the constant says %s", path, file.Go.Version, file.Toolchain, Version)
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

// reaching are the packages that name what Go's own packages do not export; each says beside
// the name what it takes for granted. Another release may have it otherwise.
var reaching = []string{"internal/kernel/host/goruntime", "internal/kernel/loader", "internal/parallel/poll"}

// TestLinknamesAreInTheirRooms looks for the directive in all source, so that a new release of
// Go is looked at in these packages and in no others.
func TestLinknamesAreInTheirRooms(t *testing.T) {
	root := "../../../.."
	directive := regexp.MustCompile(`(?m)^//go:linkname \S+ \S+`)
	found := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !directive.Match(text) {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		found[dir] = true
		if !slices.Contains(reaching, dir) {
			t.Errorf("%s names what another package does not export", path)
		}
		return err
	})
	if err != nil || len(found) != len(reaching) {
		t.Errorf("such names are in %v: %v", found, err)
	}
}
