package repl_test

import (
	"strings"
	"testing"
)

// TestInterruptedItemsPrintNothingForLaterCalls interrupts cells whose items print on, and looks at what calls of the next cells
// have printed on the same engines, and at whether anything is printed later.
func TestInterruptedItemsPrintNothingForLaterCalls(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("import (\"os/exec\"; \"os\"; \"sync\")\nall := rc.All()\nfunc quick(x int) int { fmt.Println(\"quick\", x); return x }", "")
	after := func(code string) {
		t.Helper()
		got, reply := n.run("r := all.Map(func(x int) int { quick(x); time.Sleep(300 * time.Millisecond); return x }, []int{1, 2})\nzs, err := r.Get()\nfmt.Print(zs, err)\nr.Stdout()")
		if reply.Err != nil || !strings.Contains(got, "[1 2] <nil>=> map[") || strings.Count(got, "quick 1\n") != 2 || strings.Contains(got, "late") {
			t.Errorf("%s\nand then %q, %+v", code, got, reply.Err)
		}
	}
	for _, code := range []string{
		"%%px\nfmt.Println(\"started\")\nfor { fmt.Println(\"late\"); time.Sleep(time.Millisecond) }",
		"%%px\nfmt.Println(\"started\")\ntime.Sleep(400*time.Millisecond)\nfmt.Println(\"late\")",
		"%%px\nfmt.Println(\"started\")\n!sleep 0.4; echo late",
		"%%px\nfmt.Println(\"started\")\ncmd := exec.Command(\"sh\", \"-c\", \"sleep 0.4; echo late\")\ncmd.Stdout = os.Stdout\ncmd.Run()",
		"%%px\nfmt.Println(\"started\")\ngo func() { for { fmt.Println(\"late\"); time.Sleep(time.Millisecond) } }()\nselect {}",
		"%%px\nfmt.Println(\"started\")\ngo func() { time.Sleep(400 * time.Millisecond); fmt.Println(\"late\") }()\nselect {}",
		"%%px\nfmt.Println(\"started\")\ntime.AfterFunc(400 * time.Millisecond, func() { fmt.Println(\"late\") })\nselect {}",
		"fmt.Println(\"started\")\nall.ForEachSync(func(int) { for { fmt.Println(\"late\"); time.Sleep(time.Millisecond) } }, []int{1, 2})",
		"fmt.Println(\"started\")\nall.ForEachSync(func(int) { defer fmt.Println(\"late\"); time.Sleep(500 * time.Millisecond) }, []int{1, 2})",
		"fmt.Println(\"started\")\nall.ForEachSync(func(int) { go func() { for { fmt.Println(\"late\"); time.Sleep(time.Millisecond) } }(); select {} }, []int{1, 2})",
		"fmt.Println(\"started\")\nall.ForEachSync(func(int) { cmd := exec.Command(\"sh\", \"-c\", \"sleep 0.4; echo late\"); cmd.Stdout = os.Stdout; cmd.Run() }, []int{1, 2})",
	} {
		if took, reply := n.interrupt(code, 0); reply.Err == nil || took > promptly {
			t.Errorf("%s\nended %v after the interrupt: %+v", code, took, reply.Err)
		}
		after(code)
	}
	// So it is of items that run too long, whose call goes on.
	code := "xs, err := all.MapSync(func(x int) int { if x == 1 { go func() { for { fmt.Println(\"late\"); time.Sleep(time.Millisecond) } }(); select {} }; return x }, []int{1, 2}, parallel.ItemTimeout(50 * time.Millisecond))"
	if _, reply := n.run(code); reply.Err != nil {
		t.Errorf("%s\nended with %+v", code, reply.Err)
	}
	after(code)
}
