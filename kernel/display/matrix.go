package display

import (
	"fmt"
	"reflect"
	"strconv"
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

// knownByMethods reports whether a value has rows and columns by its methods.
func knownByMethods(v any) bool {
	switch v.(type) {
	case matrix, frame, record:
		return true
	}
	return false
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
