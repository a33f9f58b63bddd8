package difftest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"regexp"
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
	program  strings.Builder // what was written so far
	cells    int
	pkg      *types.Package // all current declarations, as checked last

	counts    map[string]int    // versions that a name has had, and a function's bodies
	shapes    map[string]string // what types and variables were made of
	functions map[string]int    // versions of functions, by name and signature
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
}

func newModel(importer types.Importer) *model {
	return &model{importer: importer, imports: make(map[string]bool), versions: make(map[string]int),
		counts: make(map[string]int), shapes: make(map[string]string), functions: make(map[string]int)}
}

// symbol is what the program calls the current version of a name.
func (m *model) symbol(name string) string { return fmt.Sprintf("%sᐧ%d", name, m.versions[name]) }

// key tells declarations apart.
func (d *decl) key() string {
	if d.recv != "" {
		return d.recv + "." + d.names[0]
	}
	return d.names[0]
}

// A plan is what a cell would do to the session.
type plan struct {
	quick    bool
	own      []*decl // its declarations, without variables and init functions
	inits    []*decl
	vars     []*decl  // variables that it declares
	kept     []*decl  // declarations of earlier cells that live on
	gone     []*decl  // those that do not
	altered  []string // types that lose a method or get one back
	back     map[*decl]bool
	lines    []line
	above    map[string]*decl // earlier variables that the cell reads above where it declares them anew
	last     string
	imports  map[string]bool
	varOrder []string // variables with initial values, in the order of initialisation
	pkg      *types.Package
	refused  string // the error of a cell that does not compile
}

// A line is a statement or the declaration of variables.
type line struct {
	text   string
	define string // "var" or ":="
	names  []string
	value  string
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
	fmt.Fprintf(&b, "package %s\n\nimport %q\nimport \"unsafe\"\n", name, oraclePath)
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(&b, "import %q\n", path)
		fmt.Fprintf(&used, "var _ = %s\n", packages[path])
	}
	b.WriteString("var _ unsafe.Pointer\n" + used.String() + m.program.String() + "func Run() {\n")
	for i := range m.cells {
		fmt.Fprintf(&b, "\toracle.Cell(cellᐧ%d)\n", i+1)
	}
	b.WriteString("}\n")
	return b.String()
}

