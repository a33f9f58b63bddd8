package carry

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/live"
)

// The versions of a type are types of one name that two functions declare.
func versions() (old, newest reflect.Type) {
	type point struct {
		X, Gone int
		Next    *point
		Any     any
	}
	older := reflect.TypeFor[point]()
	return older, newestPoint()
}

func newestPoint() reflect.Type {
	type point struct {
		Any  any
		Next *point
		X    int
		More string
	}
	return reflect.TypeFor[point]()
}

// session is the variables of one test, and the types that are declared again.
type session struct {
	t     *testing.T
	name  string
	types []Type
	vars  []Variable
	roots []string
	notes string
}

func begin(t *testing.T, types ...Type) *session {
	s := &session{t: t, name: t.Name(), types: types}
	for _, v := range types {
		t.Cleanup(func() { live.FirstType(v.Name, v.New) })
	}
	return s
}

// variable announces one, whose value is carried over to another of type newest; it returns that.
func (s *session) variable(name string, old reflect.Value, newest reflect.Type) reflect.Value {
	name = s.root(name, old.Addr().Interface())
	to := reflect.New(newest)
	s.vars = append(s.vars, Variable{Name: name, Old: name, New: to.Interface()})
	return to.Elem()
}

// root announces a variable that keeps its type.
func (s *session) root(name string, pointer any) string {
	name = s.name + "." + name
	live.Variable(name, name, pointer)
	s.roots = append(s.roots, name)
	return name
}

// over carries all over, and takes what is told.
func (s *session) over() {
	Tell = func(note string) { s.notes += note + "\n" }
	defer func() { Tell = nil }()
	newCarrier(reflect.TypeFor[carrier]().PkgPath()).carryOver(s.types, s.vars)
	for _, name := range s.roots {
		live.Variable(name, name, new(int)) // later tests do not see it
	}
}

// told wants just these notes.
func (s *session) told(notes ...string) {
	s.t.Helper()
	want := strings.Join(notes, "\n")
	if got := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(s.notes), "note: ", ""), s.name+".", ""); got != want {
		s.t.Errorf("it was told\n%s\ninstead of\n%s", got, want)
	}
}

// pointType is the type point, with its old version announced.
func pointType(old, newest reflect.Type) Type {
	live.Type("point", reflect.Zero(reflect.PointerTo(old)).Interface())
	return Type{Name: "point", New: reflect.Zero(reflect.PointerTo(newest)).Interface()}
}

// Fields are carried over by name, wherever they lie; a field that is gone is told once, a new one is zero.
func TestFieldsGoByName(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	from := reflect.New(old).Elem()
	from.FieldByName("X").SetInt(7)
	from.FieldByName("Gone").SetInt(8)
	from.FieldByName("Any").Set(reflect.ValueOf("text"))
	copied := reflect.New(old).Elem()
	copied.Set(from)
	to, another := s.variable("p", from, newest), s.variable("q", copied, newest)
	s.over()
	for _, v := range []reflect.Value{to, another} {
		if v.FieldByName("X").Int() != 7 || v.FieldByName("Any").Interface() != "text" || v.FieldByName("More").String() != "" || !v.FieldByName("Next").IsNil() {
			t.Errorf("%+v", v)
		}
	}
	s.told("p: point's field Gone of type int was dropped")
	if from.FieldByName("Gone").Int() != 8 {
		t.Error("the old memory has changed")
	}
}

// A type without a name is another version of the one in the same field.
func TestTypesWithoutNames(t *testing.T) {
	s := begin(t)
	old := struct {
		P *struct{ A int }
		M map[string]struct{ B int }
	}{&struct{ A int }{1}, map[string]struct{ B int }{"b": {2}}}
	to := s.variable("v", reflect.ValueOf(&old).Elem(), reflect.TypeFor[struct {
		M map[string]struct {
			C string
			B int
		}
		P *struct {
			More string
			A    int
		}
	}]())
	s.over()
	if got := fmt.Sprintf("%+v %+v", to.FieldByName("P").Elem(), to.FieldByName("M")); got != "{More: A:1} map[b:{C: B:2}]" {
		t.Error(got)
	}
	s.told()
}

