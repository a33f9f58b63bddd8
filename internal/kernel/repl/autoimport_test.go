package repl_test

import (
	"context"
	"strings"
	"testing"
)

// Cells need not import what is at hand.
func TestImportsNeedNotBeTyped(t *testing.T) {
	n := open(t)
	n.ok(`fmt.Println("hello")`, "[imported fmt]hello\n")
	n.ok(`fmt.Sprint(1)`, "=> 1") // as if the first cell had imported it
	n.ok("func upper(b *bytes.Buffer) string { return strings.ToUpper(b.String()) }\nvar w io.Writer = &bytes.Buffer{}\nupper(w.(*bytes.Buffer)) == \"\"",
		"[imported bytes, io, strings]=> true")
	n.ok("time.Duration(1500) * time.Millisecond", "[imported time]=> 1.5s")
	n.ok(`math := "mine"; math`, "=> mine") // names of the user's own win
	if text := n.fails("math.Sqrt(4)", "CompileError"); !strings.Contains(text, "math.Sqrt undefined") {
		t.Error(text)
	}
	n.ok("func half(x float64) float64 { sort := x / 2; return sort }\nhalf(3)", "=> 1.5")
	n.ok("%restart", "")
	n.ok(`fmt.Sprint(2)`, "=> 2")
	n.ok("parallel.Local() != nil", "[imported github.com/goparallel/goparallel/parallel]=> true")
}

// Of packages that have one name, the members that are used and their types decide.
func TestWhichPackageIsMeant(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"rand.IntN(1)", "[imported math/rand/v2]=> 0"},
		{"rand.Intn(1)", "[imported math/rand]=> 0"},
		{"rand.Float64() < 1 && rand.Perm(1)[0] == 0", "[imported math/rand/v2]=> true"},
		{"rand.Read(make([]byte, 3))", "[imported crypto/rand]=> 3"},
		{"len(rand.Text()) > 9", "[imported crypto/rand]=> true"},
		{"rand.Int() >= 0", "[imported math/rand/v2]=> true"},
		{"r := rand.New(rand.NewSource(1)); r.Intn(1)", "[imported math/rand]=> 0"},
		{"b, _ := json.Marshal(map[string]int{`a`: 1}); string(b)", "[imported encoding/json]=> {\"a\":1}"},
		{"json.MarshalWrite(io.Discard, 1)", "[imported encoding/json/v2, io]"},
		{"template.HTML(`<b>`)", "[imported html/template]=> <b>"},
		{"scanner.ErrorList(nil)", "[imported go/scanner]=> error: scanner.ErrorList: no errors"},
		{"slices.Max([]int{1, 3})", "[imported slices]=> 3"},
	} {
		n := open(t)
		n.ok(test.code, test.want)
	}
	n := open(t)
	n.ok("rand.IntN(1)", "[imported math/rand/v2]=> 0")
	n.ok("rand.Float32() < 1", "=> true")
	n.ok("rand.Intn(1)", "[imported math/rand]=> 0") // each cell means what it uses
	n.ok("rand.IntN(1)", "[imported math/rand/v2]=> 0")
	n.ok("import \"math/rand\"\nrand.Intn(1)", "=> 0")
	if text := n.fails("rand.IntN(1)", "CompileError"); !strings.Contains(text, "undefined: rand.IntN") {
		t.Error("a written import gave way:", text)
	}
	n = open(t)
	for _, test := range []struct{ code, hint string }{
		{"t := template.New(`x`)", "template can be html/template or text/template: import the one that you mean"},
		{"strings.ToUper(`x`)", "did you mean strings.ToUpper?"},
		{"nothing.Known(1)", "undefined: nothing"},
		{"strings", "undefined: strings"},
	} {
		if text := n.fails(test.code, "CompileError"); !strings.Contains(text, test.hint) {
			t.Errorf("%s: %s", test.code, text)
		}
	}
}

func TestAutoImportOff(t *testing.T) {
	n := open(t)
	n.ok("%autoimport off", "")
	if text := n.fails("fmt.Println(1)", "CompileError"); !strings.Contains(text, `hint: add import "fmt"`) {
		t.Error(text)
	}
	if text := n.fails("%autoimport maybe", "MagicError"); !strings.Contains(text, "on or %autoimport off") {
		t.Error(text)
	}
	n.ok("%autoimport on", "")
	n.ok("fmt.Sprint(1)", "[imported fmt]=> 1")
}