// delete is %del: what refers to the name is gone as well, and of a type those methods.
func (m *model) delete(name string) bool {
	if !slices.ContainsFunc(m.decls, func(d *decl) bool { return d.recv == "" && slices.Contains(d.names, name) }) {
		return false
	}
	delete(m.shapes, name)
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

// plan reads a cell and checks it against what there is. A quick plan does not look into
// functions that live on, so it does not know which of them the cell breaks.
func (m *model) plan(c entry, quick bool) (*plan, error) {
	p := &plan{quick: quick, imports: maps.Clone(m.imports), last: c.last, altered: slices.Clone(m.altered)}
	for _, path := range c.imports {
		p.imports[path] = true
	}
	names := make(map[string]bool) // that the cell declares
	for _, it := range c.items {
		if !it.declares {
			l := readStatement(it.text)
			for _, n := range l.names {
				if n == "_" {
					continue
				}
				if names[n] {
					return nil, errUnmodelled
				}
				names[n] = true
				p.vars = append(p.vars, &decl{names: []string{n}, kind: token.VAR})
			}
			p.lines = append(p.lines, l)
			continue
		}
		d, value, err := readDeclaration(it.text)
		switch {
		case err != nil:
			return nil, err
		case d.kind == token.FUNC && d.key() == "init":
			p.inits = append(p.inits, d)
			continue
		case d.kind == token.VAR:
			for _, n := range d.names {
				p.vars = append(p.vars, &decl{names: []string{n}, kind: token.VAR})
			}
			p.lines = append(p.lines, line{define: "var", text: it.text, names: d.names, value: value})
		default:
			p.own = append(p.own, d)
		}
		for _, n := range d.names {
			key := n
			if d.recv != "" {
				key = d.key()
			}
			if names[key] {
				return nil, errUnmodelled
			}
			names[key] = true
		}
	}
	for _, d := range m.decls {
		switch n := len(slices.DeleteFunc(slices.Clone(d.names), func(n string) bool { return !names[n] })); {
		case d.recv != "" && names[d.key()]:
		case d.recv != "" || n == 0:
			p.kept = append(p.kept, d)
		case n < len(d.names):
			return nil, errUnmodelled // a part of a group of constants
		}
	}
	p.readAbove(m)
	p.back = make(map[*decl]bool)
	for _, d := range m.gone {
		switch {
		case d.recv != "" && names[d.key()], d.recv == "" && slices.ContainsFunc(d.names, func(n string) bool { return names[n] }):
		case p.quick:
			p.gone = append(p.gone, d)
		default:
			p.back[d] = true
			p.kept = append(p.kept, d)
		}
	}
	for {
		again, err := p.check(m)
		if err != nil || !again {
			return p, err
		}
	}
}

// check checks the cell and what lives on as one package. What lives on and does not
// compile is dropped, and then all has to be checked again.
func (p *plan) check(m *model) (again bool, err error) {
	f := newFile(p.imports)
	for _, d := range slices.Concat(p.own, p.inits) {
		f.put(nil, d.text+"\n")
	}
	for _, l := range p.lines {
		switch {
		case l.define == "var":
			f.put(nil, l.text+"\n")
		case l.define != "":
			f.put(nil, "var "+strings.Join(l.names, ", ")+" = "+l.value+"\n")
		}
	}
	p.putAbove(f)
	for _, d := range p.kept {
		if p.quick && d.head != "" {
			f.put(d, d.head+"\n")
		} else {
			f.put(d, d.text+"\n")
		}
	}
	f.put(nil, "func runᐧ() {\n")
	for _, l := range p.lines {
		if l.define == "" {
			f.put(nil, l.text+"\n")
		}
	}
	f.put(nil, showCall(p.last)+"\n}\n")
	r := f.check(m.importer)
	if r.syntax != nil {
		p.refused = r.syntax.Error()
		return false, nil
	}
	dropped := make(map[*decl]bool)
	for _, e := range r.errs {
		switch d := f.at(r.offset(e.Pos)); {
		case strings.HasPrefix(e.Msg, "\t"):
		case e.Soft, strings.HasPrefix(e.Msg, "initialization cycle"):
			return false, errUnmodelled // a cell may, a program may not
		case d == nil:
			p.refused = e.Msg
			return false, nil
		default:
			dropped[d] = true
		}
	}
	p.kept = slices.DeleteFunc(p.kept, func(d *decl) bool { return dropped[d] })
	for d := range dropped {
		p.gone = append(p.gone, d)
		if d.recv != "" && !p.back[d] {
			p.altered = append(p.altered, d.recv)
		}
		delete(p.back, d)
	}
	if len(dropped) > 0 {
		return true, nil
	}
	p.pkg = r.pkg
	for _, init := range r.info.InitOrder {
		p.varOrder = append(p.varOrder, init.Lhs[0].Name())
	}
	for _, d := range p.vars {
		d.text = "var " + d.names[0] + " " + typeText(p.pkg.Scope().Lookup(d.names[0]).Type())
	}
	return false, nil
}

// take makes a plan real: it writes new versions of what the cell declares and of all
// that refers to it. It returns the statements of the cell's function.
func (m *model) take(p *plan) (string, error) {
	old := make(map[string]*decl)
	for _, d := range m.decls {
		old[d.key()] = d
	}
	// All is checked once more, with variables as they stand by themselves.
	f := newFile(p.imports)
	own := slices.Concat(p.own, p.vars)
	after := slices.Concat(p.kept, own)
	for _, d := range after {
		f.put(d, d.text+"\n")
	}
	for i, d := range p.inits {
		d.names = []string{fmt.Sprintf("initᐧ%d_%d", m.cells+1, i)}
		d.text = "func " + d.names[0] + strings.TrimPrefix(d.text, "func init")
		f.put(d, d.text+"\n")
	}
	p.putAbove(f)
	f.put(nil, "func runᐧ() {\n")
	body := p.body()
	for _, d := range body {
		f.put(d, d.text+"\n")
	}
	f.put(nil, "}\n")
	r := f.check(m.importer)
	if r.syntax != nil || len(r.errs) > 0 {
		return "", errUnmodelled
	}
	uses := make(map[*decl]map[string]bool)
	for _, id := range r.names {
		d := f.at(id.offset)
		if uses[d] == nil {
			uses[d] = make(map[string]bool)
		}
		uses[d][id.name] = true
	}
	changed := make(map[string]bool)
	for _, d := range own {
		was := old[d.key()]
		switch {
		case was != nil && was.kind == d.kind && was.text == d.text:
		case d.recv != "":
			changed[d.recv] = true
		default:
			for _, n := range d.names {
				changed[n] = true
			}
		}
	}
	for _, name := range p.altered {
		changed[name] = true
	}
	for d := range p.back {
		if d.recv != "" {
			changed[d.recv] = true
			continue
		}
		for _, n := range d.names {
			changed[n] = true
		}
	}
	for _, d := range after {
		d.uses = uses[d]
	}
	dirty := m.dependants(after, changed)
	fresh := maps.Clone(changed)
	maps.Copy(fresh, dirty)

	// Variables of earlier cells whose type is a new version.
	next := m.next(r.pkg, after, fresh)
	version := func(name string) int { return next.versions[name] }
	lost := make(map[string]bool)
	var carried []*decl
	for _, d := range p.kept {
		if d.kind != token.VAR {
			continue
		}
		name := d.names[0]
		lost[name] = d.lost
		if fresh[name] {
			carried = append(carried, d)
			other := func(name string) bool { return version(name) != d.held.versions[name] }
			lost[name] = !(layout{other, make(map[[2]types.Type]bool)}).same(d.held.typ, r.pkg.Scope().Lookup(name).Type())
		}
	}
	for i, d := range body {
		for _, later := range body[i+1:] {
			if slices.ContainsFunc(later.names, func(n string) bool { return uses[d][n] && old[n] != nil && fresh[n] }) {
				return "", errUnmodelled // the value of a var above v := …
			}
		}
	}
	if m.early(p, body, uses, after) {
		return "", errUnmodelled
	}
	for name := range lost {
		for _, d := range slices.Concat(p.own, p.inits, body) {
			if lost[name] && uses[d][name] {
				p.refused = "undefined: " + name
				return "", nil
			}
		}
	}
	before := make(map[string]string)
	for name, d := range p.above {
		before[name+aboveMark] = m.symbol(name)
		for used := range d.uses {
			if used != name && fresh[used] || d.lost {
				return "", errUnmodelled // a variable of a type that the cell replaces
			}
		}
	}
	// From here on it is as if the cell had run.
	counts := m.counts
	isNew := func(name string) bool { return m.versions[name] > counts[name] }
	m.settle(next)
	var text strings.Builder
	for _, d := range carried {
		if d.lost = lost[d.names[0]]; d.lost {
			continue
		}
		if d.held.symbol == m.symbol(d.names[0]) {
			continue // it is the same variable
		}
		fmt.Fprintf(&text, "\t%s = *(*%s)(unsafe.Pointer(&%s))\n", m.symbol(d.names[0]), f.renamed(r, d, m.symbol, len("var "+d.names[0]+" ")), d.held.symbol)
		d.held = nil
	}
	for _, d := range after {
		name := d.names[0]
		if d.recv != "" {
			name = d.recv
		}
		switch {
		case !fresh[name]:
		case m.hasBodies(r.pkg, d):
			text.WriteString("\t" + m.writeBody(r.pkg, d, f.renamed(r, d, m.symbol, 0), isNew(name)) + "\n")
		case isNew(name):
			m.program.WriteString(f.renamed(r, d, m.symbol, 0) + "\n")
		}
	}
	for _, d := range p.inits {
		m.program.WriteString(f.renamed(r, d, func(name string) string {
			if name == d.names[0] {
				return name
			}
			return m.symbol(name)
		}, 0) + "\n")
	}
	for _, d := range body {
		text.WriteString(f.renamed(r, d, func(name string) string {
			switch {
			case strings.HasPrefix(name, "initᐧ"):
				return name
			case name == "showᐧ":
				return "oracle.Show"
			case before[name] != "":
				return before[name]
			}
			return m.symbol(name)
		}, 0) + "\n")
	}
	for _, d := range after {
		if d.kind == token.VAR && d.held == nil {
			d.held = &value{m.symbol(d.names[0]), r.pkg.Scope().Lookup(d.names[0]).Type(), maps.Clone(m.versions)}
		}
	}
	m.decls, m.gone, m.altered, m.imports, m.pkg = after, p.gone, nil, p.imports, r.pkg
	return text.String(), nil
}

// body lists what a cell does, in order: variables without values are zero, those above
// the first statement are initialised as Go does it, init functions run, and the rest
// follows as it stands.
func (p *plan) body() (list []*decl) {
	put := func(text string, sets ...string) { list = append(list, &decl{text: text, names: sets}) }
	first := slices.IndexFunc(p.lines, func(l line) bool { return l.define != "var" })
	if first < 0 {
		first = len(p.lines)
	}
	early := make(map[string]line)
	for i, l := range p.lines {
		switch {
		case l.define == "var" && l.value == "":
			for _, name := range l.names {
				put(name + " = *new(" + typeText(p.pkg.Scope().Lookup(name).Type()) + ")")
			}
		case l.define == "var" && i < first:
			early[l.names[0]] = l
		}
	}
	for _, name := range p.varOrder {
		if l, ok := early[name]; ok {
			put(strings.Join(l.names, ", ")+" = "+l.value, l.names...)
		}
	}
	for _, d := range p.inits {
		put(d.names[0] + "()")
	}
	for _, l := range p.lines[first:] {
		switch {
		case l.define == "var" && l.value == "":
		case l.define != "":
			put(strings.Join(l.names, ", ")+" = "+l.value, l.names...)
		default:
			put(l.text)
		}
	}
	if p.last != "" {
		put(showCall(p.last))
	}
	return list
}

// early reports whether something in a cell refers to a variable that it initialises
// further down; the model does not say what that does.
func (m *model) early(p *plan, body []*decl, uses map[*decl]map[string]bool, all []*decl) bool {
	var refers func(names map[string]bool, seen map[string]bool)
	refers = func(names map[string]bool, seen map[string]bool) {
		for name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			for _, d := range slices.Concat(all, p.inits) {
				if d.kind != token.VAR && (d.recv == name || d.recv == "" && slices.Contains(d.names, name)) {
					refers(uses[d], seen)
				}
			}
		}
	}
	for i, d := range body {
		seen := make(map[string]bool)
		refers(uses[d], seen)
		for _, later := range body[i+1:] {
			for _, name := range later.names {
				if seen[name] && !slices.Contains(d.names, name) && p.isVar(name) {
					return true
				}
			}
		}
	}
	return false
}