// Who points to what lies in a field that is gone keeps it, in the new version.
func TestPointersIntoFieldsThatAreGone(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	outer := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Gone", Type: old}, {Name: "Kept", Type: old}})).Elem()
	gone, kept := reflect.New(reflect.PointerTo(old)).Elem(), reflect.New(reflect.PointerTo(old)).Elem()
	for i, p := range []reflect.Value{gone, kept} {
		outer.Field(i).FieldByName("X").SetInt(int64(i + 1))
		p.Set(outer.Field(i).Addr())
	}
	toOuter := s.variable("outer", outer, reflect.StructOf([]reflect.StructField{{Name: "Kept", Type: newest}}))
	toGone, toKept := s.variable("gone", gone, reflect.PointerTo(newest)), s.variable("kept", kept, reflect.PointerTo(newest))
	s.over()
	if toGone.IsNil() || toGone.Elem().FieldByName("X").Int() != 1 || toKept.UnsafePointer() != toOuter.Field(0).Addr().UnsafePointer() || toKept.Elem().FieldByName("X").Int() != 2 {
		t.Errorf("%v %v %v", toOuter, toGone, toKept)
	}
}

// What the compiler's side has told already is not told again.
func TestToldFieldsAreNotToldAgain(t *testing.T) {
	old, newest := versions()
	p := pointType(old, newest)
	p.Told = true
	s := begin(t, p)
	s.variable("p", reflect.New(old).Elem(), newest)
	s.over()
	s.told()
}

// What two variables share they share afterwards, and circles are circles.
func TestWhatIsSharedIsSharedAfterwards(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	a, b := reflect.New(old), reflect.New(old)
	a.Elem().FieldByName("X").SetInt(1)
	b.Elem().FieldByName("X").SetInt(2)
	a.Elem().FieldByName("Next").Set(b)
	b.Elem().FieldByName("Next").Set(a)
	b.Elem().FieldByName("Any").Set(a)
	first, list, byName := reflect.New(a.Type()).Elem(), reflect.New(reflect.SliceOf(a.Type())).Elem(), reflect.New(reflect.MapOf(reflect.TypeFor[string](), a.Type())).Elem()
	first.Set(a)
	list.Set(reflect.Append(list, b, a, b))
	byName.Set(reflect.MakeMap(byName.Type()))
	byName.SetMapIndex(reflect.ValueOf("b"), b)
	to := reflect.PointerTo(newest)
	toFirst, toList, toByName := s.variable("first", first, to), s.variable("list", list, reflect.SliceOf(to)), s.variable("byName", byName, reflect.MapOf(reflect.TypeFor[string](), to))
	s.over()
	na, nb := toFirst.UnsafePointer(), toByName.MapIndex(reflect.ValueOf("b")).UnsafePointer()
	if na == nil || nb == nil || na == a.UnsafePointer() || na == nb {
		t.Fatalf("%v %v", na, nb)
	}
	for i, want := range []any{nb, na, nb} {
		if got := toList.Index(i).UnsafePointer(); got != want {
			t.Errorf("the list's element %d is %v", i, toList.Index(i))
		}
	}
	next := toFirst.Elem().FieldByName("Next")
	if next.UnsafePointer() != nb || next.Elem().FieldByName("Next").UnsafePointer() != na || next.Elem().FieldByName("Any").Elem().UnsafePointer() != na {
		t.Error("the circle is broken")
	}
	if toFirst.Elem().FieldByName("X").Int() != 1 || next.Elem().FieldByName("X").Int() != 2 {
		t.Error("the values are not what they were")
	}
}

