package shown_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/shown"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// values are those of a session whose cells 3 and 12 have shown one.
func values() *shown.Values {
	v := new(shown.Values)
	v.Add(3, rewrite.Result{Type: "int"})
	v.Add(4, rewrite.Result{}) // shows nothing
	v.Add(12, rewrite.Result{Type: "big.Int", Imports: map[string]string{"big": "math/big"}})
	return v
}

func TestUse(t *testing.T) {
	const third, twelfth = "(*ᐧlive.Shown[int](3))", "(*ᐧlive.Shown[big.Int](12))"
	for _, c := range []struct {
		source, text string
		used         map[string]int
	}{
		{"_3 + 1", third + "/*line :1:3*/ + 1", map[string]int{"_3": 3}},
		{"x := 2\nx * _3", "x := 2\nx * " + third + "/*line :2:7*/", map[string]int{"_3": 3}},
		{"f(_3, _3)", "f(" + third + "/*line :1:5*/, " + third + "/*line :1:9*/)", map[string]int{"_3": 3}},
		{"_.Sign()", "import \"math/big\"; /*line :1:1*/" + twelfth + "/*line :1:2*/.Sign()", map[string]int{"_": 12}},
		// Cells that have shown nothing, or are none.
		{"_4", "_4", nil},
		{"_7", "_7", nil},
		// What has a meaning in Go keeps it.
		{"_ = f()", "_ = f()", nil},
		{"for _, x := range xs {\n}", "for _, x := range xs {\n}", nil},
		{"_3 := 1\n_3 + 1", "_3 := 1\n_3 + 1", nil},
		{"var _ = 1", "var _ = 1", nil},
		{"func g(_ int) {}", "func g(_ int) {}", nil},
		{"v._3", "v._3", nil},
		{"T{_3: 1}", "T{_3: 1}", nil},
		{"import _ \"embed\"", "import _ \"embed\"", nil},
		{"goto _3", "goto _3", nil},
		{"\"_3\"", "\"_3\"", nil},
		{"// _3", "// _3", nil},
		{"a_3 + _3a", "a_3 + _3a", nil},
		{"x + (", "x + (", nil},
		// A declared name of the session.
		{"_5", "_5", nil},
	} {
		text, used := values().Use(c.source, []string{"_5"}, nil)
		if text != c.text || !maps.Equal(used, c.used) {
			t.Errorf("%q became\n%s %v, not\n%s %v", c.source, text, used, c.text, c.used)
		}
	}
	var none shown.Values
	if text, used := none.Use("_3", nil, nil); text != "_3" || used != nil {
		t.Error(text, used)
	}
}

// A cell that runs again reads what it read then.
func TestUseAgain(t *testing.T) {
	text, used := values().Use("_", nil, map[string]int{"_": 3})
	if want := "(*ᐧlive.Shown[int](3))/*line :1:2*/"; text != want || used["_"] != 3 {
		t.Error(text, used)
	}
}

// A name of the session is no value, whichever cell may have shown one.
func TestUseOfKnownName(t *testing.T) {
	if text, used := values().Use("_3 + 1", []string{"_3"}, nil); text != "_3 + 1" || used != nil {
		t.Error(text, used)
	}
}

// What was written anew is found again in the text, with the place behind it, and messages are in the
// user's words.
func TestCall(t *testing.T) {
	text, _ := values().Use("f(_3)", nil, nil)
	if got := shown.InWords(shown.WithoutPlaces(text)); got != "f(_3)" {
		t.Error(got)
	}
	const before = "package p\nvar _ = "
	source, wrong := syntax.Parse(token.NewFileSet(), []byte(before+text+"\n"))
	if wrong != nil {
		t.Fatal(wrong)
	}
	var found []string
	ast.Inspect(source.File, func(n ast.Node) bool {
		if count, end, ok := shown.Call(source, n); ok {
			found = append(found, fmt.Sprint(count, " ", string(source.Text[end:])))
		}
		return true
	})
	if want := []string{"3 )\n"}; !slices.Equal(found, want) {
		t.Errorf("%q", found)
	}
}

func TestSkip(t *testing.T) {
	for text, want := range map[string]int{"/*line :3:1*/x": 13, "x /*line :3:1*/": 0, "x": 0} {
		if got := shown.Skip([]byte(text)); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
