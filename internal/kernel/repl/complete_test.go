package repl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// offered returns what is offered at | and the code from which it is replaced.
func (n *notebook) offered(code string) (names []string, replaced string) {
	before, after, _ := strings.Cut(code, "|")
	got := n.repl.Complete(n.t.Context(), before+after, len([]rune(before)))
	for _, item := range got.Items {
		names = append(names, item.Text)
	}
	return names, string([]rune(before)[got.Start:got.End])
}

func TestCompleteMagics(t *testing.T) {
	n := open(t)
	n.ok("total := 1", "")
	t.Setenv("GOMODCACHE", t.TempDir())
	for _, dir := range []string{"example.com/!big/mod@v1.2.3", "example.com/small@v0.1.0", "cache/download"} {
		if err := os.MkdirAll(filepath.Join(os.Getenv("GOMODCACHE"), dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOPARALLEL_TEST_NAME", "1")
	for _, c := range []struct{ code, replaced, want, not string }{
		{"%ti|", "%ti", "%time %timeit", "%%timeit"},
		{"%%ti|", "%%ti", "%%time %%timeit", "%timeit"},
		{"x := 1\n  %who|", "%who", "%who %whos", ""},
		{"x := 5 %wh|", "wh", "", "%who"},
		{"?%ti|", "%ti", "%timeit", ""},
		{"%timeit -|", "-", "-n -r -o -q -p -v -t -c", ""},
		{"%timeit -n 10 -|", "-", "-r", ""},
		{"%timeit -n|", "-n", "-n", "-r"},
		{"%timeit -n 10 tot|", "tot", "total", "-n"},
		{"%timeit total -|", "", "", "-n"},
		{"%%timeit -r3 -|\ntotal", "-", "-n", ""},
		{"%overhead -|", "-", "-on", ""},
		{"%overhead -on tot|", "tot", "total", ""},
		{"%overhead -on total tot|", "tot", "total", ""},
		{"%overhead tot|", "tot", "total", ""},
		{"%overhead total tot|", "tot", "total", "-on"},
		{"%overhead -on total total tot|", "tot", "total", ""},
		{"%overhead func(x int) int { return tot|", "tot", "total", ""},
		{"%exp|", "%exp", "%explain", ""},
		{"%help tim|", "tim", "", ""},
		{"%help %tim|", "%tim", "%timeit", ""},
		{"%env GOPARALLEL_TEST_|", "GOPARALLEL_TEST_", "GOPARALLEL_TEST_NAME", ""},
		{"%get exam|", "exam", "example.com/", "cache/"},
		{"%get example.com/|", "example.com/", "example.com/small@v0.1.0 example.com/Big/", ""},
		{"%get example.com/Big/|", "example.com/Big/", "example.com/Big/mod@v1.2.3", ""},
		{"?tot|", "tot", "total", ""},
		{"tot|?", "tot", "total", ""},
	} {
		got, replaced := n.offered(c.code)
		for want := range strings.FieldsSeq(c.want) {
			if !slices.Contains(got, want) {
				t.Errorf("%q: got %q, want %q", c.code, got, want)
			}
		}
		if c.not != "" && slices.Contains(got, c.not) {
			t.Errorf("%q: got %q", c.code, got)
		}
		if len(got) > 0 && replaced != c.replaced {
			t.Errorf("%q: replaces %q", c.code, replaced)
		}
	}
	got := n.repl.Complete(t.Context(), "%timeit -", 9)
	if i := slices.IndexFunc(got.Items, func(i cell.Completion) bool { return i.Text == "-n" }); i < 0 || got.Items[i].Signature != "LOOPS  run the statement so many times in each run" {
		t.Errorf("%+v", got)
	}
	if text, _ := n.run("%help timeit"); !strings.Contains(text, "-v NAME     assign the measurement") {
		t.Error(text)
	}
	n.ok("%autoimport off", "")
	// An import cannot be inserted above a line that is a magic's.
	if got := n.repl.Complete(t.Context(), "%timeit bytes.NewB", 18); got.Import != "" || len(got.Items) == 0 || got.Items[0].Text != "NewBuffer" {
		t.Errorf("%+v", got)
	}
	if got := n.repl.Complete(t.Context(), "%who\nbytes.NewB", 15); got.Import != "import \"bytes\"" || got.ImportAt != 5 {
		t.Errorf("%+v", got)
	}
}

func TestCompleteFileNames(t *testing.T) {
	n := open(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	out, _ := n.run("import \"os\"\ndir, _ := os.Getwd()\ndir")
	dir := strings.TrimSpace(strings.TrimPrefix(out, "=> "))
	for _, name := range []string{dir + "/data/deep/x.csv", dir + "/data.csv", dir + "/dé.txt", dir + "/two words.txt", dir + "/.hidden", home + "/at_home/x"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(code, replaced, want string) {
		t.Helper()
		got, from := n.offered(code)
		if text := strings.Join(got, " "); text != want || want != "" && from != replaced {
			t.Errorf("%q: %q becomes %q, want %q to become %q", code, from, text, replaced, want)
		}
	}
	check("os.ReadFile(\"da|", "da", "data/ data.csv")
	check("os.ReadFile(\"da|\")", "da", "data/ data.csv")
	check("é := `dé|`", "dé", "dé.txt")
	check("os.ReadFile(\"data/|\")", "data/", "data/deep/")
	check("os.ReadFile(\"./data/deep/|\")", "./data/deep/", "./data/deep/x.csv")
	check("os.ReadFile(\".h|\")", ".h", ".hidden")
	check("os.ReadFile(\"|\")", "", "data/ data.csv dé.txt two words.txt")
	check("os.ReadFile(\"~/|\")", "~/", "~/at_home/")
	check("// da|", "", "")
	check("!cat da|", "da", "data/ data.csv")
	check("!cat <da|", "da", "data/ data.csv")
	check("!cat two\\ w|", "two\\ w", "two\\ words.txt")
	check("%%bash\ncd data && ls dee|", "", "")
	check("%%bash\nls data/de|", "data/de", "data/deep/")
	check("%cd d|", "d", "data/")
	n.run("%cd data")
	check("os.ReadFile(\"de|\")", "de", "deep/")
}

// TestQuestions asks about names as IPython's users do.
func TestQuestions(t *testing.T) {
	n := open(t)
	n.ok("// half halves.\nfunc half(x float64) float64 { return x / 2 }\ntype point struct{ x int }\nfunc (p point) double() int { return 2 * p.x }", "")
	for _, c := range []struct{ code, want, not string }{
		{"?half", "half halves.", "return x / 2"},
		{"half?", "half halves.", "return x / 2"},
		{"??half", "return x / 2", ""},
		{"half??", "return x / 2", ""},
		{"? half", "Declared in cell[1].", ""},
		{"?strings.ToUpper", "returns s with all Unicode letters", ""},
		{"p := point{}\np.double?", "func (point).double() int", ""},
		{"point{}.double?", "func (point).double() int", ""},
		{"?%timeit", "-r RUNS", ""},
		{"%timeit?", "-r RUNS", ""},
		{"%%bash?", "shell script", ""},
		{"?half\n?strings.ToUpper", "GOPHER", ""},
	} {
		shown, reply := n.run(c.code)
		if reply.Err != nil || shown != "" || len(reply.Payloads) != 1 {
			t.Errorf("%q: %v, %q, %v", c.code, reply.Err, shown, reply.Payloads)
			continue
		}
		page := reply.Payloads[0]
		text := fmt.Sprint(page["data"].(cell.Bundle)["text/plain"])
		if page["source"] != "page" || !strings.Contains(text, c.want) || c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%q: %v", c.code, page)
		}
	}
	n.ok("?nothing", "There is nothing of the name nothing.\n")
	n.ok("s := `\nhalf?\n?half\n`\nlen(s)", "=> 13")
	n.ok("// half?\n/*\nhalf?\n*/\n1", "=> 1")
}
