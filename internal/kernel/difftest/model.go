package difftest

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// errUnmodelled is what step returns for a cell about which the model has nothing to
// say; such cells are not generated.
var errUnmodelled = errors.New("not modelled")

// A model follows a notebook by the rules of docs/notebook.md and writes the program
// that does the same. Each version of a declaration is one of its own there, with a
// number in its name, and what refers to a declaration that a cell replaced has a new
// version from that cell on; so one program holds what the notebook was at any time.
// Versions that are one and the same by the rules share a number (version.go).
type model struct {
	importer types.Importer
	imports  map[string]bool // paths
	decls    []*decl         // the current ones, in the order in which their names came up
	gone     []*decl         // those that no longer compile; they are tried again with each cell
	altered  []string        // types that lost a method since the last cell
	versions map[string]int  // the current one of each name
	kinds    map[string]int  // see version.go
	program  strings.Builder // what was written so far
	cells    int
	pkg      *types.Package // all current declarations, as checked last

	counts    map[string]int           // versions that a name has had, and a function's bodies
	types     map[string][]typeVersion // those versions that were types of which there are values
	shapes    map[string]string        // what types and variables were made of
	functions map[string]int           // versions of functions, by name and signature
	families  map[string][]string      // the functions and methods that call one newest body
	instances map[string][]instance    // versions of instances of generic types, by what a notebook calls them
	chosen    []choice                 // methods of generic types
	bodies    map[string][]chosenBody  // what those call, by the variable that has the number of the newest
	generics  []*genericFunction       // versions of generic functions
	generic   map[string]string        // the numbers of those, and of methods of generic types, by name and signature
	shared    map[string]bool          // versions of variables in the memory of an earlier one; the program has pointers to it
}

// A decl is one declaration: of a type, a function, a method, a group of constants, or
// a variable, whose text is just its name and type.
type decl struct {
	names []string
	recv  string // the type of a method
	kind  token.Token
	text  string
	head  string          // of a function that is not generic: the text without its body
	uses  map[string]bool // names that the text refers to

	held *value // what a variable holds
	lost bool   // it is of another layout than the type has now
}

// A value is the memory that a variable has had under some type.
type value struct {
	symbol   string
	typ      types.Type
	versions map[string]int // of what the type was made of, when it was
	kinds    map[string]int
}

// A typeVersion is a version of a type, and its kind then.
type typeVersion struct{ version, kind int }

func newModel(importer types.Importer) *model {
	return &model{importer: importer, imports: make(map[string]bool), versions: make(map[string]int), kinds: make(map[string]int), families: make(map[string][]string),
		counts: make(map[string]int), types: make(map[string][]typeVersion), shapes: make(map[string]string), functions: make(map[string]int), generic: make(map[string]string),
		instances: make(map[string][]instance), bodies: make(map[string][]chosenBody), shared: make(map[string]bool)}
}

// symbol is what the program calls the current version of a name.
func (m *model) symbol(name string) string {
	symbol := fmt.Sprintf("%sᐧ%d", name, m.versions[name])
	if m.shared[symbol] {
		return "(*" + symbol + ")"
	}
	return symbol
}

// key tells declarations apart.
func (d *decl) key() string {
	if d.recv != "" {
		return d.recv + "." + d.names[0]
	}
	return d.names[0]
}

// step runs a cell in the model. It reports whether a session has to refuse it.
func (m *model) step(c entry) (refused bool, err error) {
	var body string
	if c.del != "" {
		refused = !m.delete(c.del)
	} else {
		p, err := m.plan(c, false)
		if err != nil {
			return false, err
		}
		if p.refused == "" {
			if body, err = m.take(p); err != nil {
				return false, err
			}
		}
		refused = p.refused != ""
	}
	m.cells++
	fmt.Fprintf(&m.program, "func cellᐧ%d() {\n", m.cells)
	if refused {
		m.program.WriteString("\toracle.Refused()\n")
	}
	m.program.WriteString(body + "}\n")
	return refused, nil
}

// source is the program's package; Run runs all cells.
func (m *model) source(name string) string {
	var b, used strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport %q\nimport %q\n", name, oraclePath, carryPath)
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(&b, "import %q\n", path)
		fmt.Fprintf(&used, "var _ = %s\n", packages[path])
	}
	b.WriteString("var _ = carry.Over\n" + used.String() + m.program.String() + m.writeChoices())
	for _, f := range m.generics {
		b.WriteString(f.text())
	}
	b.WriteString("func Run() {\n")
	for i := range m.cells {
		fmt.Fprintf(&b, "\toracle.Cell(cellᐧ%d)\n", i+1)
	}
	b.WriteString("}\n")
	return b.String()
}

// delete is %del: what refers to the name is gone as well, and of a type those methods. A type
// of that name is another one from then on, to which nothing is carried over.
func (m *model) delete(name string) bool {
	if !slices.ContainsFunc(m.decls, func(d *decl) bool { return d.recv == "" && slices.Contains(d.names, name) }) {
		return false
	}
	delete(m.shapes, name)
	delete(m.shapes, name+" kind")
	delete(m.types, name)
	m.forgetInstances(name)
	m.gone = slices.DeleteFunc(m.gone, func(d *decl) bool { return d.names[0] == name || d.recv == name })
	gone := map[string]bool{name: true}
	out := make(map[*decl]bool)
	for grown := true; grown; {
		grown = false
		for _, d := range m.decls {
			refers := gone[d.recv] || d.recv == "" && slices.Contains(d.names, name)
			for used := range d.uses {
				refers = refers || gone[used]
			}
			if !refers || out[d] {
				continue
			}
			out[d], grown = true, true
			if d.recv == "" {
				for _, n := range d.names {
					gone[n] = true
				}
			}
		}
	}
	m.decls = slices.DeleteFunc(m.decls, func(d *decl) bool {
		if out[d] && d.recv != name && !(d.recv == "" && slices.Contains(d.names, name)) {
			m.gone = append(m.gone, d)
			if d.recv != "" && !gone[d.recv] {
				m.altered = append(m.altered, d.recv)
			}
		}
		return out[d]
	})
	return true
}

// dependants returns the names of what refers to one of changed, directly or not. What
// a type's methods refer to counts for the type.
func (m *model) dependants(decls []*decl, changed map[string]bool) map[string]bool {
	dirty := make(map[string]bool)
	for grown := true; grown; {
		grown = false
		for _, d := range decls {
			for name := range d.uses {
				if !changed[name] && !dirty[name] {
					continue
				}
				names := d.names
				if d.recv != "" {
					names = []string{d.recv}
				}
				for _, n := range names {
					grown = grown || !dirty[n]
					dirty[n] = true
				}
			}
		}
	}
	return dirty
}
