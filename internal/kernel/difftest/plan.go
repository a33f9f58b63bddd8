package difftest

import (
	"cmp"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
)

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
	if p.refused != "" {
		return p, nil
	}
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
	// Variables of earlier cells come first, as in the notebook: they have had their turn
	// when those of the cell are initialised.
	for _, d := range p.kept {
		if p.quick && d.head != "" {
			f.put(d, d.head+"\n")
		} else {
			f.put(d, d.text+"\n")
		}
	}
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
	dropped, own := make(map[*decl]bool), ""
	for _, e := range r.errs {
		switch d := f.at(r.offset(e.Pos)); {
		case strings.HasPrefix(e.Msg, "\t"):
		case e.Soft, strings.HasPrefix(e.Msg, "initialization cycle"):
			return false, errUnmodelled // a cell may, a program may not
		case d == nil:
			own = cmp.Or(own, e.Msg)
		default:
			dropped[d] = true
		}
	}
	tried := maps.Clone(dropped)
	maps.DeleteFunc(tried, func(d *decl, _ bool) bool { return !p.back[d] })
	switch {
	case len(tried) > 0: // what was gone is still no good, and may be all that is wrong with others
		dropped = tried
	case own != "" && len(dropped) == 0: // else it may come from there
		p.refused = own
		return false, nil
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

// aboveMark is behind the name of an earlier variable where the cell reads it above v := …
const aboveMark = "ᐧabove"

// readAbove marks the names of variables in statements above the ones that declare them
// anew, and in the values of those: there they are the variables of earlier cells, or undefined.
func (p *plan) readAbove(m *model) {
	p.above = make(map[string]*decl)
	for i, below := range p.lines {
		if below.define != ":=" {
			continue
		}
		for _, name := range below.names {
			k := slices.IndexFunc(m.decls, func(d *decl) bool { return d.kind == token.VAR && d.names[0] == name })
			isThere := slices.ContainsFunc(m.decls, func(d *decl) bool { return d.recv == "" && slices.Contains(d.names, name) })
			if k < 0 && isThere {
				continue
			}
			is := regexp.MustCompile(`\b` + name + `\b`)
			for n := range p.lines[:i+1] {
				l := &p.lines[n]
				if l.define == "var" || !is.MatchString(l.text) {
					continue
				}
				if k < 0 && (n < i || is.MatchString(l.value)) {
					p.refused = "undefined: " + name
					return
				}
				if k < 0 {
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
