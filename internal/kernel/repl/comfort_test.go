package repl_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
)

// matches runs a cell whose output has to match a pattern as a whole.
func (n *notebook) matches(code, pattern string) {
	n.t.Helper()
	got, reply := n.run(code)
	if reply.Err != nil {
		n.t.Fatalf("%s\nfailed: %s", code, reply.Err.Text())
	}
	if !regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(got) {
		n.t.Errorf("%s\nshowed %q, want %s", code, got, pattern)
	}
}

func TestCellsInOtherLanguages(t *testing.T) {
	n := open(t)
	n.ok("%%html\n<b>bold</b>", "[bold]")
	n.ok("%%markdown\n# Title $x^2$", "[# Title $x^2$]")
	n.ok("%%latex\n$x$", "[$x$]")
	n.ok("%%svg\n<svg/>", "[<image/svg+xml>]")
	n.ok("%%js\nalert(1)", "[<application/javascript>]")
	n.ok("%%sh\necho $((1 + 2))", "3\n")
	if text := n.fails("%%sh\nexit 3", "CommandError"); !strings.Contains(text, "exit status 3") {
		t.Error(text)
	}
	n.ok("%%script sed 's/a b/c/'\na b d", "c d\n")
	n.fails("%%script sed 'x\na", "MagicError")
	n.fails("%%script", "UsageError")
	n.ok("%%writefile notes.txt\none\n\ntwo", "Writing notes.txt\n")
	n.ok("%%writefile -a 'notes.txt'\nthree\n", "Appending to notes.txt\n")
	n.ok("%%writefile notes.txt\none", "Overwriting notes.txt\n")
	n.ok("!cat notes.txt", "one\n")
	n.fails("%%writefile a b\nx", "MagicError")
	n.fails("%%writefile /none/such\nx", "MagicError")
}

func TestOutputOfCommandsIsAValue(t *testing.T) {
	n := open(t)
	n.ok("x := !printf 'a b\\nc\\n'\nlen(x), x[0], x.Text()", "=> 2 a b a b\nc")
	n.ok("x = !echo again\nx", "=> [again]")
	n.ok("y := x\ny.Text()", "=> again")
	n.ok("empty := !echo -n\nlen(empty)", "=> 0")
	n.ok("files := !pwd\nlen(files)", "=> 1")
	n.ok("ok := true\nno := !ok\nno", "=> false") // Go where it can be Go
	n.ok("yes := !no\nyes", "=> true")
	n.ok("z := !(ok && no)\nz", "=> true")
	n.ok("func not(b bool) bool { c := !b; return c }\nnot(true)", "=> false")
	n.ok("w := !strings.HasPrefix(`a`, `b`)\nw", "[imported strings]=> true")
	n.ok("name, count := \"a b\", 3", "")
	n.ok("!echo {name} $name {count + 1} $HOME_OF_NOBODY- {a,b} $$name ${count}", "a b a b 4 - a b\n")
	n.ok("dir := `sub`\n!mkdir $dir && ls", "sub\n")
	n.ok("y := !echo \"{name}\"!\ny[0]", "=> a b!")
	n.ok("!echo one \\\n  two", "one two\n")
}

func TestCapture(t *testing.T) {
	n := open(t)
	n.ok("%%capture out\nfmt.Println(`hidden`)\nfmt.Fprintln(os.Stderr, `too`)\nx := 1", "[imported fmt, os]")
	n.ok("out.Stdout, out.Stderr, x", "=> hidden\n too\n 1")
	n.ok("%%capture\nfmt.Println(`nothing`)", "")
	n.matches("%%capture fails\nfmt.Println(`seen`)\nmain()\nfunc main() {}", "")
	_, reply := n.run("%%capture\nfmt.Println(`seen`)\npanic(1)")
	if reply.Err == nil {
		t.Error("no error")
	}
	n.ok("fmt.Println(`after`)", "after\n")
	n.fails("%%capture 1x\nx", "UsageError")
}

// TestCaptureKeepsWhatIPythonsKeeps has each kind of output under each option.
func TestCaptureKeepsWhatIPythonsKeeps(t *testing.T) {
	n := open(t)
	const all = "fmt.Println(`printed`)\nfmt.Fprintln(os.Stderr, `red`)\ndisplay.HTML(`<b>bold</b>`)\nh := display.NewHandle(`before`)\nh.Update(`after`)\n7"
	n.ok("import (\"fmt\"; \"os\")", "")
	n.ok("%%capture out\n"+all, "[imported github.com/goparallel/goparallel/kernel/display]")
	n.ok("out.Stdout, out.Stderr, len(out.Outputs)", "=> printed\n red\n 3")
	n.ok("for _, o := range out.Outputs {\n\tfmt.Println(o)\n}", "bold\nafter\n7\n")
	n.ok("out.Outputs[0]", "=> bold")
	n.ok("display.Show(out.Outputs[1])\nout.Outputs[0].Data[`text/html`]", "[after]=> <b>bold</b>")
	n.ok("%%capture --no-stdout out\n"+all, "printed\n")
	n.ok("out.Stdout, out.Stderr, len(out.Outputs)", "=>  red\n 3")
	n.ok("%%capture out --no-stderr\n"+all, "stderr:red\n")
	n.ok("%%capture --no-display\n"+all, "[bold][before][after]=> 7")
	n.ok("h.Update(`of an earlier cell`)", "[of an earlier cell]")
	n.ok("%%capture\nh.Update(`shown elsewhere`)", "[shown elsewhere]")
	n.ok("%%capture out\nos.Open(`/none`)", "=> error: *fs.PathError: open /none: no such file or directory\n<nil>")
	for _, wrong := range []string{"%%capture --no-out\n1", "%%capture a b\n1", "%%capture -a out\n1", "%%capture file.txt\n1"} {
		n.fails(wrong, "UsageError")
	}
}

