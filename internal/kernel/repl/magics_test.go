package repl_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/magic"
)

// TestArgumentsThatAMagicDoesNotKnowAreErrors gives every magic an option that none
// has: it is refused, and nothing has been done.
func TestArgumentsThatAMagicDoesNotKnowAreErrors(t *testing.T) {
	n := open(t)
	n.ok("kept := 1\nimport \"os\"", "")
	lines, cells := magic.Names()
	if len(lines) < 15 || len(cells) < 4 {
		t.Fatal(lines, cells)
	}
	for _, name := range append(lines, cells...) {
		if name == "%!" || name == "%args" || name == "%goflags" {
			continue // all of the line is for the shell, the program, or the go command
		}
		code := name + " --nonsense"
		if strings.HasPrefix(name, "%%") {
			code += "\necho done"
		}
		got, reply := n.run(code)
		if reply.Err == nil {
			t.Errorf("%s did %q", code, got)
		} else if got != "" {
			t.Errorf("%s failed, and did %q", code, got)
		}
	}
	n.ok("kept", "=> 1")
	n.ok("%env GP_TRY=a b", "env: GP_TRY=a b\n")
	n.ok("%env -u GP_TRY", "")
	n.ok("os.Getenv(\"GP_TRY\") == \"\"", "=> true")
	n.ok("%who int", "kept\n")
	n.ok("%reset -f", "")
	n.fails("kept", "CompileError")
}
