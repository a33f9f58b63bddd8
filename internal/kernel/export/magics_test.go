package export

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/magic"
)

// uses are cells for each magic, a later one of which uses what the magic leaves, if it leaves something.
var uses = map[string][]string{
	"%!":             {"!echo $((1 + 2)); exit 3", "word := `a b`\n!echo {word} $word $$word {word}{word}; echo", "out := !printf 'a\\nb\\n'\nfmt.Println(len(out), out.Text(), out)", "for _, line := range out {\n\tfmt.Println(strings.ToUpper(line))\n}", "!echo one \\\n two"},
	"%args":          {"%args -a 'b c'", "fmt.Println(len(os.Args), os.Args[1:])"},
	"%autoget":       {"%autoget"},
	"%autoimport":    {"%autoimport on"},
	"%autopx":        {"%autopx", "%autopx"},
	"%capture":       {"%capture kept.txt\nfmt.Println(`into a file`)", "%capture -a kept.txt\nfmt.Println(`and more`)", "kept, _ := os.ReadFile(`kept.txt`)\nstring(kept)"},
	"%cd":            {"import \"path/filepath\"\nbefore, _ := os.Getwd()", "%cd /", "fmt.Println(os.Getwd())", "os.Chdir(before);"},
	"%del":           {"gone := 1", "%del gone", "gone := `another`\ngone"},
	"%env":           {"%env COMFORT=some words", "%env COMFORT", "os.Getenv(`COMFORT`)", "!echo $COMFORT", "%env -u COMFORT", "os.Getenv(`COMFORT`)"},
	"%explain":       {"%explain"},
	"%get":           {"%get golang.org/x/mod@v0.37.0", "import \"golang.org/x/mod/semver\"\nsemver.Compare(`v1.0.0`, `v1.1.0`)"},
	"%goflags":       {"%goflags -race"},
	"%goworkfix":     {"%goworkfix"},
	"%help":          {"%help timeit"},
	"%history":       {"%history"},
	"%list":          {"%list"},
	"%load":          {"%load other.go"},
	"%ls":            {"%ls"},
	"%lsmagic":       {"%lsmagic"},
	"%memit":         {"%memit some := make([]int, 10)", "len(some)", "%memit len(some)\nsome = nil\nlen(some)"},
	"%mod":           {"%mod graph"},
	"%noautoget":     {"%noautoget"},
	"%overhead":      {"%overhead func(x int) int { return x } []int{1}"},
	"%prun":          {"%prun sum := func() int { return 3 }()", "sum", "%prun strconv.Atoi(`1`)"},
	"%pwd":           {"%pwd"},
	"%px":            {"%px -o onEngines x := 1"},
	"%pxconfig":      {"%pxconfig -v"},
	"%pxresult":      {"%pxresult"},
	"%remove":        {"removed := 1", "%remove removed", "removed := 2.5\nremoved"},
	"%rerun":         {"%rerun 1"},
	"%reset":         {"%reset -f"},
	"%restart":       {"%restart"},
	"%rm":            {"thrown := 1", "%rm thrown"},
	"%run":           {"%run other.go", "fromOther(3)", "%run other.ipynb", "fromNotebook + 1"},
	"%save":          {"%save saved.go 1"},
	"%stale":         {"%stale"},
	"%time":          {"%time took := 3", "took", "%time took + 1", "%time strconv.Itoa(took)\n%time func() { took++ }()\ntook"},
	"%timeit":        {"%timeit took2 := 4; _ = took2", "%timeit -n 2 -r 2 -v spent fmt.Sprint(1)", "%timeit -q -n2 -r2 -c -v quiet for range 10 { _ = strconv.Itoa(3) }", "spent.Loops + quiet.Loops"},
	"%track":         {"%track"},
	"%untrack":       {"%untrack"},
	"%version":       {"%version"},
	"%who":           {"%who"},
	"%whos":          {"%whos"},
	"%widgets":       {"%widgets"},
	"%with_inputs":   {"%with_inputs"},
	"%with_password": {"%with_password"},
	"%%bash":         {"%%bash\nfor i in 1 2; do\n  echo \"bash `echo $i`\"\ndone"},
	"%%capture":      {"%%capture caught\nfmt.Println(`to stdout`)\nprintln(`to stderr`)\nlog.New(os.Stderr, ``, 0).Println(`logged`)\n!echo of a shell\n6 * 7", "fmt.Print(caught.Stdout, `+`, caught.Stderr, len(caught.Outputs))", "caught.Outputs[0]", "%%capture --no-display\nfmt.Println(`never seen`)", "%%capture --no-stderr partly\nif caught != nil { fmt.Println(`x`); return }", "partly"},
	"%%html":         {"%%html\n<b>x</b>"},
	"%%javascript":   {"%%javascript\nalert(1)"},
	"%%js":           {"%%js\nalert(1)"},
	"%%latex":        {"%%latex\nx"},
	"%%main":         {"%% -depth 3 rest\nvar depth = flag.Int(`depth`, 1, ``)\nfunc main() { fmt.Println(*depth, flag.Args()) }", "*depth"},
	"%%markdown":     {"%%markdown\n*x*"},
	"%%prun":         {"%%prun\npruned := 2\nfunc inPrun() int { return 3 }", "pruned + inPrun()"},
	"%%px":           {"%%px\nx := 1"},
	"%%script":       {"%%script tr -d 'a b'\nx a b y", "%%script cat\none\ntwo"},
	"%%sh":           {"%%sh\necho sh"},
	"%%svg":          {"%%svg\n<svg/>"},
	"%%test":         {"%%test\nfunc TestX(t *testing.T) {}\nfunc helper() int { return 8 }", "helper()"},
	"%%time":         {"%%time\ntimed := 5\ntimed", "timed"},
	"%%timeit":       {"%%timeit\ninner := 1\n_ = inner", "%%timeit -n 2 -r 2 -q -v block a := 2\na++\nstrconv.Itoa(a)", "block.Loops"},
	"%%writefile":    {"%%writefile written.txt\na line with `quotes`", "%env PLACE=.", "%%writefile -a ${PLACE}/written.txt\nanother", "written, _ := os.ReadFile(`written.txt`)\nfmt.Print(string(written))"},
}

