package parallel

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What follows are the kinds of function values that a program can have. Each is
// registered before main, as engines need it.

func triple(x int) int { return 3 * x }

func adder(k int) func(int) int { return func(x int) int { return x + k } }

// byReference captures a variable that is assigned to, so by reference.
func byReference(k int) func(int) int {
	k *= 2
	return func(x int) int { k++; k--; return x*1000 + k }
}

type scale int

func (s scale) times(x int) int    { return int(s) * x }
func (s *scale) timesAt(x int) int { return int(*s) * x }

type multiplier interface{ times(int) int }

// empty is a type whose method values capture nothing that takes room.
type empty struct{}

func (empty) times(x int) int { return -x }

type meters int
type feet int

func itself[T any](x T) T { return x }

// sized and unit are generic in a type that the function's own type does not show.
func sized[T any]() func(int) int {
	return func(x int) int { return x*100 + int(reflect.TypeFor[T]().Size()) }
}
func unit[T any](T) func(int) string {
	return func(x int) string { return fmt.Sprint(x, " ", reflect.TypeFor[T]()) }
}

// echo is generic, and its literal is the same code for all types of one shape.
func echo[T any]() func(T) T { return func(x T) T { return x } }

type box[T any] struct{ v T }

func (b box[T]) add(x int) int { return x + len(fmt.Sprint(b.v)) }

// as is a generic method.
func (b box[T]) as[U any](x int) int { return x*10 + len(fmt.Sprintf("%v%T", b.v, *new(U))) }

type operation func(int) int

func made(k int) func(int) int {
	f := reflect.MakeFunc(reflect.TypeFor[func(int) int](), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(int(args[0].Int()) * k)}
	})
	return f.Interface().(func(int) int)
}

var two, seven = scale(2), scale(7)

var kinds = []struct {
	kind string
	f    func(int) int
}{
	{"top-level", Func("top-level", triple)},
	{"literal", Func("literal", func(x int) int { return x * x })},
	{"closure 1", Func("closure 1", adder(1))},
	{"closure 100", Func("closure 100", adder(100))},
	{"by reference 1", Func("by reference 1", byReference(1))},
	{"by reference 2", Func("by reference 2", byReference(2))},
	{"method value 2", Func("method value 2", two.times)},
	{"method value 7", Func("method value 7", seven.times)},
	{"method value of a pointer 2", Func("method value of a pointer 2", (&two).timesAt)},
	{"method value of a pointer 7", Func("method value of a pointer 7", (&seven).timesAt)},
	{"method value of nothing", Func("method value of nothing", empty{}.times)},
	{"interface method 2", Func("interface method 2", multiplier(two).times)},
	{"interface method 7", Func("interface method 7", multiplier(seven).times)},
	{"interface method of nothing", Func("interface method of nothing", multiplier(empty{}).times)},
	{"generic", Func("generic", itself[int])},
	{"generic literal of int8", Func("generic literal of int8", sized[int8]())},
	{"generic literal of int64", Func("generic literal of int64", sized[int64]())},
	{"generic method of string", Func("generic method of string", box[string]{"four"}.add)},
	{"generic method of int", Func("generic method of int", box[int]{12}.add)},
	{"generic method as string", Func("generic method as string", box[int]{12}.as[string])},
	{"generic method as error", Func("generic method as int8", box[int]{12}.as[int8])},
	{"echo of int", Func("echo of int", echo[int]())},
	{"reflection 3", Func("reflection 3", made(3))},
	{"reflection 5", Func("reflection 5", made(5))},
}

var (
	byTwo        = Func("method expression", scale.times2)
	echoMeters   = Func("echo of meters", echo[meters]())
	echoFeet     = Func("echo of feet", echo[feet]())
	sameMeters   = Func("same of meters", itself[meters])
	unitMeters   = Func("unit of meters", unit(meters(0)))
	unitFeet     = Func("unit of feet", unit(feet(0)))
	echoString   = Func("echo of a pointer to meters", echo[*meters]())
	foreign      = Func("another package", strings.ToUpper)
	failing      = Func("only an error", func(x int) error { return map[bool]error{true: fmt.Errorf("%d is odd", x)}[x%2 == 1] })
	times9       = operation(scale(9).times)
	unregistered = adder(9)
)

func (s scale) times2() int { return int(s) * 2 }

func negated(x int) int { return -x }

func init() { Register(operation(negated)) }

func TestFunctionValuesRunAsThemselves(t *testing.T) {
	rc := start(t, 1)
	view := rc.LoadBalanced()
	xs := []int{3, 4, 50}
	check := func(kind string, got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v; want %v", kind, got, err, want)
		}
	}
	for _, k := range kinds {
		var want []int
		for _, x := range xs {
			want = append(want, k.f(x))
		}
		got, err := view.MapSync(k.f, xs)
		check(k.kind, got, err, want)
	}
	got, err := view.MapSync(byTwo, []scale{3, 4})
	check("method expression", got, err, []int{6, 8})
	m, err := view.MapSync(echoMeters, []meters{3})
	check("echo of meters", m, err, []meters{3})
	ft, err := view.MapSync(echoFeet, []feet{4})
	check("echo of feet", ft, err, []feet{4})
	m, err = view.MapSync(sameMeters, []meters{5})
	check("same of meters", m, err, []meters{5})
	s, err := view.MapSync(unitMeters, []int{5})
	check("unit of meters", s, err, []string{"5 parallel.meters"})
	s, err = view.MapSync(unitFeet, []int{5})
	check("unit of feet", s, err, []string{"5 parallel.feet"})
	five := meters(5)
	p, err := view.MapSync(echoString, []*meters{&five})
	check("echo of pointers", p, err, []*meters{&five})
	s, err = view.MapSync(foreign, []string{"a"})
	check("a function of another package", s, err, []string{"A"})
	s, err = view.MapSync(strings.ToUpper, []string{"b"})
	check("the same, by its own name", s, err, []string{"B"})
	got, err = view.MapSync(negated, xs)
	check("registered as of a named type", got, err, []int{-3, -4, -50})
	if err := view.ForEachErrSync(failing, []int{2, 3}); err == nil || !strings.Contains(err.Error(), "3 is odd") || strings.Contains(err.Error(), "item 0") {
		t.Error("only an error:", err)
	}
}

