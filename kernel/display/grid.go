package display

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/text"
)

// The most that is shown of a table. Of more rows, the first and the last half of
// mostRows are; of more columns, the same of mostColumns.
const (
	mostRows    = 40
	mostColumns = 24
)

// A grid is a value that has rows and columns. Only what is shown of it is looked at,
// so that its size does not matter.
type grid struct {
	kind       string // the type of the value
	rows, cols int    // of all of it
	head       []string
	body       []gridRow
	note       string // on what is shown, where that is not clear
}

// gridRow is a row that is shown; one without cells stands for those left out.
type gridRow struct {
	name  string
	cells []any // reflect.Value or a value; nil for none
}

// gap is the name of rows and columns that are left out, skipped what a row has in
// their place.
const (
	gap     = "⋮"
	skipped = "⋯"
)

// gridOf looks at a value as a table: a list or a map of structs, of lists or of maps
// with texts as keys, a matrix, or a data frame. It returns nil for what is none.
func gridOf(v any) *grid {
	switch m := v.(type) {
	case matrix:
		return matrixGrid(m)
	case frame:
		return frameGrid(m)
	}
	if g := arrowGrid(v); g != nil {
		return g
	}
	if hasText(reflect.TypeOf(v)) {
		return nil
	}
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	switch r.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
	default:
		return nil
	}
	if r.Len() == 0 || !isRow(r.Type().Elem()) {
		return nil
	}
	g := &grid{kind: fmt.Sprintf("%T", v), rows: r.Len()}
	var names []string
	var rows []reflect.Value
	if r.Kind() == reflect.Map {
		keys, values, all := text.First(r, mostRows)
		if !all {
			g.note = "not the first ones: there are too many to look at all"
		}
		for i, k := range keys {
			names, rows = append(names, shortText(k)), append(rows, through(values[i]))
		}
		if len(keys) < r.Len() {
			names, rows = append(names, gap), append(rows, reflect.Value{})
		}
	} else {
		for _, i := range chosen(r.Len(), mostRows) {
			if i < 0 {
				names, rows = append(names, gap), append(rows, reflect.Value{})
				continue
			}
			names, rows = append(names, strconv.Itoa(i)), append(rows, through(r.Index(i)))
		}
	}
	g.fill(names, rows, elementOf(r.Type().Elem()))
	if elementOf(r.Type().Elem()).Kind() == reflect.Slice && r.Kind() != reflect.Map {
		g.nameColumns()
	}
	g.narrow()
	if g.cols == 0 {
		return nil
	}
	return g
}

// hasText reports whether a type says itself what its text is.
func hasText(t reflect.Type) bool {
	for _, i := range []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer](), reflect.TypeFor[error]()} {
		if t != nil && (t.Implements(i) || t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(i)) {
			return true
		}
	}
	return false
}

// elementOf returns the type that pointers lead to.
func elementOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// isRow reports whether values of a type are rows of a table.
func isRow(t reflect.Type) bool {
	if hasText(t) {
		return false
	}
	t = elementOf(t)
	switch t.Kind() {
	case reflect.Struct:
		return !hasText(t) && t.NumField() > 0
	case reflect.Slice, reflect.Array:
		return isCell(t.Elem()) && t.Elem().Kind() != reflect.Uint8
	case reflect.Map:
		return t.Key().Kind() == reflect.String && !hasText(t.Key())
	}
	return false
}

// isCell reports whether values of a type are short.
func isCell(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		return hasText(t)
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Pointer:
		return false
	}
	return true
}

// chosen returns the numbers that are shown of n: all, or the first and last ones with
// -1 between them.
func chosen(n, most int) (list []int) {
	for i := 0; i < n; i++ {
		if n > most && i == most/2 {
			list = append(list, -1)
			i = n - most/2
		}
		list = append(list, i)
	}
	return list
}

// through returns what pointers and interfaces lead to, readable also where a struct
// does not export it.
func through(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return reflect.Value{}
		}
		v = v.Elem()
	}
	return v
}

// addressable returns a struct whose fields can be read with their methods.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() || !v.CanInterface() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// field returns a field of an addressable struct as if it were exported, so that a
// time.Time in it has its text.
func field(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	if f.CanInterface() || !f.CanAddr() {
		return f
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// fill sets the columns and cells from rows of one type; an invalid row is empty.
func (g *grid) fill(names []string, rows []reflect.Value, t reflect.Type) {
	var at func(row reflect.Value) []any
	switch t.Kind() {
	case reflect.Struct:
		g.head = columnsOf(t)
		at = func(row reflect.Value) (cells []any) { return structCells(addressable(row), nil) }
	case reflect.Map:
		for _, row := range rows {
			if row.IsValid() {
				keys, _, _ := text.First(row, mostColumns)
				for _, k := range keys {
					g.head = append(g.head, k.String())
				}
			}
		}
		slices.Sort(g.head)
		g.head = slices.Compact(g.head)
		at = func(row reflect.Value) (cells []any) {
			for _, name := range g.head {
				var c any
				if e := row.MapIndex(reflect.ValueOf(name).Convert(t.Key())); e.IsValid() {
					c = e
				}
				cells = append(cells, c)
			}
			return cells
		}
	default:
		longest := 0
		for _, row := range rows {
			if row.IsValid() {
				longest = max(longest, row.Len())
			}
		}
		columns := chosen(longest, mostColumns)
		for _, j := range columns {
			g.head = append(g.head, numbered(j))
		}
		at = func(row reflect.Value) (cells []any) {
			for _, j := range columns {
				var c any
				switch {
				case j < 0:
					c = skipped
				case j < row.Len():
					c = row.Index(j)
				}
				cells = append(cells, c)
			}
			return cells
		}
		defer func() { g.cols = longest }()
	}
	g.cols = len(g.head)
	for i, row := range rows {
		one := gridRow{name: names[i]}
		if row.IsValid() {
			one.cells = at(row)
		} else if names[i] != gap {
			one.cells = make([]any, len(g.head))
		}
		g.body = append(g.body, one)
	}
}