// aboveMark is behind the name of an earlier variable where the cell reads it above v := …
const aboveMark = "ᐧabove"

// readAbove marks the names of variables in statements above the ones that declare them
// anew, and in the values of those: there they are the variables of earlier cells.
func (p *plan) readAbove(m *model) {
	p.above = make(map[string]*decl)
	for i, below := range p.lines {
		if below.define != ":=" {
			continue
		}
		for _, name := range below.names {
			k := slices.IndexFunc(m.decls, func(d *decl) bool { return d.kind == token.VAR && d.names[0] == name })
			if k < 0 {
				continue
			}
			is := regexp.MustCompile(`\b` + name + `\b`)
			for n := range p.lines[:i+1] {
				l := &p.lines[n]
				if l.define == "var" || !is.MatchString(l.text) {
					continue
				}
				p.above[name] = m.decls[k]
				if l.value = is.ReplaceAllString(l.value, name+aboveMark); l.define == "" {
					l.text = is.ReplaceAllString(l.text, name+aboveMark)
				}
			}
		}
	}
}

// putAbove declares what readAbove has found.
func (p *plan) putAbove(f *file) {
	for _, name := range slices.Sorted(maps.Keys(p.above)) {
		f.put(nil, "var "+name+aboveMark+strings.TrimPrefix(p.above[name].text, "var "+name)+"\n")
	}
}

