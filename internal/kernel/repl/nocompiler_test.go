package repl_test

import (
	"debug/elf"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// TestWithoutACCompiler runs notebooks on a machine that has none: the host is linked by
// Go's linker alone, code in Go does what it does elsewhere, and what needs C is named.
func TestWithoutACCompiler(t *testing.T) {
	tools, err := toolchain.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CC", "")
	t.Setenv("PATH", filepath.Join(tools.Root, "bin"))
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":     "module mine\n\ngo 1.21\n",
		"deep/a.go":  "package deep\n\n// #include <math.h>\n// #cgo LDFLAGS: -lm\nimport \"C\"\n\nfunc Root(x float64) float64 { return float64(C.sqrt(C.double(x))) }\n",
		"half/a.go":  "package half\n\n// int one() { return 1; }\nimport \"C\"\n\nfunc one() int { return int(C.one()) }\n",
		"half/b.go":  "package half\n\nfunc Two() int { return 2 * one() }\n",
		"above/a.go": "package above\n\nimport \"mine/deep\"\n\nfunc Four() float64 { return deep.Root(16) }\n",
		"both/a.go":  "package both\n\n// int one() { return 1; }\nimport \"C\"\n\nfunc One() int { return int(C.one()) }\n",
		"both/b.go":  "//go:build !cgo\n\npackage both\n\nfunc One() int { return 1 }\n",
	})
	n := openIn(t, dir)
	n.ok("type point struct{ X, Y int }\nfunc (p point) Sum() int { return p.X + p.Y }\nvar all = map[any]any{point{1, 2}: \"p\"}", "")
	n.ok("type summer interface{ Sum() int }\ns, is := any(point{3, 4}).(summer)\nall[point{1, 2}], is, s.Sum()", "=> p true 7")
	n.ok("import \"reflect\"\nreflect.ValueOf(point{5, 6}).Method(0).Call(nil)[0].Int(), reflect.SliceOf(reflect.TypeFor[point]()) == reflect.TypeFor[[]point]()", "=> 11 true")
	n.ok("import \"gonum.org/v1/gonum/stat\"\nstat.Mean([]float64{1, 2, 3}, nil)", "=> 2")
	n.ok("import \"os/user\"\nu, err := user.Current()\nu.Uid != \"\", err", "=> true <nil>")
	n.ok("import \"net\"\nips, err := net.LookupHost(\"127.0.0.1\")\nips, err", "=> [127.0.0.1] <nil>")
	n.ok("import \"runtime/cgo\"\nh := cgo.NewHandle(\"kept\")\nh.Value()", "=> kept")
	n.ok("import \"plugin\"\n_, err = plugin.Open(\"/none.so\")\nerr != nil", "=> true")
	n.ok("func crash(p *int) (err any) { defer func() { err = recover() }(); return *p }\ncrash(nil)", "=> error: runtime.errorString: runtime error: invalid memory address or nil pointer dereference")
	n.ok("import (\"context\"; \"github.com/goparallel/goparallel/parallel\")\nrc, err := parallel.Start(context.Background(), 2)\nerr", "=> <nil>")
	n.ok("rc.LoadBalanced().MapSync(func(p point) int { return p.Sum() * p.Sum() }, []point{{1, 1}, {2, 2}})", "=> [4 16]")
	n.ok("import \"mine/both\"\nboth.One()", "=> 1")
	for path, named := range map[string]string{"mine/deep": "", "mine/half": "", "mine/above": "package mine/deep "} {
		if text := n.fails("import \""+path+"\"", "CompileError"); !strings.Contains(text, "cannot import "+path+": "+named+"has code in C, and there is no C compiler: apt-get install") {
			t.Errorf("%s: %s", path, text)
		}
	}
	n.ok("s.Sum() + both.One()", "=> 8")

	ws, err := workspace.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	host, err := elf.Open(ws.Host())
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	if slices.ContainsFunc(host.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		t.Error("the host is for the dynamic linker")
	}
}