// TestCaptureToAFile has what a cell prints in a file as well.
func TestCaptureToAFile(t *testing.T) {
	n := open(t)
	n.ok("import (\"fmt\"; \"os\")\n%capture out.txt\nfmt.Println(`one`)\n1", "one\n=> 1")
	n.ok("%capture -a out.txt\nfmt.Fprintln(os.Stderr, `red`)", "stderr:red\n")
	n.ok("!cat out.txt", "one\n")
	n.ok("%capture -a out.txt\nfmt.Println(`two`)\n!echo three", "two\nthree\n")
	n.ok("!cat out.txt", "one\ntwo\nthree\n")
	n.fails("%capture out.txt\nfmt.Println(nothing)", "CompileError") // what there is stays
	n.ok("!cat out.txt", "one\ntwo\nthree\n")
	n.fails("%capture out.txt\nfmt.Println(`four`)\npanic(1)", "panic")
	n.ok("!cat out.txt", "four\n")
	n.ok("fmt.Println(`five`)", "five\n")
	n.ok("!cat out.txt", "four\n")
	for _, wrong := range []string{"%capture", "%capture -b out.txt", "%capture a.txt b.txt", "%capture /none/such", "%capture a.txt\n%capture b.txt", "%capture /dev/full\nfmt.Println(`lost`)"} {
		n.fails(wrong, "MagicError")
	}
}

func TestWhosShowsValues(t *testing.T) {
	n := open(t)
	n.ok("n, text := 3, \"a\\nb\"\nxs := make([]int, 1000)\nm := map[string]int{\"a\": 1}\nfunc f(int) {}\ntype T int\nvar p *int\nvar i any", "")
	n.matches("%whos", `Name +Kind +Type +Value
-+
T +type +int
f +function +func\(int\)
i +variable +any +<nil>
m +variable +map\[string\]int +map\[a:1\]
n +variable +int +3
p +variable +\*int +<nil>
text +variable +string +a b
xs +variable +\[\]int +n=1000: \[0 0 .*…
`)
	n.ok("lines := !echo a\nnow := time.Duration(1)\ncounts := map[string][]time.Month{}", "[imported time]")
	n.matches("%whos command.Lines time.Duration map[string][]time.Month", "Name.*counts +variable +map\\[string\\]\\[\\]time.Month +map\\[\\]\nlines +variable +command.Lines +\\[a\\]\nnow +variable +time.Duration +1ns\n")
	n.matches("%ls int", "Name.*n +variable +int +3\n")
	n.ok("%rm n", "")
	n.fails("n", "CompileError")
}