// Slices of one array are slices of one array afterwards, with what is behind their length; pointers to
// elements, and to fields of elements, follow. A field that is gone stays where it was.
func TestSlicesOfOneArray(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	all := reflect.New(reflect.SliceOf(old)).Elem()
	all.Set(reflect.MakeSlice(all.Type(), 3, 5))
	for i := range 5 {
		all.Slice(0, 5).Index(i).FieldByName("X").SetInt(int64(i))
		all.Slice(0, 5).Index(i).FieldByName("Gone").SetInt(int64(10 * i))
	}
	first, last := reflect.New(reflect.PointerTo(old)).Elem(), reflect.New(reflect.PointerTo(old)).Elem()
	first.Set(all.Index(0).Addr())
	last.Set(first)
	part, element := reflect.New(all.Type()).Elem(), reflect.New(reflect.PointerTo(old)).Elem()
	part.Set(all.Slice3(1, 2, 4))
	element.Set(all.Index(2).Addr())
	field, gone := all.Index(1).FieldByName("X").Addr().Interface().(*int), all.Index(1).FieldByName("Gone").Addr().Interface().(*int)
	var holder struct{ Field, Gone *int }
	holder.Field, holder.Gone = field, gone
	s.root("holder", &holder)
	list := reflect.SliceOf(newest)
	toFirst := s.variable("first", first, reflect.PointerTo(newest))
	toAll, toPart, toElement := s.variable("all", all, list), s.variable("part", part, list), s.variable("element", element, reflect.PointerTo(newest))
	toLast := s.variable("last", last, reflect.PointerTo(newest))
	s.over()
	if at := toAll.UnsafePointer(); at == all.UnsafePointer() || toFirst.UnsafePointer() != at || toLast.UnsafePointer() != at {
		t.Errorf("the array is at %v, and pointers to its begin are %v and %v", at, toFirst, toLast)
	}
	if toAll.Len() != 3 || toAll.Cap() != 5 || toPart.Len() != 1 || toPart.Cap() != 3 {
		t.Errorf("len, cap: %d, %d; %d, %d", toAll.Len(), toAll.Cap(), toPart.Len(), toPart.Cap())
	}
	for i := range 5 {
		if got := toAll.Slice(0, 5).Index(i).FieldByName("X").Int(); got != int64(i) {
			t.Errorf("element %d has X %d", i, got)
		}
	}
	toAll.Index(1).FieldByName("X").SetInt(101)
	toAll.Index(2).FieldByName("X").SetInt(102)
	if toPart.Index(0).FieldByName("X").Int() != 101 || toElement.Elem().FieldByName("X").Int() != 102 || *holder.Field != 101 {
		t.Errorf("%v %v %d", toPart, toElement.Elem(), *holder.Field)
	}
	if holder.Gone != gone || *holder.Gone != 10 {
		t.Errorf("a pointer to a field that is gone points to %d", *holder.Gone)
	}
}

// Arrays, arrays of arrays, empty slices and nil keep what they are.
func TestArraysAndNothing(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	grid := reflect.New(reflect.ArrayOf(2, reflect.ArrayOf(2, old))).Elem()
	for i := range 4 {
		grid.Index(i / 2).Index(i % 2).FieldByName("X").SetInt(int64(i + 1))
	}
	empty, none, nobody := reflect.New(reflect.SliceOf(old)).Elem(), reflect.New(reflect.SliceOf(old)).Elem(), reflect.New(reflect.PointerTo(old)).Elem()
	empty.Set(reflect.MakeSlice(empty.Type(), 0, 0))
	toGrid := s.variable("grid", grid, reflect.ArrayOf(2, reflect.ArrayOf(2, newest)))
	toEmpty, toNone, toNobody := s.variable("empty", empty, reflect.SliceOf(newest)), s.variable("none", none, reflect.SliceOf(newest)), s.variable("nobody", nobody, reflect.PointerTo(newest))
	s.over()
	for i := range 4 {
		if got := toGrid.Index(i / 2).Index(i % 2).FieldByName("X").Int(); got != int64(i+1) {
			t.Errorf("the grid has %d at %d", got, i)
		}
	}
	if toEmpty.IsNil() || !toNone.IsNil() || !toNobody.IsNil() {
		t.Errorf("%v %v %v", toEmpty, toNone, toNobody)
	}
}

