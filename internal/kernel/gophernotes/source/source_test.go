package source

import (
	"context"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/parallel"
)

func open(t *testing.T) (*Compiler, *parallel.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	named := func(path, name string) reflect.Type {
		if path == "time" && name == "Duration" {
			return reflect.TypeFor[time.Duration]()
		}
		return nil
	}
	c, err := Open(ctx, t.TempDir(), named, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	hooks.SetProgram(c.Host())
	rc, err := parallel.Start(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rc.Close() })
	return c, rc
}

// interpreted makes a struct type as gomacro does.
func interpreted(fields ...any) reflect.Type {
	var list []reflect.StructField
	for i := 0; i < len(fields); i += 2 {
		name := fields[i].(string)
		if !ast.IsExported(name) {
			name = unexportedPrefix + name
		}
		list = append(list, reflect.StructField{Name: name, Type: fields[i+1].(reflect.Type)})
	}
	return reflect.StructOf(list)
}

func TestTextsRunOnEngines(t *testing.T) {
	c, rc := open(t)
	view := &rc.LoadBalanced().View
	point := interpreted("X", reflect.TypeFor[float64](), "y", reflect.TypeFor[int](), "names", reflect.TypeFor[[]string]())
	points := reflect.MakeSlice(reflect.SliceOf(point), 2, 2)
	points.Index(0).Field(0).SetFloat(1.5)
	points.Index(1).Field(1).SetInt(7)
	points.Index(1).Field(2).Set(reflect.ValueOf([]string{"a", "b"}))
	call := func(text string, items any) (any, error) {
		t.Helper()
		v, ok := items.(reflect.Value)
		if !ok {
			v = reflect.ValueOf(items)
		}
		f, err := c.Function(t.Context(), text, v.Type().Elem())
		if err != nil {
			return nil, err
		}
		return hooks.Untyped.Map(view, f, v, []parallel.Option(nil)).Get()
	}
	ints := []int{1, 2, 3}
	for _, test := range []struct {
		name, text string
		items      any
		want       string
	}{
		{"literal", "func(x int) float64 { return math.Pow(float64(x), 2) }", ints, "[]float64 [1 4 9]"},
		{"declarations, the last function", "import \"strings\"\nconst k = 3\nfunc helper(x int) string { return strings.Repeat(\"a\", x) }\nfunc repeat(x int) string { return helper(x*k)[1:] }",
			ints, "[]string [aa aaaaa aaaaaaaa]"},
		{"a package clause", "package main\n\nfunc neg(x int) int { return -x }", ints, "[]int [-1 -2 -3]"},
		{"no items", "func(x int) string { return `` }", []int(nil), "[]string []"},
		{"name of an earlier one", "repeat", []int{1}, "[]string [aa]"},
		{"helper of an earlier text", "func(x int) int { return len(repeat(x)) }", ints, "[]int [2 5 8]"},
		{"method first", "func (s square) area() int { return s.side * s.side }\ntype square struct{ side int }\nfunc area(x int) int { return square{x}.area() }", ints, "[]int [1 4 9]"},
		{"with an error", "func(x int) (int, error) { return x, nil }", ints, "[]int [1 2 3]"},
		{"without a result", "func(x int) {}", ints, "<nil> <nil>"},
		{"the interpreter's struct", "func(p point) point { p.X *= 2; p.y++; p.names = append(p.names, \"z\"); return p }", points,
			fmt.Sprintf("[]%v [{3 1 [z]} {0 8 [a b z]}]", point)},
		{"in a slice", "func(p *point) []point { return nil }", []*struct{ X int }{}, "[][]struct { X int } []"},
		{"its fields", "func(p point) map[string]int { return map[string]int{\"y\": p.y} }", points, "[]map[string]int [map[y:0] map[y:7]]"},
		{"a struct of the text", "type pair struct{ A int; b []int }\nfunc pairOf(x int) pair { return pair{x, []int{x}} }", []int{4},
			fmt.Sprintf("[]%v [{4 [4]}]", interpreted("A", reflect.TypeFor[int](), "b", reflect.TypeFor[[]int]()))},
		{"a package's type", "func(x int) time.Duration { return time.Duration(x) * time.Second }", ints, "[]time.Duration [1s 2s 3s]"},
		{"a literal behind an import", "import clock \"time\"\n\nimport (\n\t\"strconv\"\n)\n// comment\nfunc(x int) string { return strconv.Itoa(x) + clock.Second.String() }", ints, "[]string [11s 21s 31s]"},
		{"argument of a package's type", "func(d time.Duration) float64 { return d.Seconds() }", []time.Duration{time.Minute}, "[]float64 [60]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := call(test.text, test.items)
			if err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprintf("%T %v", got, got); text != test.want {
				t.Errorf("%s, want %s", text, test.want)
			}
		})
	}
	for _, test := range []struct {
		name, text string
		items      any
		want       string
	}{
		{"syntax", "func(x int) int { return x +/ 2 }", ints, "the function's source:1:29: expected operand"},
		{"column behind an inserted name", "func(x int) int { return y }", ints,
			"the function's source:1:26: undefined: y\n    func(x int) int { return y }\n                             ^\nhint: a text sees what texts declare"},
		{"later line", "func twice(x int) int {\n\treturn x * \"a\"\n}", ints, "the source of twice:2:9: invalid operation"},
		{"items of another type", "func(x int) int { return x }", []float64{1}, "the function cannot run on an engine: its argument is of type int, the items are of type float64"},
		{"fields of other names", "type place struct{ X float64; z int; names []string }\nfunc f(p place) int { return p.z }", points,
			"its argument is of type place, the items are of type struct { X float64; y int; names []string }; field 2 is z there and y here"},
		{"a variable", "var table = []int{1}\nfunc look(x int) int { return table[0] }", ints, "look cannot run on an engine: it reads the variable table"},
		{"too many arguments", "func add(x, y int) int { return x + y }", ints, "at most one argument"},
		{"a literal with too many arguments", "func(x, y int) int { return x + y }", ints, "the function is a func(x int, y int) int: a function for engines"},
		{"a literal that calls itself", "func(x int) int { return itself(x) }", ints, "the function's source:1:26: undefined: itself"},
		{"a literal without a result", "func(x int) int { }", ints, "the function's source:1:19: missing return"},
		{"a generic literal", "func[T any](x T) T { return x }", ints, "the function's source:1:5: function type must have no type parameters"},
		{"a package", "func(x int) int { return lo.Max([]int{x}) }", ints, "; if lo is a package, begin the text with its import"},
		{"fewer fields", "type short struct{ X float64 }\nfunc f(p short) int { return 0 }", points,
			"its argument is of type short, the items are of type struct { X float64; y int; names []string }; there is no y there"},
		{"more fields", "type long struct{ X float64; y int; names []string; more, most int }\nfunc f(p long) int { return 0 }", points, "; there is no more here"},
		{"no function", "type t int", ints, "there is no function"},
		{"an expression", "math.Sqrt", []float64{1}, "there is no function in the source text \"math.Sqrt\""},
		{"an unknown name", "nobody", ints, `"nobody" is neither Go source text nor the name of a function`},
		{"a channel", "func(x int) chan int { return nil }", ints, "its result of type chan int cannot be handed to the interpreter"},
		{"items that are channels", "func(c chan int) int { return 0 }", []chan int{nil}, "the items are of type chan int, and chan int is a channel"},
		{"a mistake without a function", "const broken = \"a\" + 1", ints, "the source text:1:"},
		{"a channel in an item", "func(x box) int { return 0 }", reflect.MakeSlice(reflect.SliceOf(interpreted("C", reflect.TypeFor[chan int]())), 1, 1), "the type box of the items cannot travel: chan int is a channel"},
		{"panic", "func fails(x int) int {\n\tif x == 2 {\n\t\tpanic(\"no twos\")\n\t}\n\treturn x\n}", ints, "item 1 on engine "},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := call(test.text, test.items)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, %v; want %s", got, err, test.want)
			}
		})
	}
	for _, text := range []string{"func(x int) int {\n\tpanic(x)\n}", "func(x int) int {\n\tgo func() {\n\t\tpanic(x)\n\t}()\n\tselect {}\n}"} {
		_, err := call(text, []int{7})
		if said := fmt.Sprintf("%+v", c.Explain(err)); !strings.Contains(said, "the function's source:") || strings.Contains(said, literalPrefix) || strings.Contains(said, "cell-") {
			t.Errorf("a literal's panic says %s", said)
		}
	}
	_, err := call("fails", ints)
	for range 2 { // the second time changes nothing
		err = c.Explain(err)
	}
	if text := err.Error(); !strings.HasSuffix(text, ": panic: no twos (the source of fails, line 3)") {
		t.Error(text)
	}
	if stack := fmt.Sprintf("%+v", err); !strings.Contains(stack, "the source of fails:3") {
		t.Errorf("stack %s", stack)
	}
}

