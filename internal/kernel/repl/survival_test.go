package repl_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// fatal are cells that end the process in which they run, or try to.
var fatal = []struct {
	name, code string
	kind       string   // of the error
	want       []string // in its text; "cell[N]" is the cell itself
}{
	{"os.Exit", "import \"os\"\nfunc leave() {\n\tos.Exit(3)\n}\nleave()", "Exited", []string{"os.Exit(3) ended", "cell[N]:3 in leave\n  cell[N]:5"}},
	{"os.Exit(0)", "import \"os\"\nos.Exit(0)", "Exited", []string{"os.Exit(0) ended", "cell[N]:2"}},
	{"log.Fatal", "import \"log\"\nlog.Fatalf(\"no %s\", \"luck\")", "Exited", []string{"log.Fatalf ended", "cell[N]:2"}},
	{"panic in a goroutine", "go func() {\n\tvar m map[string]int\n\tm[\"a\"] = 1\n}()\nselect {}", "panic", []string{"assignment to entry in nil map", "cell[N]:3 in a function literal"}},
	{"stack overflow", "func down(n int) int {\n\treturn down(n+1) + 1\n}\ndown(0)", "fatal error", []string{"stack overflow", "cell[N]:2 in down (", "times)"}},
	{"concurrent map writes", "func write(m map[int]int) {\n\tfor {\n\t\tm[1]++\n\t}\n}\nshared := map[int]int{}\ngo write(shared)\ngo write(shared)\nwrite(shared)", "fatal error", []string{"concurrent map writes", "cell[N]:3 in write"}},
	{"segfault", "import \"unsafe\"\nwild := (*int)(unsafe.Pointer(uintptr(0xdead0000)))\n*wild = 1", "fatal error", []string{"fault", "0xdead0000", "cell[N]:3"}},
	{"SIGKILL", "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)\nselect {}", "Exited", []string{"signal 9"}},
	{"SIGTERM", "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGTERM)\nselect {}", "Exited", []string{"signal 15"}},
	{"SIGABRT", "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGABRT)\nselect {}", "crash", []string{"SIGABRT"}},
	{"syscall.Exit", "import \"syscall\"\nsyscall.Exit(4)", "Exited", []string{"exit status 4"}},
	{"exec", "import (\"syscall\"; \"os\")\nsyscall.Exec(\"/bin/sleep\", []string{\"sleep\", \"1000\"}, os.Environ())", "Exited", []string{"replaced itself by", "sleep"}},
	{"all descriptors closed", "import \"syscall\"\nfor fd := range 100 {\n\tsyscall.Close(fd)\n}\nselect {}", "Exited", []string{"file descriptors"}},
	{"threads", "import \"runtime/debug\"\nimport \"runtime\"\nimport \"syscall\"\ndebug.SetMaxThreads(60)\nfor range 100 {\n\tgo func() {\n\t\truntime.LockOSThread()\n\t\tsyscall.Nanosleep(&syscall.Timespec{Sec: 1000}, nil)\n\t}()\n}\nselect {}", "fatal error", []string{"thread exhaustion"}},
}

func TestWhateverACellDoesTheSessionGoesOn(t *testing.T) {
	for _, c := range fatal {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := open(t)
			n.ok("kept := 7\nfunc double(x int) int { return 2 * x }", "")
			n.ok("kept = double(kept)", "")
			got := n.fails(c.code, c.kind)
			for _, want := range append(c.want, "\n\nThe session's values are gone; %rerun 1-2 runs the cells again.") {
				if want = strings.ReplaceAll(want, "cell[N]", n.cell()); !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			if strings.Count(got, "values are gone") != 1 || regexp.MustCompile(`ᐧ|goroutine \d|cell-|\bruntime\.[a-z]`).MatchString(got) {
				t.Errorf("the report is\n%s", got)
			}
			n.fails("kept", "CompileError")
			n.ok("%rerun 1-2", "cell[1]: kept := 7\ncell[2]: kept = double(kept)\n")
			n.ok("kept", "=> 14")
		})
	}
}

