package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/bench/internal/measure"
)

// loops are functions whose time is that of a tight loop, or of a recursion, by
// what they are called in the table, with the argument they are measured with.
var loops = []struct {
	name, code string
	argument   int
}{
	{"sum", "func sum(n int) int { s := 0; for i := 0; i < n; i++ { s += i*i ^ s }; return s }", 20_000_000},
	{"sum over range", "func sumRange(n int) int { s := 0; for i := range n { s += i }; return s }", 30_000_000},
	{"sum of a slice", "func sumSlice(n int) int { xs := make([]int, 10000); s := 0; for range n { for _, x := range xs { s += x } }; return s }", 2000},
	{"powers", "func powers(n int) int { s := 1; for i := 0; i < n; i++ { s += i*i*i*i*i*i*i*i*i*i }; return s }", 10_000_000},
	{"primes", "func primes(n int) int { c := 0; for i := 2; i < n; i++ { p := true; for j := 2; j*j <= i; j++ { if i%j == 0 { p = false; break } }; if p { c++ } }; return c }", 200_000},
	{"while: Collatz", "func collatz(n int) int { c := 0; for i := 1; i < n; i++ { for x := i; x != 1; c++ { if x%2 == 0 { x /= 2 } else { x = 3*x + 1 } } }; return c }", 100_000},
	{"sieve, in steps", "func sieve(n int) int { s := make([]bool, n); c := 0; for i := 2; i < n; i++ { if !s[i] { c++; for j := 2 * i; j < n; j += i { s[j] = true } } }; return c }", 1_000_000},
	{"recursion: Fibonacci", "func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }", 29},
}

// function is the name of the function that a loop's code declares.
func function(code string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(code, "func "), "(")
	return name
}

// timed is the Go code that prints the best of several runs of a function, in
// nanoseconds of the processor: others that work on the machine take turns with a loop,
// for longer than it takes.
func timed(name string, argument int) string {
	return fmt.Sprintf("{ best := int64(math.MaxInt64); for range 15 { start := used(); sink += %s(%d); best = min(best, used()-start) }; fmt.Println(best) }\n", name, argument)
}

// used is Go code for what the calling thread has had of a processor.
const used = `func used() int64 {
	const threadClock = 3
	var t syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); err != 0 { panic(err) }
	return t.Nano()
}

`

// measureLoops compares code in a cell, which can be interrupted, with the same
// code in a program, in turns.
func measureLoops(ctx context.Context, dir string, rounds int) (s measure.Samples, err error) {
	const imports = "import (\n\t\"fmt\"\n\t\"math\"\n\t\"runtime\"\n\t\"syscall\"\n\t\"unsafe\"\n)\n\nvar sink int\n\n"
	declarations, statements := imports+used, "runtime.LockOSThread()\n"
	for _, l := range loops {
		declarations += l.code + "\n"
		statements += timed(function(l.code), l.argument)
	}
	program := filepath.Join(dir, "loops")
	source := filepath.Join(dir, "loops.go")
	text := "package main\n\n" + declarations + "\nfunc main() {\n" + statements + "}\n"
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the program of loops: %w\n%s", err, out)
	}
	n, err := openNotebook(ctx, declarations)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.r.Close()) }()
	s = measure.Samples{}
	for range rounds {
		_, inCell, err := n.run(ctx, statements)
		if err != nil {
			return nil, err
		}
		inProgram, err := exec.CommandContext(ctx, program).Output()
		if err != nil {
			return nil, fmt.Errorf("run the program of loops: %w", err)
		}
		for kind, text := range map[string]string{"cell ": inCell, "program ": string(inProgram)} {
			lines := strings.Fields(text)
			if len(lines) != len(loops) {
				return nil, fmt.Errorf("the loops print %q", text)
			}
			for i, l := range loops {
				ns, err := strconv.ParseFloat(lines[i], 64)
				if err != nil {
					return nil, err
				}
				s[kind+l.name] = append(s[kind+l.name], ns/1e9)
			}
		}
	}
	return s, nil
}