// A map whose entries get another layout is one map for all who had it. Keys that are equal without a field
// that is gone are one key.
func TestMaps(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	m := reflect.New(reflect.MapOf(old, reflect.TypeFor[string]())).Elem()
	m.Set(reflect.MakeMap(m.Type()))
	for i, gone := range []int64{1, 2, 3} {
		key := reflect.New(old).Elem()
		key.FieldByName("X").SetInt(int64(max(i, 1))) // the first two have the same
		key.FieldByName("Gone").SetInt(gone)
		m.SetMapIndex(key, reflect.ValueOf(fmt.Sprint("of ", i)))
	}
	again := reflect.New(m.Type()).Elem()
	again.Set(m)
	to := reflect.MapOf(newest, reflect.TypeFor[string]())
	toM, toAgain := s.variable("m", m, to), s.variable("again", again, to)
	s.over()
	two := reflect.New(newest).Elem()
	two.FieldByName("X").SetInt(2)
	if toM.Len() != 2 || toM.MapIndex(two).String() != "of 2" || toM.UnsafePointer() != toAgain.UnsafePointer() {
		t.Errorf("%v %v", toM, toAgain)
	}
	if !strings.Contains(s.notes, "1 entries of a map[carry.point]string were dropped") {
		t.Error(s.notes)
	}
}

// Maps and interfaces that keep their layout have the new versions in them afterwards, as keys, too.
func TestValuesInInterfaces(t *testing.T) {
	old, newest := versions()
	p := pointType(old, newest)
	p.Derived = []any{reflect.Zero(reflect.PointerTo(reflect.SliceOf(newest))).Interface()}
	s := begin(t, p)
	value := reflect.New(old).Elem()
	value.FieldByName("X").SetInt(5)
	variables := struct {
		Box   any
		List  []any
		ByAny map[any]any
		Self  map[string]any
		Slice any
		Array any
		Plain any
	}{value.Interface(), []any{1, value.Addr().Interface()}, map[any]any{value.Interface(): value.Interface(), "a": 1}, map[string]any{"a": value.Interface()}, reflect.MakeSlice(reflect.SliceOf(old), 2, 2).Interface(), reflect.New(reflect.ArrayOf(9, old)).Elem().Interface(), "text"}
	s.root("all", &variables)
	variables.Self["self"] = variables.Self
	byAny := reflect.ValueOf(variables.ByAny).UnsafePointer()
	s.over()
	has := func(v any, typ reflect.Type) {
		t.Helper()
		if got := reflect.TypeOf(v); got != typ {
			t.Errorf("a %v of %v", got, got == old)
		}
	}
	has(variables.Box, newest)
	has(variables.List[1], reflect.PointerTo(newest))
	has(variables.Self["self"].(map[string]any)["a"], newest)
	has(variables.Slice, reflect.SliceOf(newest))
	has(variables.Array, reflect.ArrayOf(9, old)) // compiled code has no such array of the new version
	if x := reflect.ValueOf(variables.Box).FieldByName("X").Int(); x != 5 || variables.List[0] != 1 || variables.Plain != "text" {
		t.Errorf("%v", variables)
	}
	if len(variables.ByAny) != 2 || variables.ByAny["a"] != 1 || reflect.ValueOf(variables.ByAny).UnsafePointer() != byAny {
		t.Errorf("%v", variables.ByAny)
	}
	has(variables.ByAny[variables.Box], newest)
	if !strings.Contains(s.notes, "a [9]carry.point in an interface stays what it was: no cell has this type of the new version") {
		t.Error(s.notes)
	}
}

