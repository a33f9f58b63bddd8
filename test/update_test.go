package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A kernel goes on when goparallel is installed anew, in the way of install.sh: what it starts
// later, a process for the cells after one has ended, or engines, is of its own build.
func TestKernelsGoOnWhenGoparallelIsUpdated(t *testing.T) {
	old := binary
	binary = filepath.Join(t.TempDir(), "goparallel")
	defer func() { binary = old }()
	install := func(program string) {
		t.Helper()
		data, err := os.ReadFile(program)
		if err == nil {
			err = os.WriteFile(binary+".new", data, 0o700)
		}
		if err == nil {
			err = os.Rename(binary+".new", binary)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	install(old)
	k := start(t)
	k.run("x := 1")
	install("/bin/false")
	use := func() {
		t.Helper()
		if got := k.run("func twice(x int) int { return 2 * x }\nrc, err := parallel.Start(context.Background(), 1)\nvar ys []int\nif err == nil {\n\tys, err = rc.All().MapSync(twice, []int{20 + x})\n\trc.Close()\n}\nfmt.Println(ys, err)"); !strings.Contains(got, "[42] <nil>") {
			t.Errorf("it shows %q", got)
		}
	}
	use()
	k.fail("os.Exit(3)")
	k.run("x := 1")
	use()
	if err := os.Remove(binary); err != nil {
		t.Fatal(err)
	}
	k.run("import \"net/url\"\nurl.PathEscape(\"a b\")")
	use()
}
