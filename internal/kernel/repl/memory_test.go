package repl_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/repl"
)

func TestMemoryLimit(t *testing.T) {
	n := openWith(t, repl.Options{Memory: "1GiB"})
	for _, c := range []struct{ code, want string }{
		{"huge := make([]byte, 1<<40)\nlen(huge)", "cell[N]:1"},
		{"var all [][]byte\nfor {\n\tall = append(all, make([]byte, 1<<20))\n}", "cell[N]:3"},
		{"func grow() {\n\tm := map[int][64]int{}\n\tfor i := 0; ; i++ {\n\t\tm[i] = [64]int{i}\n\t}\n}\ngrow()", "cell[N]:4 in grow"},
		{"import \"strings\"\nimport \"fmt\"\ns := \"x\"\nfor {\n\ts += s\n}\nfmt.Println(strings.ToUpper(s))", "cell[N]:5"},
		{"func deep(n int) int {\n\tvar block [1000]int\n\tblock[n%1000] = deep(n + 1)\n\treturn block[0]\n}\ndeep(0)", "stack overflow"},
	} {
		n.ok("kept := 1", "")
		got := n.fails(c.code, "fatal error")
		want := strings.ReplaceAll(c.want, "cell[N]", n.cell())
		if !strings.Contains(got, want) || !strings.Contains(got, "the process that runs the cells may use 1 GiB; the option --memory") && want != "stack overflow" {
			t.Errorf("%s\nended with\n%s", c.code, got)
		}
	}
	// What can be refused is refused.
	n.ok("import \"syscall\"\n_, err := syscall.Mmap(-1, 0, 1<<30, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)\nerr", "=> error: syscall.Errno: cannot allocate memory")
	n.ok("!python3 -c 'x = bytearray(1<<30)' 2>&1 | tail -n 1", "MemoryError\n")
	// Below the limit all goes well: garbage is collected before it is reached.
	n.ok("sum := 0\nfor i := range 4000 {\n\tb := make([]byte, 1<<20)\n\tb[i] = 1\n\tsum += int(b[i])\n}\nsum", "=> 4000")
}
