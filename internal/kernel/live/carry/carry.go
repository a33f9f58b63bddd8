// Package carry gives the values of session variables the newest version of their
// types: where a cell has declared a struct again with other fields, what variables
// hold of it is carried over field by field, by name, where the types agree.
//
// Session variables are the roots. What they reach through pointers, slices, maps,
// arrays, structs and interfaces is found first (find.go). Memory that has to be laid
// out anew gets a new place (place.go), and then everything is converted, and all that
// pointed into the old places points into the new ones (fill.go), so what was shared
// before is shared afterwards, circles included. Memory that keeps its layout stays
// where it is. The old memory is left as it was, for whatever else still refers to
// it by the old types: goroutines, closures, channels, and values inside libraries. Of
// a variable, that of the version before is kept, and older ones are given up.
package carry

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/goparallel/goparallel/internal/kernel/live"
)

// A Type is the newest version of a type that cells have declared before.
type Type struct {
	// Name is what the user calls it; an instance of a generic type has its type arguments in it.
	Name string
	// New is a nil pointer to it; of a generic type there is none, but its instances are such types.
	New any
	// Derived are nil pointers to types that are made of it, to which interfaces may
	// be converted that hold those made of an older version.
	Derived []any
	// Told says that the user knows from elsewhere which fields are dropped.
	Told bool
}

// A Variable is one of which the value is carried over.
type Variable struct {
	// Name is what the user calls it, Old the symbol of the variable that has the value.
	Name, Old string
	// New points to the variable that gets it.
	New any
}

// Tell receives notes for the user about what could not be carried over; nil for none.
var Tell func(note string)

// cellPackage is the path of the package whose types cells declare.
const cellPackage = "main"

// maxNotes limits the notes about one cell.
const maxNotes = 8

// Over converts what all session variables hold to the newest versions of types, and
// gives variables of such types their values. The unit that declares the types calls
// it when it is loaded, before it announces the variables itself. It never panics: what
// cannot be carried over is told.
func Over(types []Type, variables []Variable) {
	newCarrier(cellPackage).carryOver(types, variables)
}

func (c *carrier) carryOver(types []Type, variables []Variable) {
	defer c.tell()
	defer func() {
		if v := recover(); v != nil {
			c.root = ""
			c.note("values could not be carried over to the new versions of their types: %v; run the cells that make them", v)
		}
	}()
	c.learnAll(types, variables)
	replaced := make(map[string]bool)
	for _, v := range variables {
		old := live.VariableAt(v.Old)
		if old == nil {
			continue // on an engine that has not loaded it
		}
		replaced[v.Name] = true
		from, to := reflect.ValueOf(old), reflect.ValueOf(v.New)
		c.regions = append(c.regions, region{at: from.UnsafePointer(), typ: from.Type().Elem(), n: 1, to: to.UnsafePointer(), as: to.Type().Elem(), root: v.Name})
		c.work = append(c.work, region{at: from.UnsafePointer(), typ: from.Type().Elem(), n: 1, root: v.Name})
	}
	for name, p := range live.Variables() {
		if v := reflect.ValueOf(p); !replaced[name] && c.leads(v.Type().Elem()) {
			c.root = name
			c.enqueue(v.UnsafePointer(), v.Type().Elem(), 1)
		}
	}
	c.find()
	c.place()
	c.fill()
	for _, v := range variables {
		giveUp(live.Spend(v.Name, v.Old))
	}
}

// giveUp lets go of what a variable holds. A goroutine may still write to a map.
func giveUp(variable any) {
	if variable == nil {
		return
	}
	switch v := reflect.ValueOf(variable).Elem(); v.Kind() {
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	default:
		v.SetZero()
	}
}

// A carrier is one run of Over.
type carrier struct {
	cells string // the path of the package whose types cells declare

	news  map[reflect.Type]reflect.Type // see newest
	known map[reflect.Type]bool         // types that compiled code has, of which no second may be made
	other map[reflect.Type]bool         // versions of types that are made of something else now
	named map[string]reflect.Type       // the newest versions of instances of generic types, by what programs call them
	anew  map[string]bool               // the names of generic types that are made of something else now
	told  map[reflect.Type]bool
	sames map[[2]reflect.Type]bool // see same
	fits  map[[2]reflect.Type]bool // see agree

	scans, renewals map[reflect.Type]scan
	conversions     map[[2]reflect.Type]conversion

	seen    map[reference]int // how many elements were found there
	work    []region
	stays   []region                     // memory that keeps its layout
	regions []region                     // memory that gets another place
	apart   []region                     // such memory inside of other that does not take it along
	exact   map[reference]unsafe.Pointer // the places of those without a size
	maps    map[unsafe.Pointer]*table
	order   []*table

	root  string // the variable that is being looked at
	notes []string
}

// A region is memory of n values of a type.
type region struct {
	at  unsafe.Pointer
	typ reflect.Type
	n   int
	// to is where it is now, of that type.
	to unsafe.Pointer
	as reflect.Type
	// root is the variable from which it was found.
	root string
}

// A reference is a pointer of a type.
type reference struct {
	at  unsafe.Pointer
	typ reflect.Type
}

// A table is a map, and what takes its place if its entries get another layout.
type table struct {
	old, to reflect.Value
	root    string
}

func newCarrier(cells string) *carrier {
	return &carrier{
		cells: cells,
		news:  make(map[reflect.Type]reflect.Type), known: make(map[reflect.Type]bool), other: make(map[reflect.Type]bool), named: make(map[string]reflect.Type), anew: make(map[string]bool), told: make(map[reflect.Type]bool),
		scans: make(map[reflect.Type]scan), renewals: make(map[reflect.Type]scan), conversions: make(map[[2]reflect.Type]conversion), sames: make(map[[2]reflect.Type]bool), fits: make(map[[2]reflect.Type]bool),
		seen: make(map[reference]int), exact: make(map[reference]unsafe.Pointer), maps: make(map[unsafe.Pointer]*table),
	}
}

func (c *carrier) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if c.root != "" {
		text = c.root + ": " + text
	}
	if !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

func (c *carrier) tell() {
	if len(c.notes) == 0 || Tell == nil {
		return
	}
	slices.Sort(c.notes)
	if more := len(c.notes) - maxNotes; more > 0 {
		c.notes = append(c.notes[:maxNotes], fmt.Sprintf("and %d more of these", more))
	}
	Tell("note: " + strings.Join(c.notes, "\nnote: "))
}