// Completion and documentation know what cells would get.
func TestQuestionsAboutWhatIsNotImported(t *testing.T) {
	n := open(t)
	ctx := context.Background()
	for _, test := range []struct{ code, text, signature string }{
		{"strings.ToU|", "ToUpper", `(imports "strings")`},
		{"rand.Int|", "IntN", `(imports "math/rand/v2")`},
		{"rand.Float6|", "Float64", `(imports "math/rand/v2")`},
		{"strings.NewReader(`x`).Rea|", "ReadByte", "byte"},
		{"x := time.Now()\nx.Yea|", "Year", "int"},
		{"rand.IntN(3); rand.Shuf|", "Shuffle", `(imports "math/rand/v2")`},
		{"strin|", "strings", `imports "strings"`},
	} {
		code := strings.Replace(test.code, "|", "", 1)
		got := n.repl.Complete(ctx, code, strings.Index(test.code, "|"))
		found := false
		for _, item := range got.Items {
			found = found || item.Text == test.text && strings.Contains(item.Signature, test.signature)
		}
		if !found || got.Import != "" {
			t.Errorf("%s: %+v", test.code, got)
		}
	}
	for code, want := range map[string]string{"strings.ToUpper": "func ToUpper", "x := strings.NewReader(``); x.ReadByte": "ReadByte"} {
		if got := n.repl.Inspect(ctx, code, len(code)-1, 0); !got.Found || !strings.Contains(got.Data["text/plain"].(string), want) {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// What the module around the notebook has, and what it requires and is on this machine, is imported
// by its name as well; nothing is downloaded for it.
func TestImportsOfTheNotebooksModule(t *testing.T) {
	proxy(t, "v1.0.0")
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":                  "module example.com/mine\n\ngo 1.21\n\nrequire example.com/greet v1.0.0\n",
		"stats/stats.go":          "package stats\n\nfunc Mean(xs ...float64) float64 { return xs[0] }\n",
		"stats/stats_test.go":     "package stats\n\nvar OfTests = 1\n",
		"plots/plots.go":          "package plots\n\nfunc Line(x int) int { return x }\n",
		"internal/deep/deep.go":   "package deep\n\nconst Answer = 42\n",
		"a/twice/twice.go":        "package twice\n\nvar X, Y = 1, 2\n",
		"b/twice/twice.go":        "package twice\n\nvar X = 1\n",
		"program/main.go":         "package main\n\nvar Main = 1\n\nfunc main() {}\n",
		"notebooks/broken/bad.go": "package broken\n\nvar Value int = \"text\"\n",
	})
	n := openIn(t, dir+"/notebooks")
	n.ok("stats.Mean(3)", "[imported example.com/mine/stats]=> 3")
	n.ok("stats.Mean(4)", "=> 4")
	n.ok("plots.Line(1)", "[imported example.com/mine/plots]=> 1") // one's own comes before the kernel's
	n.ok("deep.Answer", "[imported example.com/mine/internal/deep]=> 42")
	n.ok("twice.Y", "[imported example.com/mine/a/twice]=> 2")
	n.ok("strings.ToUpper(`a`)", "[imported strings]=> A")
	n.ok("%restart", "")
	for code, want := range map[string]string{
		"stats.OfTests":   "undefined: stats",
		"main.Main":       "undefined: main",
		"stats.mean":      "",
		"greet.Version()": "undefined: greet", // it is not on this machine
		"broken.Value":    "cannot use \"text\"",
	} {
		m := openIn(t, dir+"/notebooks")
		if text := m.fails(code, "CompileError"); !strings.Contains(text, want) {
			t.Errorf("%s: %s", code, text)
		}
	}
	m := openIn(t, dir)
	if text := m.fails("twice.X", "CompileError"); !strings.Contains(text, "twice can be example.com/mine/a/twice or example.com/mine/b/twice: import the one that you mean") {
		t.Error(text)
	}
	m.ok("import _ \"example.com/greet\"", "[go: downloading example.com/greet v1.0.0]")
	m = openIn(t, dir)
	m.ok("greet.Version()", "[imported example.com/greet]=> v1.0.0")
	write(t, dir, map[string]string{"fresh/fresh.go": "package fresh\n\nconst New = true\n"})
	m.ok("fresh.New", "[imported example.com/mine/fresh]=> true")
}
