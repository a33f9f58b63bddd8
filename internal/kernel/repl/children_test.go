package repl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sleeps returns the text of a time that nobody else sleeps for.
func sleeps(i int) string { return fmt.Sprintf("%d.%03d", 100000+os.Getpid(), i) }

// asleep lists the processes on this machine that sleep for these times, by their
// numbers.
func asleep() []int {
	var list []int
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		args := strings.Split(string(data), "\x00")
		var i int
		if len(args) < 2 || args[0] != "sleep" {
			continue
		}
		if _, err := fmt.Sscanf(args[1], fmt.Sprint(100000+os.Getpid())+".%d", &i); err == nil {
			list = append(list, i)
		}
	}
	slices.Sort(list)
	return list
}

// awaitAsleep waits until just these sleep.
func awaitAsleep(t *testing.T, when string, want ...int) {
	t.Helper()
	var got []int
	for end := time.Now().Add(promptly); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = asleep(); slices.Equal(got, want) {
			return
		}
	}
	t.Errorf("%s: %v sleep, want %v", when, got, want)
}

// endAsleep kills what a failed test leaves.
func endAsleep() {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		data, _ := os.ReadFile(file)
		var pid int
		if strings.HasPrefix(string(data), "sleep\x00"+fmt.Sprint(100000+os.Getpid())+".") {
			fmt.Sscanf(file, "/proc/%d/", &pid)
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

const childImports = "import (\"context\"; \"fmt\"; \"os\"; \"os/exec\"; \"syscall\"; \"time\"; \"github.com/goparallel/goparallel/parallel\")\nvar _, _, _ = fmt.Println, os.Exit, time.Now\n"

// childForms are the ways to start a process that stays; D is the time that it
// sleeps for.
var childForms = []string{
	`exec.Command("sleep", "D").Run()`,
	`exec.Command("sleep", "D").Output()`,
	`exec.Command("sleep", "D").Start(); select {}`,
	`c := exec.CommandContext(context.Background(), "sleep", "D"); c.Start(); c.Wait()`,
	`p, _ := os.StartProcess("/bin/sleep", []string{"sleep", "D"}, &os.ProcAttr{}); p.Wait()`,
	`syscall.ForkExec("/bin/sleep", []string{"sleep", "D"}, &syscall.ProcAttr{}); select {}`,
	`c := exec.Command("sleep", "D"); c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}; c.Run()`,
	`exec.Command("sh", "-c", "sleep D; true").Run()`,
	`exec.Command("sh", "-c", "(sleep D &) ; true").Run(); select {}`,
	`exec.Command("sh", "-c", "trap '' TERM INT HUP; sleep D; sleep D").Run()`,
	`exec.Command("nohup", "sleep", "D").Run()`,
	`exec.Command("bash", "-c", "set -m; sleep D & wait").Run()`,
	`go exec.Command("sleep", "D").Run(); select {}`,
	"!sleep D",
	"!sleep D | cat",
	"!sleep D & wait",
	"%%bash\nsleep D\ntrue",
	`rc.LoadBalanced().MapSync(func(x int) int { exec.Command("sleep", "D").Run(); return x }, []int{1})`,
	"%%px\nexec.Command(\"sleep\", \"D\").Run()",
	"%%px\nexec.Command(\"sh\", \"-c\", \"trap '' TERM; (sleep D &); sleep 1000; true\").Run()",
	"%%px\nc := exec.Command(\"sleep\", \"D\"); c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}; c.Run()",
}

func TestChildrenEndWithTheirCell(t *testing.T) {
	n := open(t)
	t.Cleanup(endAsleep)
	n.ok(childImports+"rc, err := parallel.Start(context.Background(), 1)\nerr", "=> <nil>")
	n.ok(`exec.Command("sleep", "`+sleeps(100)+`").Start();`, "")
	n.ok(`exec.Command("setsid", "sleep", "`+sleeps(101)+`").Start();`, "")
	n.ok("!sleep "+sleeps(102)+" &", "")
	for i, form := range childForms {
		began := make(chan bool, 1)
		go func() {
			awaitAsleep(t, form, i, 100, 101, 102)
			began <- true
			n.repl.Interrupt()
		}()
		_, reply := n.run(strings.ReplaceAll(form, "D", sleeps(i)))
		if len(began) == 0 || reply.Err == nil || reply.Err.Name != "Interrupted" {
			t.Errorf("%s: ended with %+v", form, reply.Err)
		}
		awaitAsleep(t, "after the interrupt of "+form, 100, 101, 102)
	}
	n.ok("rc.LoadBalanced().MapSync(func(x int) int { return x }, []int{1})", "=> [1]")

	// What is detached on purpose stays, and so does what a cell started that came
	// to its end.
	go func() {
		awaitAsleep(t, "detached", 100, 101, 102, 200, 201)
		n.repl.Interrupt()
	}()
	n.run(`c := exec.Command("sleep", "` + sleeps(200) + `"); c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}; c.Start(); exec.Command("sleep", "` + sleeps(201) + `").Run()`)
	awaitAsleep(t, "after the interrupt", 100, 101, 102, 200)

	// The session's end ends the others, be it asked for or not.
	n.ok("%restart", "")
	awaitAsleep(t, "after %restart", 101, 200)
	n.ok(childImports+`exec.Command("sleep", "`+sleeps(300)+`").Start();`, "")
	n.ok("rc, _ := parallel.Start(context.Background(), 1)\nrc.LoadBalanced().MapSync(func(x int) int { exec.Command(\"sleep\", \""+sleeps(301)+"\").Start(); return x }, []int{1})", "=> [1]")
	awaitAsleep(t, "before the host's end", 101, 200, 300, 301)
	n.fails("syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", "Exited")
	awaitAsleep(t, "after the host's end", 101, 200)
	n.ok(childImports+`exec.Command("sleep", "`+sleeps(400)+`").Start();`, "")
	awaitAsleep(t, "before the end", 101, 200, 400)
	if err := n.repl.Close(); err != nil {
		t.Error(err)
	}
	awaitAsleep(t, "after the end", 101, 200)
}
