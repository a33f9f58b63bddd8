package session_test

import (
	"context"
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	n := open(t)
	if out := n.run(declarations); out != "" {
		t.Fatal(out)
	}
	n.run("import \"gonum.org/v1/gonum/mat\"\n// double doubles\n// what it gets.\nfunc double(n int) int {\n\treturn 2 * n\n}\nm := mat.NewDense(2, 2, nil)")
	for _, test := range []struct {
		code   string // | is the cursor
		detail int
		want   []string
		not    string
	}{
		{"dou|ble(3)", 0, []string{"func double(n int) int", "double doubles what it gets.", "Declared in cell[2]."}, "return 2"},
		{"double|(3)", 1, []string{"Source:", "return 2 * n"}, ""},
		{"double(3|)", 0, []string{"func double(n int) int"}, ""},
		{"strings.ToUp|per(\"\")", 0, []string{"func ToUpper(s string) string", "import \"strings\"", "returns s with all Unicode letters", "Example:", "fmt.Println(strings.ToUpper(\"Gopher\"))", "Output:\n\n    GOPHER"}, "// Output"},
		{"strings.Split(\"a,b\", |", 0, []string{"func Split(s, sep string) []string"}, ""},
		{"stri|ngs.ToUpper(\"\")", 0, []string{"package strings", "implements simple functions", "func Split("}, ""},
		{"var b strings.Buil|der", 0, []string{"type Builder struct", "func (b *Builder) WriteString(", "Example:"}, ""},
		{"var b strings.Builder\nb.Write|String", 0, []string{"func (b *Builder) WriteString(s string) (int, error)", "appends the contents of s"}, ""},
		{"server := http.Server{}\nserver.Hand|ler", 0, []string{"field Handler", "handler to invoke"}, ""},
		{"var h http.Handler\nh.Serve|HTTP", 0, []string{"ServeHTTP"}, ""},
		{"http.StatusTea|pot", 0, []string{"418", "RFC"}, ""},
		{"json.Mar|shal", 0, []string{"import \"encoding/json\"", "func Marshal(v any) ([]byte, error)"}, ""},
		{"mat.NewDen|se", 0, []string{"import \"gonum.org/v1/gonum/mat\"", "func NewDense(r, c int, data []float64) *Dense", "creates a new Dense matrix"}, ""},
		{"m.Mu|l(m, m)", 0, []string{"func (m *Dense) Mul(a, b Matrix)", "Mul takes the matrix product", "Example:"}, ""},
		{"appe|nd(nil)", 0, []string{"func append(slice []Type, elems ...Type) []Type", "built-in function appends"}, ""},
		{"var err err|or", 0, []string{"type error interface"}, ""},
		{"p|", 0, []string{"var p point", "Declared in cell[1]."}, ""},
		{"p.ar|ea()", 1, []string{"func (point).area() int", "return p.x * p.y"}, ""},
		{"poi|nt{}", 0, []string{"type point struct { base; x, y int }", "func (point).area() int"}, "Source:"},
		{"maxPoi|nts", 0, []string{"const maxPoints untyped int = 10"}, ""},
		{"strings.ToUp|per(\"\")", 1, []string{"returns s with all Unicode letters", "Source:\n\n// ToUpper returns", "isASCII, hasLower := true, false"}, ""},
		{"var b strings.Builder\nb.Write|String", 1, []string{"Source:", "b.buf = append(b.buf, s...)\n"}, "func (b *Builder) WriteRune"},
		{"var b strings.Buil|der", 1, []string{"Source:", "type Builder struct {\n\taddr *Builder"}, ""},
		{"http.StatusTea|pot", 1, []string{"Source:", "StatusTeapot "}, ""},
		{"server := http.Server{}\nserver.Hand|ler", 1, []string{"Source:", "type Server struct {"}, ""},
		{"var err = io.E|OF", 1, []string{"Source:", "errors.New(\"EOF\")"}, ""},
		{"mat.NewDen|se", 1, []string{"Source:", "return &Dense{"}, ""},
		{"fmt.Print|ln", 1, []string{"Source:", "Fprintln(os.Stdout, a...)"}, ""},
		{"slices.Sort|Func", 1, []string{"Source:", "pdqsortCmpFunc("}, ""},
		{"stri|ngs.ToUpper(\"\")", 1, []string{"package strings", "Source:", "// Clone returns a fresh copy", "func Clone(s string) string\n", "func (b *Builder) Cap() int\n"}, "explodes s into"},
		{"import \"go/build/constraint\"\nconstra|int", 1, []string{"package constraint", "// GoVersion returns the minimum Go version", "type Expr interface"}, ""},
		{"import \"io\"\ni|o", 1, []string{"// Seek whence values.", "SeekStart", "// EOF is the error", "var EOF ="}, ""},
		{"stri|ngs.ToUpper(\"\")", 0, []string{"package strings"}, "Source:"},
		{"appe|nd(nil)", 1, []string{"func append("}, "Source:"},
		{"noth|ing", 0, nil, ""},
		{"|", 0, nil, ""},
		{"func f(q point) { q|", 0, []string{"var q point"}, ""},
	} {
		before, after, _ := strings.Cut(test.code, "|")
		got := n.session.Inspect(context.Background(), before+after, len([]rune(before)), test.detail)
		if got.Found != (test.want != nil) {
			t.Errorf("%q: found %v", test.code, got.Found)
			continue
		}
		text, _ := got.Data["text/plain"].(string)
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q: %q is not in\n%.2000s", test.code, want, text)
			}
		}
		if test.not != "" && strings.Contains(text, test.not) {
			t.Errorf("%q: %q is in\n%.2000s", test.code, test.not, text)
		}
		if markdown, _ := got.Data["text/markdown"].(string); test.want != nil && !strings.HasPrefix(markdown, "```go\n") {
			t.Errorf("%q: got Markdown %q", test.code, markdown)
		}
	}
}