// isVar reports whether the cell declares a name with var.
func (p *plan) isVar(name string) bool {
	return slices.ContainsFunc(p.lines, func(l line) bool { return l.define == "var" && slices.Contains(l.names, name) })
}

func showCall(last string) string {
	if last == "" {
		return ""
	}
	return "showᐧ(" + last + ")"
}

// readStatement tells whether a statement defines variables.
func readStatement(text string) line {
	const head = "package p; func _() {\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", head+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return line{text: text} // the check of the whole cell says so
	}
	assign, ok := file.Decls[0].(*ast.FuncDecl).Body.List[0].(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE {
		return line{text: text}
	}
	at := fset.Position(assign.TokPos).Offset - len(head)
	l := line{text: text, define: ":=", value: strings.TrimSpace(text[at+2:])}
	for _, e := range assign.Lhs {
		l.names = append(l.names, e.(*ast.Ident).Name)
	}
	return l
}

// readDeclaration reads one declaration, and the initial value of a variable.
func readDeclaration(text string) (*decl, string, error) {
	const head = "package p\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", head+text, parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return nil, "", errUnmodelled
	}
	d := &decl{text: text}
	switch node := file.Decls[0].(type) {
	case *ast.FuncDecl:
		d.kind, d.names = token.FUNC, []string{node.Name.Name}
		if node.Type.TypeParams == nil {
			d.head = text[:fset.Position(node.Body.Lbrace).Offset-len(head)]
		}
		if node.Recv != nil {
			t := node.Recv.List[0].Type
			if p, ok := t.(*ast.StarExpr); ok {
				t = p.X
			}
			switch x := t.(type) {
			case *ast.IndexExpr:
				t, d.head = x.X, ""
			case *ast.IndexListExpr:
				t, d.head = x.X, ""
			}
			d.recv = t.(*ast.Ident).Name
		}
	case *ast.GenDecl:
		d.kind = node.Tok
		for _, spec := range node.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				d.names = append(d.names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					d.names = append(d.names, id.Name)
				}
				if d.kind == token.VAR && len(spec.Values) > 0 {
					return d, text[fset.Position(spec.Values[0].Pos()).Offset-len(head) : fset.Position(spec.Values[len(spec.Values)-1].End()).Offset-len(head)], nil
				}
			}
		}
	}
	return d, "", nil
}