// Whatever a text fails by, what an earlier one returns keeps its fields under their names.
func TestAFailedTextChangesNothing(t *testing.T) {
	c, rc := open(t)
	view := &rc.LoadBalanced().View
	float := reflect.TypeFor[float64]()
	was, is := interpreted("Lat", float, "Lon", float), interpreted("Lon", float, "Lat", float)
	outer := func(inner reflect.Type) reflect.Type { return interpreted("At", inner, "all", reflect.SliceOf(inner)) }
	function := func(text string, items reflect.Type) error {
		_, err := c.Function(t.Context(), text, items)
		return err
	}
	check := func(after, name string, lat float64) {
		t.Helper()
		f, err := c.Function(t.Context(), name, reflect.TypeFor[int]())
		if err != nil {
			t.Fatal(after, err)
		}
		got, err := hooks.Untyped.Map(view, f, reflect.ValueOf([]int{2}), []parallel.Option(nil)).Get()
		if err != nil {
			t.Fatal(after, err)
		}
		p := reflect.ValueOf(got).Index(0)
		for p.Kind() != reflect.Struct || p.FieldByName("At").IsValid() {
			if p.Kind() == reflect.Slice {
				p = p.Index(0)
			} else {
				p = p.FieldByName("At")
			}
		}
		if p.FieldByName("Lat").Float() != lat || p.FieldByName("Lon").Float() != 10 {
			t.Errorf("after %s, %s gives %+v", after, name, p)
		}
	}
	for _, text := range []string{"func first(p P) P { return p }", "func second(o O) O { return o }"} {
		items := was
		if strings.Contains(text, "O") {
			items = outer(was)
		}
		if err := function(text, items); err != nil {
			t.Fatal(err)
		}
	}
	if err := function("func mk(x int) P { return P{Lat: float64(x), Lon: 10} }\nfunc list(x int) []P { return []P{mk(x)} }\nfunc nested(x int) O { return O{At: mk(x)} }", reflect.TypeFor[int]()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"func bad(p P) P { return q }", "func bad(p P) P { return p +/ 2 }", "func bad(p P) P { return p", "import \"no/such\"\nfunc bad(p P) P { return p }",
		"func bad(p P) int { return p }", "func bad(p *P) (P, P) { undefined() }", "func bad(p P) P { return mk(\"x\") }",
	} {
		if err := function(text, is); err == nil {
			t.Error(text, "compiled")
		}
		for _, name := range []string{"mk", "list", "nested"} {
			check(text, name, 2)
		}
	}
	if err := function("func bad(o O) O { return q }", outer(is)); err == nil {
		t.Error("it compiled")
	}
	check("a failure of what contains it", "nested", 2)
	if err := function("first", is); err == nil || !strings.Contains(err.Error(), "field 1 is Lat there and Lon here") {
		t.Error("items of the other layout were accepted:", err)
	}
	// What has compiled counts.
	if err := function("func good(p P) P { return p }", is); err != nil {
		t.Fatal(err)
	}
	check("a success", "mk", 2)
}