func TestHistoryAndFiles(t *testing.T) {
	dir := t.TempDir()
	n := openWith(t, repl.Options{History: filepath.Join(dir, "state", "history")})
	keep := func(code string) {
		n.t.Helper()
		n.count++
		if reply := n.repl.Execute(t.Context(), cell.Request{Code: code, Count: n.count, StoreHistory: true}, &recorder{}); reply.Err != nil {
			t.Fatal(reply.Err.Text())
		}
	}
	keep("x := 1")
	keep("x + 1\n")
	n.ok("%history", "x := 1\nx + 1\n")
	n.ok("%history -n -l 1", "   3: %history\n")
	n.ok("%history 1", "x := 1\n")
	n.ok("%history -g x*1", "   1: x := 1\n   2: x + 1\n")
	n.fails("%history -q", "MagicError")
	n.matches("%save cells.go 1-2", "The following commands were written to file `cells.go`:\nx := 1\n\nx \\+ 1\n")
	if info, err := os.Stat(filepath.Join(dir, "state", "history")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	_, reply := n.run("%load cells.go")
	if len(reply.Payloads) != 1 || reply.Payloads[0]["text"] != "// %load cells.go\nx := 1\n\nx + 1\n" {
		t.Errorf("%v", reply.Payloads)
	}
	n.fails("%load none.go", "MagicError")
	n.ok("%%writefile program.go\npackage main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"run\", helper()) }\n\nfunc helper() int { return 7 }", "Writing program.go\n")
	n.ok("%run program.go", "run 7\n")
	n.ok("helper()", "=> 7")
	n.ok("%%writefile book.ipynb\n{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": \"y := 20\"}, {\"cell_type\": \"markdown\", \"source\": \"no\"}, {\"cell_type\": \"code\", \"source\": [\"y\\n\", \"y + 1\"]}]}", "Writing book.ipynb\n")
	if text := n.fails("%run book.ipynb", "CompileError"); !strings.Contains(text, "code cell 2 of book.ipynb") {
		t.Error(text)
	}
	n.ok("y", "=> 20")
	n.fails("%run notes.txt", "MagicError")
	n.ok("%%writefile again.ipynb\n{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": \"%run again.ipynb\"}]}", "Writing again.ipynb\n")
	if text := n.fails("%run again.ipynb", "MagicError"); !strings.Contains(text, "without end") {
		t.Error(text)
	}
	// Another session knows what has run here.
	m := openWith(t, repl.Options{History: filepath.Join(dir, "state", "history")})
	m.ok("%history", "")
	m.ok("%history -g x := ", "   1: x := 1\n")
}

func TestMeasuringMagics(t *testing.T) {
	n := open(t)
	n.matches("%memit xs := make([]byte, 20<<20)", `allocated: 20\.\d MiB in \d+ objects, live heap: [0-9.]+ [KM]iB \(\+[0-9.]+ [KM]iB\)\n`)
	n.ok("len(xs)", "=> 20971520")
	n.matches("func busy() (s float64) {\n\tfor i := range 200_000_000 {\n\t\ts += float64(i)\n\t}\n\treturn s\n}\n%prun busy()", `.* of processor time in .*own time.*%  main\.busy\n.*\[Flame graph of .* of processor time: the cell \d+%.*\]`)
	if got, _ := n.run("%prun busy()"); strings.Contains(got, "ᐧ") || strings.Contains(got, "/host.") || !strings.Contains(got, " the cell\n") {
		t.Errorf("what runs the cells is in the table:\n%s", got)
	}
	n.matches("%%prun\nk := 0\nk++\nk", `.*too short for the profiler.*=> 1`)
	n.ok("k", "=> 1")
	n.fails("%prun panic(1)", "panic")
	n.matches("%prun k = 2", ".*too short.*") // the one above has ended
	n.ok("%args -x 'a b'\nos.Args[1:]", "[imported os]=> [-x a b]")
}

func TestTestsInCells(t *testing.T) {
	n := open(t)
	n.matches("%%test\nfunc TestGood(t *testing.T) { t.Log(`fine`) }\nfunc Testing() {}\nfunc ExampleOut() { fmt.Println(`out`) }",
		`\[imported fmt, testing\]=== RUN   ExampleOut\nout\n=== RUN   TestGood\n.*fine\n--- PASS: TestGood .*PASS\n`)
	_, reply := n.run("%%test -run Bad\nfunc TestGood(t *testing.T) {}\nfunc TestBad(t *testing.T) { t.Error(`wrong`) }")
	if reply.Err == nil || reply.Err.Name != "TestFailure" {
		t.Errorf("%+v", reply.Err)
	}
	n.fails("%%test -run None\nfunc TestGood(t *testing.T) {}", "MagicError")
}

// Cells of gonb's notebooks run as they are, where gonb's lines have a meaning here.
func TestCellsOfGonb(t *testing.T) {
	n := open(t)
	n.matches("%goflags -cover", ".*%goflags has no effect: cells are compiled by themselves.*")
	n.ok("import \"flag\"\nvar who = flag.String(\"who\", \"\", \"a name\")\n%% --who=world\nfmt.Println(*who)", "[imported fmt]world\n")
	n.ok("%% --who 'two words'\nfmt.Println(*who)", "two words\n")
	n.ok("func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { t.Error(`B`) }\nfunc Testimony() {}", "[imported testing]")
	n.matches("%test -test.run=A", `=== RUN   TestA\n--- PASS: TestA .*PASS\n`)
	n.fails("%test", "TestFailure")
	n.matches("func TestC(t *testing.T) {}\n\n%test \"\"\n", `=== RUN   TestC\n--- PASS: TestC .*PASS\n`)
}

func TestEveryMagicExplainsItself(t *testing.T) {
	n := open(t)
	list, _ := n.run("%lsmagic")
	for _, line := range strings.Split(strings.TrimSpace(list), "\n") {
		if strings.HasPrefix(line, "  ") && len(strings.Fields(line)) < 3 {
			t.Errorf("%q does not say what it does", line)
		}
	}
	if !strings.Contains(list, "  %%capture") || !strings.Contains(list, "  %prun") {
		t.Error(list)
	}
	_, reply := n.run("?%prun")
	if len(reply.Payloads) != 1 || !strings.Contains(reply.Payloads[0]["data"].(cell.Bundle)["text/plain"].(string), "%prun statement") {
		t.Errorf("%v", reply.Payloads)
	}
}
