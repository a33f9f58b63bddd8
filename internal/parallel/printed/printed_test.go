package printed_test

import (
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/printed"
)

func TestTextsAreKeptByEngine(t *testing.T) {
	var texts printed.Texts
	if all := texts.All(); len(all) != 0 {
		t.Error(all)
	}
	var wait sync.WaitGroup
	for engine := range 3 {
		wait.Go(func() {
			for range engine {
				texts.Keep(engine, []byte("one\ntwo\n"))
			}
		})
	}
	wait.Wait()
	if all, want := texts.All(), map[int]string{1: "one\ntwo\n", 2: "one\ntwo\none\ntwo\n"}; !maps.Equal(all, want) {
		t.Errorf("%v", all)
	}
}

// What is too much is left out by whole lines, once, and only of the engine that prints it.
func TestTextsAreLimited(t *testing.T) {
	var texts printed.Texts
	line := strings.Repeat("x", 1023) + "\n"
	most := printed.Most / len(line)
	texts.Keep(7, []byte(strings.Repeat(line, most-1)))
	texts.Keep(7, []byte(line+line+line))
	texts.Keep(7, []byte("short\n"))
	texts.Keep(8, []byte("other\n"))
	all := texts.All()
	if want := strings.Repeat(line, most) + "… it prints more than 256 KB in one call: the rest is not kept\n"; all[7] != want {
		t.Errorf("%d bytes are kept, and at the end %q", len(all[7]), all[7][max(0, len(all[7])-200):])
	}
	if all[8] != "other\n" {
		t.Errorf("%q", all[8])
	}
}

func TestPrefixed(t *testing.T) {
	for lines, want := range map[string]string{
		"":            "",
		"one\n":       "[stderr:2] one\n",
		"one\n\ntwo":  "[stderr:2] one\n[stderr:2] \n[stderr:2] two",
		"progress\r":  "[stderr:2] progress\r",
		"one\ntwo\n":  "[stderr:2] one\n[stderr:2] two\n",
		"\x1b[1mb\n ": "[stderr:2] \x1b[1mb\n[stderr:2]  ",
	} {
		if got := string(printed.Prefixed("stderr", 2, []byte(lines))); got != want {
			t.Errorf("%q became %q, not %q", lines, got, want)
		}
	}
}
