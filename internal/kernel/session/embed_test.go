package session_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/kernel/session"
)

// openIn is open for a notebook in a folder.
func openIn(t testing.TB, dir string) *notebook {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, err := session.Open(ctx, session.Options{Arch: arch(), Dir: dir, Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	h, err := host.Start(ctx, host.Options{Path: s.Host(), Dir: dir, CellName: s.CellName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return &notebook{t: t, session: s, host: h}
}

// write makes files below a folder.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEmbeddedFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.txt": "hello", "b c.txt": "blank", "empty": "",
		"data/x.csv": "1,2", "data/.hidden": "h", "data/_under": "u", "data/sub/y.csv": "3", "data/other/go.mod": "module other", "data/other/z": "z",
	})
	if err := os.Symlink("a.txt", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	n := openIn(t, dir)
	n.expect("//go:embed a.txt\nvar s string\ns", "hello\n")
	n.expect("import \"embed\"\n\n//go:embed a.txt\n\n// Blank lines and comments may stand in between.\nvar raw []byte\nraw[0] = 'J'\nstring(raw)", "Jello\n")
	n.expect("//go:embed a.txt\nvar raw []byte\nstring(raw)", "hello\n")
	n.expect("raw[0] = 'X'; string(raw)", "Xello\n")
	n.expect("type text string\ntype octet byte\nvar (\n\t//go:embed \"b c.txt\"\n\tspaced text\n\tother = 3\n\t//go:embed `a.txt`\n\toctets []octet\n)\nspaced, other, len(octets)", "blank 3 5\n")
	n.expect("//go:embed empty\nvar empty []byte\nempty != nil, len(empty)", "true 0\n")
	const list = "import (\"fmt\"; \"io/fs\")\nfunc list(f fs.FS) (names []string) {\n\t_ = fs.WalkDir(f, \".\", func(name string, d fs.DirEntry, err error) error {\n\t\tif !d.IsDir() { names = append(names, name) }\n\t\treturn err\n\t})\n\treturn names\n}\n"
	n.expect(list+"//go:embed data *.txt\nvar files embed.FS\nlist(files)", "[a.txt b c.txt data/sub/y.csv data/x.csv]\n")
	n.expect("//go:embed all:data\n//go:embed a.txt\nvar all embed.FS\nlist(all)", "[a.txt data/.hidden data/_under data/sub/y.csv data/x.csv]\n")
	n.expect("csv, err := files.ReadFile(\"data/x.csv\")\nstring(csv)", "1,2\n")
	n.expect("func init() { initial = s + \"!\" }\n//go:embed a.txt\nvar s string\nvar initial string\ninitial", "hello!\n")

	// What has changed is taken up when the cell is run again.
	const again = "//go:embed a.txt\nvar changing string\nchanging"
	n.expect(again, "hello\n")
	write(t, dir, map[string]string{"a.txt": "changed"})
	n.expect(again, "changed\n")
	write(t, dir, map[string]string{"data/new": "new"})
	n.expect("//go:embed data\nvar tree embed.FS\nlist(tree)", "[data/new data/sub/y.csv data/x.csv]\n")

	for code, want := range map[string]string{
		"//go:embed none.txt\nvar x string":                               "1:1: pattern none.txt: no matching files found in " + dir,
		"//go:embed ../secret\nvar x string":                              "1:1: pattern ../secret: invalid pattern syntax",
		"//go:embed /etc/passwd\nvar x string":                            "1:1: pattern /etc/passwd: invalid pattern syntax",
		"//go:embed link\nvar x string":                                   "1:1: pattern link: cannot embed irregular file link",
		"//go:embed data/other/z\nvar x string":                           "1:1: pattern data/other/z: cannot embed data/other/z: in different module",
		"//go:embed a.txt empty\nvar x string":                            "1:1: invalid go:embed: multiple files for type string",
		"//go:embed a.txt\nvar x int":                                     "1:1: go:embed cannot apply to var of type int",
		"//go:embed a.txt\nvar x, y string":                               "1:1: go:embed cannot apply to multiple vars",
		"//go:embed a.txt\nvar x = \"text\"":                              "1:1: go:embed cannot apply to var with initializer",
		"//go:embed\nvar x string":                                        "1:1: usage: //go:embed pattern...",
		"//go:embed \"a.txt\nvar x string":                                "1:1: invalid quoted string in //go:embed: \"a.txt",
		"func f() {\n\t//go:embed a.txt\n\tvar x string\n}":               "2:2: misplaced compiler directive",
		"//go:embed a.txt\nx := 3":                                        "1:1: misplaced compiler directive",
		"var x string\n//go:embed a.txt":                                  "2:1: misplaced compiler directive",
		"x := 1 //go:embed a.txt\nvar y string":                           "1:8: misplaced compiler directive",
		"//go:embed a.txt\nfunc f() {}":                                   "1:1: misplaced compiler directive",
		"var (\n\t//go:embed a.txt\n\tfine string\n\t//go:embed a.txt\n)": "4:2: misplaced compiler directive",
	} {
		if got := n.run(code); !strings.Contains(got, want) {
			t.Errorf("%s\ngives %s, want %s", code, got, want)
		}
	}
	n.expect("s", "hello\n")
}

// TestEmbeddedFilesOnEngines reads them in functions that run in other processes.
func TestEmbeddedFilesOnEngines(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.txt": "hello", "data/x": "x", "data/y": "why"})
	n := openIn(t, dir)
	n.expect(`import (
	"context"
	"embed"
	"fmt"

	"github.com/goparallel/goparallel/parallel"
)
//go:embed a.txt
var s string
//go:embed a.txt
var raw []byte
//go:embed data
var files embed.FS
rc, err := parallel.Start(context.Background(), 1)
err`, "<nil>\n")
	n.expect(`rc.LoadBalanced().MapSync(func(name string) string {
	data, err := files.ReadFile("data/" + name)
	return fmt.Sprint(s, string(raw), string(data), err)
}, []string{"x", "y"})`, "[hellohellox<nil> hellohellowhy<nil>]\n")
	n.expect("rc.Close()", "")
}

// expect runs a cell that shows just that.
func (n *notebook) expect(code, want string) {
	n.t.Helper()
	if got := n.run(code); got != want {
		n.t.Errorf("cell %d:\n%s\ngives %q, want %q", n.count, code, got, want)
	}
}
