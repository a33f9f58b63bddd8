package session_test

import (
	"strings"
	"testing"
)

// TestPackagesThatFailToInitialise imports packages whose initialisation does not
// end well: they are not usable afterwards, whoever imports them, and say why.
func TestPackagesThatFailToInitialise(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":           "module example.com/m\n\ngo 1.25\n",
		"panics/panics.go": "package panics\n\nimport \"example.com/m/fine\"\n\nvar A = fine.Next()\nvar B = compute()\nvar C = 3\n\nfunc compute() int { panic(\"no B today\") }\n",
		"above/above.go":   "package above\n\nimport \"example.com/m/panics\"\n\nfunc B() int { return panics.B }\n",
		"fine/fine.go":     "package fine\n\nvar n = 10\n\nfunc Next() int { n++; return n }\n",
		"exits/exits.go":   "package exits\n\nimport \"runtime\"\n\nvar X = 1\n\nfunc init() { runtime.Goexit() }\n",
		"waits/waits.go":   "package waits\n\nvar X = 1\n\nfunc init() { <-make(chan int) }\n",
		"late/late.go":     "package late\n\nimport \"time\"\n\nvar X = 1\n\nfunc init() { time.Sleep(2 * time.Second); X = 2 }\n",
	})
	n := openIn(t, dir)
	for _, cell := range []struct{ code, want string }{
		{"import \"example.com/m/panics\"\npanics.A", "panic: no B today\n"},
		{"import \"example.com/m/panics\"\npanics.A", "panics"},
		{"import p \"example.com/m/panics\"\np.C", "no B today"},
		{"import \"example.com/m/above\"\nabove.B()", "no B today"},
		{"import \"example.com/m/fine\"\nfine.Next()", "12\n"},
		{"import \"example.com/m/exits\"\nexits.X", "Goexit"},
		{"import \"example.com/m/exits\"\nexits.X + 1", "Goexit"},
		{"import \"example.com/m/waits\"\nwaits.X", "deadlock"},
		{"import \"example.com/m/waits\"\nwaits.X + 1", "example.com/m/waits"},
		{"1 + 1", "2\n"},
	} {
		got := n.run(cell.code)
		t.Logf("%s\n%s", cell.code, got)
		if !strings.Contains(got, cell.want) {
			t.Errorf("%s\ngives %s, want %s", cell.code, got, cell.want)
		}
	}
}
