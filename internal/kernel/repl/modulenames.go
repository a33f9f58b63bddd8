package repl

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// moduleNames lists the modules in the machine's module cache, with their
// versions: those that can be had without the network.
func moduleNames(typed string) (items []cell.Completion) {
	root := os.Getenv("GOMODCACHE")
	if root == "" {
		root = filepath.Join(filepath.SplitList(build.Default.GOPATH)[0], "pkg", "mod")
	}
	parent, prefix := filepath.Split(typed)
	escaped, err := module.EscapePath(strings.TrimSuffix(parent, "/"))
	if parent != "" && err != nil {
		escaped = strings.TrimSuffix(parent, "/") // half a path
	}
	entries, err := os.ReadDir(filepath.Join(root, escaped))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		escaped, version, _ := strings.Cut(e.Name(), "@")
		name, err := module.UnescapePath("a.b/" + escaped) // as a part of a path
		if err != nil {
			continue
		}
		name = strings.TrimPrefix(name, "a.b/")
		if version != "" {
			name += "@" + version
		}
		if !e.IsDir() || !strings.HasPrefix(name, prefix) || parent == "" && !strings.Contains(name, ".") {
			continue
		}
		one := cell.Completion{Text: parent + name, Kind: "module", Signature: "in the module cache"}
		if version == "" {
			one.Text, one.Signature = one.Text+"/", "folder of the module cache"
		}
		items = append(items, one)
	}
	return items
}