// withOthers writes what the cells of uses run beside the notebook.
func withOthers(t *testing.T, path string) string {
	t.Helper()
	other := notebookOf(t, "fromNotebook := fromOther(4)", "fmt.Println(`in the other notebook`)\nfromNotebook")
	text, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"other.ipynb": string(text),
		"other.go":    "package main\n\nimport \"fmt\"\n\nfunc fromOther(n int) int { return n * 11 }\n\nfunc main() { fmt.Println(fromOther(2)) }\n",
	} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestAllMagicsInPrograms exports cells with each magic that there is: the program compiles, go vet finds nothing, and
// gofmt has nothing to change.
func TestAllMagicsInPrograms(t *testing.T) {
	lines, blocks := magic.Names()
	var cells []string
	for _, name := range append(lines, blocks...) {
		if uses[name] == nil {
			t.Errorf("there is no cell with %s", name)
		}
		cells = append(cells, uses[name]...)
	}
	path := withOthers(t, notebookOf(t, cells...))
	dir := filepath.Join(t.TempDir(), "program")
	var said bytes.Buffer
	if err := Notebook(t.Context(), path, dir, &said); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	if strings.Contains(said.String(), "left out") {
		t.Errorf("%s", &said)
	}
	if text, err := exec.CommandContext(t.Context(), "sh", "-c", "cd '"+dir+"' && gofmt -l *.go && go build -o /dev/null .").CombinedOutput(); err != nil || len(text) > 0 {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestAProgramHasMagics compares what a notebook and its program print, where that is not a time or of the kernel.
func TestAProgramHasMagics(t *testing.T) {
	var cells []string
	for _, name := range []string{"%!", "%%bash", "%%script", "%%sh", "%env", "%cd", "%args", "%%capture", "%capture", "%%writefile", "%run", "%%main", "%%prun", "%del", "%remove", "%%test"} {
		cells = append(cells, uses[name]...)
	}
	cells = slices.DeleteFunc(cells, func(code string) bool { return code == "%env COMFORT" })
	cells = append(cells, "%time took := 3", "took", "%memit some := make([]int, 10)", "len(some)", "%timeit -q -n 2 -r 2 -v spent fmt.Sprint(1)", "spent.Loops", "for i := range 3 {\n\t!echo {i}\n}")
	// Names that the program needs for itself.
	cells = append(cells, "shell, os, fmt := 1, 2, 3", "strings := `of the user`\nstrings, shell + os + fmt", "import \"fmt\"\nfmt.Println(shell, os)")
	path := withOthers(t, notebookOf(t, cells...))
	t.Chdir(filepath.Dir(path))
	kernels := regexp.MustCompile(`(?m)^(CPU times|Wall time|allocated): .*\n|^.*too short for the profiler.*\n|^(PASS|=== RUN|--- PASS|\(exit status).*\n`)
	want := kernels.ReplaceAllString(asNotebook(t, path), "")
	got, notes, _ := goRun(t, path)
	if got != want || strings.Contains(notes, "left out") {
		t.Errorf("the program printed\n%s\nand the notebook\n%s\n%s", got, want, notes)
	}
}

// TestEnginesCellsAreLeftOut: cells that run on engines by %autopx are none of the program.
func TestEnginesCellsAreLeftOut(t *testing.T) {
	got, notes, _ := goRun(t, notebookOf(t, "fmt.Println(1)", "%autopx", "fmt.Println(2)", "%autopx", "fmt.Println(3)", "%timit x", "%run nothing.go"))
	if got != "1\n3\n" {
		t.Errorf("%q", got)
	}
	for _, want := range []string{"cell[3] is left out, since it runs on engines", "cell[6] is left out, since it fails: line 1: there is no magic %timit", "cell[7] is left out, since it fails: open "} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in %s", want, notes)
		}
	}
}