// Source of the user's own that has changed is named at once, in this kernel's words, and taken up by Renew.
func TestChangedPackagesAreTakenUp(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/shop\n\ngo 1.27\n")
	write("price/price.go", "package price\n\nfunc Of(x int) int { return 10 * x }\n")
	var said []string
	c, err := Open(t.Context(), dir, nil, func(line string) { said = append(said, line) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	const text = "import \"example.com/shop/price\"\nfunc total(x int) int { return price.Of(x) + 1 }"
	ask := func(text string, want int) {
		t.Helper()
		if err := c.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		hooks.SetProgram(c.Host())
		rc, err := parallel.Start(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		defer rc.Close()
		f, err := c.Function(t.Context(), text, reflect.TypeFor[int]())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := hooks.Untyped.Map(&rc.All().View, f, reflect.ValueOf([]int{2}), []parallel.Option(nil)).Get(); err != nil || fmt.Sprint(got) != fmt.Sprint([]int{want}) {
			t.Errorf("%v %v, want %d", got, err, want)
		}
	}
	ask(text, 21)
	write("price/price.go", "package price\n\nfunc Of(x int) int { return 100 * x }\n")
	said = nil
	if _, err := c.Function(t.Context(), text, reflect.TypeFor[int]()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(said, "\n"); !strings.Contains(got, "the source of example.com/shop has changed since it was loaded; close all clusters") || strings.Contains(got, "%") {
		t.Errorf("said %q", got)
	}
	ask("total", 201)
	ask(text, 201)
}

// A text that no longer compiles, because another one declared what it calls anew, says so when that happens
// and when it is called.
func TestTextsThatAreLostSaySo(t *testing.T) {
	var said []string
	c, err := Open(t.Context(), t.TempDir(), nil, func(line string) { said = append(said, line) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, text := range []string{"func base(x int) int { return x }", "func over(x int) int { return base(x) + 1 }", "func base(x int) string { return \"s\" }"} {
		if _, err := c.Function(t.Context(), text, reflect.TypeFor[int]()); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(said, "\n"); !strings.Contains(got, "note: over, of an earlier text, does not compile with what a later text declares") {
		t.Errorf("said %q", got)
	}
	if _, err := c.Function(t.Context(), "over", reflect.TypeFor[int]()); err == nil || !strings.Contains(err.Error(), "over, of an earlier text, does not compile") {
		t.Error(err)
	}
}

// The interpreter's structs, which have no name, are those that a text declares with the same fields.
func TestStructsWithoutANameAreReadUnderOne(t *testing.T) {
	c, rc := open(t)
	all := rc.All()
	part := interpreted("n", reflect.TypeFor[int]())
	in := interpreted("A", reflect.TypeFor[float64](), "names", reflect.TypeFor[[]string](), "Part", part, "parts", reflect.MapOf(reflect.TypeFor[string](), part))
	value := reflect.New(in).Elem()
	value.Field(0).SetFloat(1.5)
	value.Field(1).Set(reflect.ValueOf([]string{"x"}))
	value.Field(2).Field(0).SetInt(7)
	if err := hooks.Untyped.Push(all, "in", value, []parallel.Option(nil)); err != nil {
		t.Fatal(err)
	}
	apply := func(text string) (any, error) {
		t.Helper()
		f, err := c.Function(t.Context(), text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return hooks.Untyped.Apply(&all.View, f, []parallel.Option(nil)).Get()
	}
	const types = "type Part struct { n int }\ntype In struct { A float64; names []string; Part; parts map[string]Part }\n"
	if got, err := apply(types + "func read() (string, error) { in, err := parallel.Get[In](\"in\"); return fmt.Sprint(in), err }"); err != nil || fmt.Sprint(got) != "[{1.5 [x] {7} map[]} {1.5 [x] {7} map[]}]" {
		t.Error(got, err)
	}
	if _, err := apply("func keep() error { parallel.Set(\"out\", []In{{A: 2, names: []string{\"y\"}}}); return nil }"); err != nil {
		t.Fatal(err)
	}
	if got, err := hooks.Untyped.Pull(all, "out", reflect.SliceOf(in), []parallel.Option(nil)); err != nil || fmt.Sprint(got) != "[[{2 [y] {0} map[]}] [{2 [y] {0} map[]}]]" {
		t.Error(got, err)
	}
	other := interpreted("B", reflect.TypeFor[float64](), "names", reflect.TypeFor[[]string](), "Part", part, "parts", reflect.MapOf(reflect.TypeFor[string](), part))
	if _, err := hooks.Untyped.Pull(all, "out", reflect.SliceOf(other), []parallel.Option(nil)); err == nil || !strings.Contains(err.Error(), "of type []main.In, not []struct") {
		t.Error("fields of other names were accepted:", err)
	}
}
