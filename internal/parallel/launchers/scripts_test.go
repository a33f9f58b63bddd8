package launchers

import (
	"os/exec"
	"strings"
	"testing"
)

// Scripts of batch systems end on a node of another architecture with an error that names it: a shell takes a program of
// another one for a script.
func TestScriptsKnowOtherMachines(t *testing.T) {
	const other = "uname() { case $1 in -m) echo vax;; -n) echo n7;; *) echo Linux;; esac; }"
	for _, c := range []struct{ lines, out string }{
		{"", "runs\n"},
		{"echo first", "first\nruns\n"},
		{"echo no; false", "no\ngoparallel: the prologue failed with status 1\n"},
		{other, "goparallel: the node n7 is Linux vax, and this program runs on " + thisMachine() + ": ask for such nodes\n"},
	} {
		out, err := exec.Command("bash", "-c", prologue(c.lines)+"echo runs").CombinedOutput()
		if string(out) != c.out || (err == nil) != strings.HasSuffix(c.out, "runs\n") {
			t.Errorf("after %q: %q, %v, want %q", c.lines, out, err, c.out)
		}
	}
}
