package docs

import (
	"go/token"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Objects of compiled packages lead to what their source says of them.
func TestObjectsOfCompiledPackagesAreDescribed(t *testing.T) {
	ws, err := workspace.Open(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	index, err := modules.New(ws, t.TempDir(), t.TempDir(), fset)
	if err != nil {
		t.Fatal(err)
	}
	d := New(index, ws.Tools.Root, fset)
	pkg, err := index.Import("strings")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"Cut":     {"func Cut(s, sep string) (before, after string, found bool)", "Cut slices s around the first instance of sep", `import "strings"`, "Example:"},
		"Builder": {"type Builder struct", "func (b *Builder) WriteString(s string) (int, error)", "The zero value is ready to use"},
	} {
		page := d.Describe(t.Context(), pkg.Scope().Lookup(name)).Bundle()
		for _, part := range want {
			if text, _ := page["text/plain"].(string); !strings.Contains(text, part) {
				t.Errorf("the page of strings.%s lacks %q:\n%s", name, part, text)
			}
		}
	}
	if text := d.Source(t.Context(), pkg.Scope().Lookup("Clone")); !strings.Contains(text, "return stringslite.Clone(s)") {
		t.Errorf("the source of strings.Clone: %s", text)
	}
	if !d.Deprecated("strings")["Title"] || d.Deprecated("strings")["ToTitle"] {
		t.Error("of Title and ToTitle only the first is deprecated")
	}
}
