package display

import (
	"reflect"
	"strconv"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/text"
)

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
	if r.CanInterface() {
		if t, ok := r.Interface().(time.Time); ok {
			return t.Round(0).String() // without the monotonic clock
		}
		return text.Of(live.Context(), r.Interface())
	}
	return text.Of(live.Context(), r)
}
