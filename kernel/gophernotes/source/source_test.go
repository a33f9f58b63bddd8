package source

import (
	"context"
	"fmt"
	"go/ast"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
	"github.com/goparallel/goparallel/parallel/launch"
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
	launch.Program = c.Host()
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
		return view.MapValues(f, v).Get()
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
		{"no function", "type t int", ints, "there is no function"},
		{"an expression", "math.Sqrt", []float64{1}, "there is no function in the source text \"math.Sqrt\""},
		{"an unknown name", "nobody", ints, `"nobody" is neither Go source text nor the name of a function`},
		{"a channel", "func(x int) chan int { return nil }", ints, "its result of type chan int cannot be handed to the interpreter"},
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