// A version that has lost a method, or is made of something else, does not take the place of values in
// interfaces, and what an interface that was declared again does not take is dropped.
func TestValuesThatDoNotFitStay(t *testing.T) {
	named := func() (any, reflect.Type) {
		type named struct{ fmt.Stringer }
		return named{reflect.ValueOf(0)}, reflect.TypeFor[named]()
	}
	unnamed := func() reflect.Type {
		type named struct{ Stringer fmt.Stringer }
		return reflect.TypeFor[named]()
	}
	number := func() (any, reflect.Type) {
		type number struct{ A int }
		return number{1}, reflect.TypeFor[number]()
	}
	whole := func() reflect.Type {
		type number int
		return reflect.TypeFor[number]()
	}
	holder := func(s fmt.Stringer) (any, reflect.Type) {
		type shape interface{ String() string }
		type holder struct{ S shape }
		return &holder{S: s}, reflect.TypeFor[holder]()
	}
	newHolder := func() reflect.Type {
		type shape interface {
			String() string
			Area() int
		}
		type holder struct{ S shape }
		return reflect.TypeFor[holder]()
	}
	value, old := named()
	held, oldHolder := holder(value.(fmt.Stringer))
	numbered, oldNumber := number()
	live.Type("named", reflect.Zero(reflect.PointerTo(old)).Interface())
	live.Type("number", reflect.Zero(reflect.PointerTo(oldNumber)).Interface())
	live.Type("holder", reflect.Zero(reflect.PointerTo(oldHolder)).Interface())
	s := begin(t, Type{Name: "holder", New: reflect.Zero(reflect.PointerTo(newHolder())).Interface(), Told: true}, Type{Name: "named", New: reflect.Zero(reflect.PointerTo(unnamed())).Interface()}, Type{Name: "number", New: reflect.Zero(reflect.PointerTo(whole())).Interface()})
	variables := struct {
		S fmt.Stringer
		N any
	}{value.(fmt.Stringer), numbered}
	s.root("v", &variables)
	to := s.variable("held", reflect.ValueOf(held).Elem(), newHolder())
	s.over()
	if !to.Field(0).IsNil() || reflect.TypeOf(variables.S) != old || variables.N != numbered {
		t.Errorf("%+v", variables)
	}
	s.told("held: a carry.named was dropped, which is no carry.shape now",
		"v: a carry.named in a fmt.Stringer stays what it was: its new version lacks a method", "v: a carry.number in an interface stays what it was: the new version is made of something else")
}

// Of what other packages guard nothing is touched, and what waits in a channel is told.
func TestWhatIsLeftAlone(t *testing.T) {
	old, newest := versions()
	s := begin(t, pointType(old, newest))
	value := reflect.New(old).Elem().Interface()
	var variables struct {
		Values sync.Map
		Once   sync.Once
	}
	variables.Values.Store("a", value)
	ch := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, old), 1)
	ch.Send(reflect.New(old).Elem())
	c := reflect.New(ch.Type()).Elem()
	c.Set(ch)
	s.root("v", &variables)
	to := s.variable("c", c, reflect.ChanOf(reflect.BothDir, newest))
	s.over()
	if a, _ := variables.Values.Load("a"); reflect.TypeOf(a) != old || !to.IsNil() {
		t.Errorf("%T %v", a, to)
	}
	s.told("c: a chan carry.point has values of the version before, which stay as they are")
}

// The value before the last is given up, so that versions do not pile up.
func TestTheVersionBeforeTheLastIsGivenUp(t *testing.T) {
	first := map[string]int{"a": 1}
	second, third := new(map[string]int), new(map[string]int)
	name := t.Name()
	live.Variable(name, name+"1", &first)
	newCarrier("").carryOver(nil, []Variable{{Name: name, Old: name + "1", New: second}})
	if live.Variable(name, name+"2", second); len(first) != 1 || (*second)["a"] != 1 {
		t.Fatalf("%v %v", first, *second)
	}
	newCarrier("").carryOver(nil, []Variable{{Name: name, Old: name + "2", New: third}})
	if len(first) != 0 || (*third)["a"] != 1 || live.VariableAt(name+"1") != nil || live.VariableAt(name+"2") == nil {
		t.Errorf("%v %v", first, *third)
	}
	for _, v := range []any{&map[string]int{"a": 1}, &[]int{1}, new(string)} {
		giveUp(v)
		if e := reflect.ValueOf(v).Elem(); e.Len() != 0 || e.Kind() == reflect.Map && e.IsNil() {
			t.Errorf("%v is left", e)
		}
	}
	giveUp(nil)
}

// An engine may not have what a unit carries over; what goes wrong is told, and ends nothing.
func TestOverNeverPanics(t *testing.T) {
	s := begin(t)
	to := 7
	s.vars = []Variable{{Name: "v", Old: "of nobody", New: &to}}
	s.over()
	if s.told(); to != 7 {
		t.Error(to)
	}
	s.types, s.vars = []Type{{Name: "v", New: 1}}, nil // which is no pointer
	s.over()
	if !strings.Contains(s.notes, "values could not be carried over to the new versions of their types: ") {
		t.Error(s.notes)
	}
}

