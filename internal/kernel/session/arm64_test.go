package session_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/process/emulated"
)

func TestMain(m *testing.M) { os.Exit(emulated.Main(m)) }

// slow are lines that are shown where engines and calls take long, as they do in an emulator.
var slow = regexp.MustCompile(`(?m)^(\[parallel\] \d+ of \d+ engines are connected |\[stderr:\d+\] after \d+s this engine |(display|update): .*: \d+ of \d+ items in ).*\n`)

// withoutWaits leaves out of what a cell shows, on an emulator, that something takes long.
func withoutWaits(text string) string {
	if *emulated.Arm64 {
		return slow.ReplaceAllString(text, "")
	}
	return text
}

// arch is the architecture that the tests' sessions compile for.
func arch() string {
	if *emulated.Arm64 {
		return "arm64"
	}
	return ""
}

// What depends on the architecture: stacks and their growth, entries of functions that are
// replaced, the collector's look at frames, polls, packages from their archives, engines.
func TestOnArm64(t *testing.T) {
	if !*emulated.Arm64 {
		t.Skip("runs with -arm64")
	}
	t.Setenv("GODEBUG", "gccheckmark=1")
	t.Setenv("GOGC", "20")
	n := open(t)
	n.expect("import \"runtime\"\nruntime.GOARCH, runtime.GOOS", "arm64 linux\n")
	n.expect("import \"runtime/debug\"\ninfo, _ := debug.ReadBuildInfo()\nof := map[string]string{}\nfor _, s := range info.Settings { of[s.Key] = s.Value }\nof[`GOARCH`]", "arm64\n")
	n.expect("//go:build linux && arm64\nx := 1\nx", "1\n")
	if got := n.run("//go:build amd64\nx"); !strings.Contains(got, "does not hold for linux/arm64") {
		t.Error(got)
	}
	// A stack that grows below many frames, with collections on the way; large frames and many registers.
	n.expect(`type node struct{ next *node; pad [40]int }
func deep(n int, a, b, c, d float64, list *node) (float64, int) {
	var room [64]int
	room[n&63] = n
	if n == 0 { runtime.GC(); return a + b + c + d, room[0] }
	x, y := deep(n-1, b, c, d, a+1, &node{next: list})
	return x, y + room[n&63] - n
}
done := make(chan [2]float64)
for i := range 4 { go func() { x, y := deep(20000, 1, 2, 3, float64(i), nil); done <- [2]float64{x, float64(y)} }() }
sum := 0.0
for range 4 { r := <-done; sum += r[0] + r[1] }
sum`, "80030\n")
	// A panic through frames of two cells, recovered; one that is not, with the lines of its cells.
	n.expect(`func fail(i int) int { var list []int; return list[i] }`, "")
	n.expect("func guarded(i int) (err any) {\n\tdefer func() { err = recover() }()\n\tfail(i)\n\treturn nil\n}\nguarded(3)", "error: runtime.boundsError: runtime error: index out of range [3] with length 0\n")
	n.expect("var none *node\nfunc() (err any) { defer func() { err = recover() }(); return none.pad[3] }()", "error: runtime.errorString: runtime error: invalid memory address or nil pointer dereference\n")
	// Old versions lead to the newest one: stored, captured, running.
	n.expect("func rate(x int) int { return x + 1 }\nstored := rate\nclosure := func(x int) int { return rate(x) }\nasked, told := make(chan int), make(chan int)\ngo func() { for x := range asked { told <- rate(x) } }()\nasked <- 1\n<-told", "2\n")
	for version := 2; version < 40; version++ {
		n.run(fmt.Sprintf("func rate(x int) int { return x + %d }", version))
		n.expect("asked <- 1\nstored(1), closure(1), rate(1), <-told", strings.TrimSpace(strings.Repeat(fmt.Sprintf("%d ", version+1), 4))+"\n")
	}
	n.expect("type shape interface{ area() int }\ntype square int\nfunc (s square) area() int { return int(s * s) }\nvar s shape = square(3)\ns.area()", "9\n")
	n.expect("func (s square) area() int { return int(2 * s) }\n_, same := s.(square)\ns.area(), same, s == shape(square(3))", "6 true true\n")
	// A package that the host does not have: its code calls far, and is collected in.
	n.expect("import \"text/scanner\"\nimport \"strings\"\nvar sc scanner.Scanner\nsc.Init(strings.NewReader(\"a + 0x1F\"))\ncount := 0\nfor tok := sc.Scan(); tok != scanner.EOF; tok = sc.Scan() { count++ }\ncount, sc.Pos().Column", "3 9\n")
	n.expect("import \"math/bits\"\nimport \"math\"\nfunc generic[T ~int | ~float64](list ...T) (sum T) { for _, x := range list { sum += x }; return }\ngeneric(1, 2, 3), generic(0.5, 0.25), bits.OnesCount64(0xff00ff), math.FMA(2, 3, 4), math.Sqrt(2)", "6 0.75 16 10 1.4142135623730951\n")
	n.expect("ended := make(chan int)\nfunc() { p := new(node); runtime.SetFinalizer(p, func(*node) { close(ended) }) }()\nruntime.GC()\n<-ended", "0\n")
}

// Interrupts reach loops without calls, and calls that wait.
func TestInterruptsOnArm64(t *testing.T) {
	if !*emulated.Arm64 {
		t.Skip("runs with -arm64")
	}
	n := open(t)
	for _, code := range []string{
		"n := 0\nfor { n++ }", "for n := 0; ; n ^= n + 1 { }", "select { }", "<-make(chan int)",
		"import \"time\"\ntime.Sleep(time.Hour)", "import \"sync\"\nvar mu sync.Mutex\nmu.Lock()\nmu.Lock()",
		"func forever(n int) int { if n < 0 { return n }; return forever(n-1) + forever(n) }\nforever(1 << 40)",
	} {
		time.AfterFunc(5*time.Second, n.host.Interrupt)
		if got := n.run(code); !strings.Contains(got, "interrupt") {
			t.Errorf("%s\ngives %q", code, got)
		}
		n.expect("1 + 1", "2\n")
	}
}

// Engines are the host's program, too, and have the same cells.
func TestEnginesOnArm64(t *testing.T) {
	if !*emulated.Arm64 {
		t.Skip("runs with -arm64")
	}
	n := open(t)
	n.expect(`import ("context"; "os"; "runtime"; "github.com/goparallel/goparallel/parallel")
type point struct{ x, y int }
func (p point) sum() int { return p.x + p.y }
rc, err := parallel.Start(context.Background(), 2)
here, k := os.Getpid(), 3
err`, "<nil>\n")
	n.expect("rc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "[9 21]\n")
	n.expect("rc.All().MapSync(func(i int) bool { return os.Getpid() != here && runtime.GOARCH == \"arm64\" }, []int{1, 2})", "[true true]\n")
	n.expect("func (p point) sum() int { return p.x * p.y }\nrc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "[6 36]\n")
	n.expect("_, err = rc.LoadBalanced().MapSync(func(i int) int { return []int{1}[i] }, []int{0, 1})\nerr != nil", "true\n")
	n.expect("large := make([]float64, 1<<20)\nfor i := range large { large[i] = 1 }\nsums, err := rc.All().MapSync(func(int) float64 { s := 0.0; for _, x := range large { s += x }; return s }, []int{1, 2})\nsums, err", "[1.048576e+06 1.048576e+06] <nil>\n")
	n.expect("rc.Close()", "")
}
