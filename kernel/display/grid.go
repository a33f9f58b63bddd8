package display

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/kernel/live"
	"github.com/goparallel/goparallel/parallel/text"
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

// matrix is what gonum's matrices and vectors have.
type matrix interface {
	Dims() (r, c int)
	At(i, j int) float64
}

// frame is what gota's data frames have.
type frame interface {
	Names() []string
	Nrow() int
	Records() [][]string
}

// record is what arrow's records have.
type record interface {
	NumRows() int64
	NumCols() int64
	ColumnName(int) string
}

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

// nameColumns takes the first row as the columns' names where it is like the first line
// of a CSV file: texts, above at least one column of numbers.
func (g *grid) nameColumns() {
	if len(g.body) < 2 || len(g.body[0].cells) == 0 {
		return
	}
	below := &grid{head: g.head, body: g.body[1:]}
	numbers := false
	for j, c := range g.body[0].cells {
		r, ok := c.(reflect.Value)
		if c == any(skipped) {
			continue
		}
		if !ok || r.Kind() != reflect.String || isNumber(c) {
			return
		}
		numbers = numbers || below.numeric(j)
	}
	if !numbers {
		return
	}
	for j, c := range g.body[0].cells {
		if c != any(skipped) {
			g.head[j] = shortText(c)
		}
	}
	g.body, g.rows = g.body[1:], g.rows-1
}

// columnsOf names the fields of a struct; those of embedded structs stand in their
// place.
func columnsOf(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Name == "_":
		case isEmbedded(f):
			names = append(names, columnsOf(f.Type)...)
		default:
			names = append(names, f.Name)
		}
	}
	return names
}

func isEmbedded(f reflect.StructField) bool {
	return f.Anonymous && f.Type.Kind() == reflect.Struct && !hasText(f.Type)
}

func structCells(row reflect.Value, cells []any) []any {
	for i := range row.NumField() {
		f := row.Type().Field(i)
		switch {
		case f.Name == "_":
		case isEmbedded(f):
			cells = structCells(field(row, i), cells)
		default:
			cells = append(cells, field(row, i))
		}
	}
	return cells
}

func matrixGrid(m matrix) *grid {
	r := reflect.ValueOf(m)
	if r.Kind() == reflect.Pointer && r.IsNil() {
		return nil
	}
	g := &grid{kind: fmt.Sprintf("%T", m)}
	if g.rows, g.cols = m.Dims(); g.rows <= 0 || g.cols <= 0 {
		return nil
	}
	columns := chosen(g.cols, mostColumns)
	for _, j := range columns {
		g.head = append(g.head, numbered(j))
	}
	for _, i := range chosen(g.rows, mostRows) {
		row := gridRow{name: numbered(i)}
		for _, j := range columns {
			switch {
			case i < 0:
			case j < 0:
				row.cells = append(row.cells, skipped)
			default:
				row.cells = append(row.cells, m.At(i, j))
			}
		}
		g.body = append(g.body, row)
	}
	return g
}

func numbered(i int) string {
	if i < 0 {
		return gap
	}
	return strconv.Itoa(i)
}

func frameGrid(f frame) *grid {
	records := f.Records()
	if len(records) == 0 {
		return nil
	}
	g := &grid{kind: fmt.Sprintf("%T", f), rows: len(records) - 1, cols: len(records[0]), head: records[0]}
	defer g.narrow()
	for _, i := range chosen(g.rows, mostRows) {
		row := gridRow{name: numbered(i)}
		if i >= 0 {
			for _, c := range records[i+1] {
				row.cells = append(row.cells, c)
			}
		}
		g.body = append(g.body, row)
	}
	return g
}

// arrowGrid looks at what has the methods of an arrow record, whose types are its
// package's own.
func arrowGrid(v any) *grid {
	type column interface{ ValueStr(int) string }
	rec, ok := v.(record)
	if !ok {
		return nil
	}
	at := reflect.ValueOf(v).MethodByName("Column")
	if !at.IsValid() || at.Type().NumIn() != 1 || at.Type().In(0).Kind() != reflect.Int || at.Type().NumOut() != 1 {
		return nil
	}
	g := &grid{kind: fmt.Sprintf("%T", v), rows: int(rec.NumRows()), cols: int(rec.NumCols())}
	defer g.narrow()
	var columns []column
	for j := range g.cols {
		c, ok := at.Call([]reflect.Value{reflect.ValueOf(j)})[0].Interface().(column)
		if !ok {
			return nil
		}
		columns, g.head = append(columns, c), append(g.head, rec.ColumnName(j))
	}
	for _, i := range chosen(g.rows, mostRows) {
		row := gridRow{name: numbered(i)}
		for _, c := range columns {
			if i >= 0 {
				row.cells = append(row.cells, c.ValueStr(i))
			}
		}
		g.body = append(g.body, row)
	}
	return g
}

// narrow leaves columns in the middle out where there are too many.
func (g *grid) narrow() {
	if len(g.head) <= mostColumns+1 {
		return
	}
	columns := chosen(len(g.head), mostColumns)
	pick := func(cells []any) (some []any) {
		for _, j := range columns {
			if j < 0 {
				some = append(some, skipped)
			} else {
				some = append(some, cells[j])
			}
		}
		return some
	}
	head := g.head
	g.head = nil
	for _, j := range columns {
		if j < 0 {
			g.head = append(g.head, gap)
		} else {
			g.head = append(g.head, head[j])
		}
	}
	for i, row := range g.body {
		if row.cells != nil {
			g.body[i].cells = pick(row.cells)
		}
	}
}

// numeric reports whether what a column holds are numbers, which stand to the right.
func (g *grid) numeric(column int) bool {
	any := false
	for _, row := range g.body {
		if column >= len(row.cells) || row.cells[column] == nil || row.cells[column] == skipped {
			continue
		}
		if !isNumber(row.cells[column]) {
			return false
		}
		any = true
	}
	return any
}

func isNumber(c any) bool {
	r, ok := c.(reflect.Value)
	if !ok {
		r = reflect.ValueOf(c)
	}
	r = through(r)
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return r.Type() == reflect.TypeFor[time.Duration]() || !hasText(r.Type())
	case reflect.String:
		_, err := strconv.ParseFloat(r.String(), 64)
		return err == nil
	case reflect.Invalid:
		return true
	}
	return false
}

// shortText is the text of a cell.
func shortText(c any) string {
	r, ok := c.(reflect.Value)
	if !ok {
		r = reflect.ValueOf(c)
	}
	if c == nil {
		return ""
	}
	if !r.IsValid() || !hasText(r.Type()) {
		if r = through(r); !r.IsValid() {
			return "<nil>"
		}
	}
	if !hasText(r.Type()) {
		switch r.Kind() {
		case reflect.String:
			return r.String()
		case reflect.Bool:
			return strconv.FormatBool(r.Bool())
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return strconv.FormatInt(r.Int(), 10)
		}
	}
	if k := r.Kind(); (k == reflect.Float64 || k == reflect.Float32) && !hasText(r.Type()) {
		long := strconv.FormatFloat(r.Float(), 'g', -1, 64)
		if len(long) > 9 {
			return strconv.FormatFloat(r.Float(), 'g', 6, 64)
		}
		return long
	}
	if k := r.Kind(); k == reflect.Func || k == reflect.Chan {
		return r.Type().String()
	}
	if r.CanInterface() {
		if t, ok := r.Interface().(time.Time); ok {
			return t.Round(0).String() // without the monotonic clock
		}
		return text.Of(live.Context(), r.Interface())
	}
	return text.Of(live.Context(), r)
}