// Many notes are some, and the number of the others.
func TestNotesAreFew(t *testing.T) {
	c := newCarrier("")
	for i := range 2 * (maxNotes + 3) {
		c.note("note %02d", i/2) // each twice
	}
	var told string
	Tell = func(note string) { told = note }
	defer func() { Tell = nil }()
	c.tell()
	if lines := strings.Split(told, "\n"); len(lines) != maxNotes+1 || lines[0] != "note: note 00" || lines[maxNotes] != "note: and 3 more of these" {
		t.Error(told)
	}
}

// Which types have the same memory, and of which values can become others.
func TestTypesThatAgree(t *testing.T) {
	type named struct{ A int }
	type renamed struct{ A int }
	old, newest := versions()
	for _, test := range []struct {
		a, b        reflect.Type
		same, agree bool
	}{
		{reflect.TypeFor[int](), reflect.TypeFor[int](), true, true},
		{reflect.TypeFor[int](), reflect.TypeFor[uint](), false, false},
		{reflect.TypeFor[struct{ A int }](), reflect.TypeFor[struct{ A int }](), true, true},
		{reflect.TypeFor[struct{ A int }](), reflect.TypeFor[struct{ B int }](), false, true},
		{reflect.TypeFor[named](), reflect.TypeFor[renamed](), true, false},
		{old, newest, false, true},
		{reflect.SliceOf(old), reflect.SliceOf(newest), false, true},
		{reflect.ArrayOf(2, old), reflect.ArrayOf(2, newest), false, true},
		{reflect.ArrayOf(2, old), reflect.ArrayOf(3, newest), false, false},
		{reflect.MapOf(reflect.TypeFor[int](), old), reflect.MapOf(reflect.TypeFor[int](), newest), false, true},
		{reflect.MapOf(reflect.TypeFor[int](), old), reflect.MapOf(reflect.TypeFor[int8](), newest), false, false},
		{reflect.ChanOf(reflect.BothDir, old), reflect.ChanOf(reflect.BothDir, newest), false, false},
		{reflect.ChanOf(reflect.BothDir, old), reflect.ChanOf(reflect.RecvDir, old), false, false},
		{reflect.TypeFor[func(named) int](), reflect.TypeFor[func(renamed) int](), true, true},
		{reflect.TypeFor[func(...int)](), reflect.TypeFor[func([]int)](), false, false},
		{reflect.TypeFor[func() (int, int)](), reflect.TypeFor[func() int](), false, false},
		{reflect.TypeFor[[2]struct{}](), reflect.TypeFor[[3]struct{}](), false, false},
		{reflect.TypeFor[struct{}](), reflect.TypeFor[struct{ A struct{} }](), false, true},
		{reflect.TypeFor[struct{ E any }](), reflect.TypeFor[struct{ E error }](), false, true},
	} {
		c := newCarrier(reflect.TypeFor[carrier]().PkgPath())
		if same, agree := c.same(test.a, test.b), c.agree(test.a, test.b); same != test.same || agree != test.agree {
			t.Errorf("%v, %v: same %v, agree %v", test.a, test.b, same, agree)
		}
	}
}

// A struct of another package that guards what it holds is its own business.
func TestWhoseBusinessAStructIs(t *testing.T) {
	type locked struct{ sync.Mutex }
	for typ, closed := range map[reflect.Type]bool{
		reflect.TypeFor[sync.Mutex](): true, reflect.TypeFor[strings.Builder](): false, reflect.TypeFor[strings.Reader](): false,
		reflect.TypeFor[testing.T](): true, reflect.TypeFor[session](): false, reflect.TypeFor[locked](): false,
		reflect.TypeFor[struct{ C chan int }](): false, reflect.TypeFor[int](): false, reflect.TypeFor[reflect.Value](): true, reflect.TypeFor[time.Timer](): true, reflect.TypeFor[time.Time](): false,
	} {
		if newCarrier(reflect.TypeFor[carrier]().PkgPath()).isClosed(typ) != closed {
			t.Errorf("%v: %v", typ, !closed)
		}
	}
	if got := newCarrier("").isClosed(reflect.TypeFor[locked]()); !got {
		t.Error("a struct of another package with a lock is entered")
	}
}