func TestWhatACellMayDo(t *testing.T) {
	n := open(t)
	n.ok("kept := 7\nimport (\"fmt\"; \"os\")", "")
	if got := n.fails("import \"runtime\"\nfmt.Println(\"a\")\nruntime.Goexit()\nfmt.Println(\"b\")", "Goexit"); !strings.Contains(got, "runtime.Goexit") || !strings.Contains(got, "cell[2]:3") {
		t.Errorf("the report is\n%s", got)
	}
	n.ok("os.Stdout.Close()", "")
	if got, _ := n.run("fmt.Println(\"here\")"); !strings.Contains(got, "here\n") || !strings.Contains(got, "[note: os.Stdout was closed by an earlier cell and is open again]") {
		t.Errorf("got %q", got)
	}
	n.ok("!echo child", "child\n")
	n.ok("import \"syscall\"\nsyscall.Close(1)\nsyscall.Close(2)", "")
	n.ok("fmt.Println(\"here\", kept)", "here 7\n")
	n.ok("fmt.Fprintln(os.Stderr, \"there\")", "stderr:there\n")
}

func TestRerun(t *testing.T) {
	n := open(t)
	if got := n.fails("%rerun", "MagicError"); !strings.Contains(got, "no cell has run yet") {
		t.Errorf("got\n%s", got)
	}
	n.ok("import \"fmt\"", "")                   // 2
	n.ok("a := 1\na", "=> 1")                    // 3
	n.fails("a += 10\npanic(\"half\")", "panic") // 4
	n.ok("fmt.Println(a)", "11\n")               // 5
	const all = "cell[2]: import \"fmt\"\ncell[3]: a := 1\n[1]cell[4]: a += 10\n(it failed, as it did before: panic: half)\ncell[5]: fmt.Println(a)\n11\n"
	const some = "cell[2]: import \"fmt\"\ncell[3]: a := 1\n[1]cell[5]: fmt.Println(a)\n1\n"
	n.ok("%rerun", all) // 6
	n.ok("%rerun 1-5", all)
	n.ok("%rerun 3\na * 2", "cell[3]: a := 1\n[1]=> 2") // 8
	n.ok("%restart", "")                                // 9
	n.fails("a", "CompileError")
	n.ok("%rerun 2-3,5", some) // 11
	n.ok("%restart", "")
	n.ok("%rerun", some) // 13
	if got := n.fails("%rerun 3,4,5", "panic"); !strings.Contains(got, "panic: half\n\n  cell[4]:2\n\n%rerun stopped at cell[4].") {
		t.Errorf("got\n%s", got)
	}
	for arg, want := range map[string]string{
		"6": "cell[6] has %rerun or %restart", "40": "cell[40] has not run", "40-50": "no cell from 40 to 50",
		"x": "names no cells", "3-1": "names no cells", "0": "names no cells", "-1": "names no cells",
	} {
		if got := n.fails("%rerun "+arg, "MagicError"); !strings.Contains(got, want) {
			t.Errorf("%%rerun %s: no %q in\n%s", arg, want, got)
		}
	}
	n.ok("a", "=> 11")
}

func TestAGoroutineOfAnEarlierCellCrashesALaterOne(t *testing.T) {
	n := open(t)
	n.ok("import \"time\"\nkept := 1\nfunc later() {\n\ttime.Sleep(300 * time.Millisecond)\n\tpanic(\"late\")\n}", "")
	n.ok("go later()", "")
	got := n.fails("time.Sleep(time.Minute)", "panic")
	want := "panic: late\n\n  cell[1]:5 in later\n  cell[2]:1 started it\n\nThe session's values are gone; %rerun 1-2 runs the cells again."
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnInterruptEndsARerun(t *testing.T) {
	n := open(t)
	n.ok("import \"fmt\"\nforever := false", "")
	n.ok("fmt.Println(\"started\")\nfor forever {\n}", "started\n")
	n.ok("forever = true", "")
	out := &recorder{}
	go func() {
		out.waitFor(t, "\nstarted")
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: "%rerun 2-3"}, out)
	if reply.Err == nil || reply.Err.Name != "Interrupted" || !strings.Contains(reply.Err.Text(), "%rerun stopped at cell[2].") {
		t.Errorf("ended with %+v", reply.Err)
	}
	n.ok("forever", "=> true")
}
