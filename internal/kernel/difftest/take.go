package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

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
			lost[name] = !(layout{other, make(map[[2]types.Type]bool)}).carries(d.held.typ, r.pkg.Scope().Lookup(name).Type())
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
	m.adopt(next)
	shares := make(map[*decl]bool)
	for _, d := range after {
		if was := old[d.key()]; d.kind == token.VAR && isNew(d.names[0]) && was != nil && was.kind == token.VAR && !was.lost {
			shares[d] = m.shareMemory(r.pkg, d.names[0], was.held)
		}
	}
	m.noteInstances(r)
	var text strings.Builder
	text.WriteString(m.carry(r.pkg, after, fresh, isNew, carried, lost, p.above))
	for _, d := range after {
		name := d.names[0]
		if d.recv != "" {
			name = d.recv
		}
		switch {
		case !fresh[name]:
		case m.hasBodies(r.pkg, d):
			text.WriteString("\t" + m.writeBody(r.pkg, d, f.renamed(r, d, m.symbol, 0), isNew(name)) + "\n")
		case isNew(name) && d.kind == token.FUNC && d.recv == "":
			text.WriteString("\t" + m.writeGeneric(r.pkg, d, f.renamed(r, d, m.symbol, 0)) + "\n")
		case isNew(name) && !shares[d]:
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
			d.held = &value{m.symbol(d.names[0]), r.pkg.Scope().Lookup(d.names[0]).Type(), maps.Clone(m.versions), maps.Clone(m.kinds)}
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

func showCall(last string) string {
	if last == "" {
		return ""
	}
	return "showᐧ(" + last + ")"
}