func TestValuesThatWereNotRegisteredAreRefused(t *testing.T) {
	rc := start(t, 1)
	view := rc.LoadBalanced()
	refuse := func(kind string, err error, want ...string) {
		t.Helper()
		for _, text := range want {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, want %q", kind, err, text)
				return
			}
		}
	}
	for kind, c := range map[string]struct {
		f    func(int) int
		want []string
	}{
		"a closure":            {unregistered, []string{"adder", `registered as "closure 1`, "parallel.Func returned"}},
		"by reference":         {byReference(1), []string{"byReference", `registered as "by reference 1"`}},
		"method value":         {scale(9).times, []string{"scale.times", `registered as "method value 2"`}},
		"the same once more":   {two.times, []string{"scale.times", `registered as "method value 2"`}},
		"bound to a pointer":   {new(scale).timesAt, []string{"timesAt", "method value of a pointer"}},
		"interface method":     {multiplier(scale(9)).times, []string{"multiplier.times", `registered as "interface method`}},
		"literal of a generic": {sized[int32](), []string{"sized[...]", "parallel.Func"}},
		"generic method":       {box[string]{"x"}.add, []string{"add", "parallel.Func"}},
		"reflection":           {made(4), []string{"reflect.makeFuncStub", `registered as "reflection 3"`}},
		"another method":       {times9, []string{"times", "parallel.Func"}},
		"never registered":     {func(x int) int { return x }, []string{"not registered"}},
	} {
		_, err := view.MapSync(c.f, []int{1})
		refuse(kind, err, c.want...)
		_, err = rc.All().MapSync(c.f, []int{1})
		refuse(kind+", direct", err, c.want...)
	}
	type inches int
	_, err := view.MapSync(echo[inches](), []inches{1})
	refuse("a literal of a generic function, of another type", err, "echo[...]", "register")
	_, err = view.MapSync(echo[*string](), []*string{nil})
	refuse("a literal of a generic function, of another pointer", err, "echo[...]", "register")
	_, err = view.MapSync(itself[feet], []feet{1})
	refuse("another instance", err, "itself[...]", "parallel.Func")
	var none func(int) int
	_, err = view.MapSync(none, []int{1})
	refuse("nil", err, "it is nil")
}

func TestRegistrationRefusesWhatCannotBeCalled(t *testing.T) {
	registering := func(f func()) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		f()
		return
	}
	//lint:ignore U1000 only the type of the field counts
	type loud struct{ say []func() }
	for kind, c := range map[string]struct {
		f    func()
		want []string
	}{
		"a name twice":         {func() { Func("literal", func(x int) int { return x }) }, []string{`"literal"`, "taken"}},
		"a function twice":     {func() { Func("triple again", triple) }, []string{`"triple again"`, `already, as "top-level"`}},
		"nil":                  {func() { Func[int, int]("nil", nil) }, []string{`"nil"`, "no function"}},
		"a channel":            {func() { Func("c", func(c chan int) int { return <-c }) }, []string{`"c"`, "its argument cannot travel", "chan int"}},
		"a function as result": {func() { Func("f", adder) }, []string{`"f"`, "its result cannot travel", "func(int) int"}},
		"a function inside":    {func() { Func("l", func(loud) int { return 0 }) }, []string{"its argument cannot travel", "loud.say[]"}},
		"Register, twice":      {func() { Register(operation(negated)) }, []string{"parallel.negated", "taken"}},
		"Register, a channel":  {func() { Register(func(chan int) {}) }, []string{"its argument cannot travel", "chan int"}},
		"Register, a method":   {func() { Register(two.times) }, []string{"scale.times is a method value", "parallel.Func(name"}},
		"Register, generic":    {func() { Register(itself[string]) }, []string{"itself[...] is generic", "parallel.Func(name"}},
		"Register, reflection": {func() { Register(made(6)) }, []string{"made by reflection", "parallel.Func(name"}},
		"Register, too much":   {func() { Register(strings.Repeat) }, []string{"at most one argument"}},
		"Register, nil":        {func() { Register((func())(nil)) }, []string{"is not a function"}},
		"Register, no func":    {func() { Register(3) }, []string{"is not a function"}},
	} {
		got := registering(c.f)
		if slices.ContainsFunc(c.want, func(w string) bool { return !strings.Contains(got, w) }) {
			t.Errorf("%s: %s, want %q", kind, got, c.want)
		}
	}
	// What was refused left nothing behind.
	if f := registering(func() { Func("c", func(x int) int { return x + 1 }) }); f != "<nil>" {
		t.Error("after a refusal:", f)
	}
}
