// Package shown lets a cell use the value that an earlier one has shown: _ is the last one, _12
// that of cell[12]. Where Go has a meaning for these, to the left of an assignment or as a name that is
// declared, they keep it.
package shown

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Values are the values that cells have shown, by execution count.
type Values struct {
	types map[int]rewrite.Result
	last  int
}

// Add notes the value of a cell.
func (s *Values) Add(count int, r rewrite.Result) {
	if r.Type == "" {
		return
	}
	if s.types == nil {
		s.types = make(map[int]rewrite.Result)
	}
	s.types[count], s.last = r, count
}

// mayUse finds texts that may use a value.
var mayUse = regexp.MustCompile(`(?:^|[^\pL\d_.])_\d*(?:$|[^\pL\d_])`)

// calls finds what stands for a value in a cell that was written anew, which messages quote.
var calls = regexp.MustCompile(`\(\*ᐧlive\.Shown\[.+?\]\((\d+)\)\)`)

// Call returns the execution count of a call that stands for a value, and where its text ends, the
// comment behind it included. Where n is none, ok is false.
func Call(source *syntax.Source, n ast.Node) (count, end int, ok bool) {
	if _, is := n.(*ast.ParenExpr); !is {
		return 0, 0, false
	}
	at := source.Offset(n.Pos())
	m := callWithPlace.FindSubmatch(source.Text[at:])
	if m == nil {
		return 0, 0, false
	}
	count, err := strconv.Atoi(string(m[1]))
	return count, at + len(m[0]), err == nil
}

// places says where in the text that the user wrote what follows stands, and callWithPlace is a call
// that stands for a value, at the beginning of a text: a chunk of statements ends without the place.
var (
	places        = regexp.MustCompile(`/\*line :\d+:\d+\*/`)
	callWithPlace = regexp.MustCompile(`^` + calls.String() + `(` + places.String() + `)?`)
)

// Skip returns how long what Use has put at the beginning of a text is.
func Skip(text []byte) int {
	if at := places.FindIndex(text); at != nil && at[0] == 0 {
		return at[1]
	}
	return 0
}

// WithoutPlaces returns a text between statements without what Use has put there.
func WithoutPlaces(text string) string { return places.ReplaceAllString(text, "") }

// InWords writes messages as the user wrote the code.
func InWords(message string) string { return calls.ReplaceAllString(message, "_$1") }

// Use writes a cell so that it reads the values of earlier cells by live.Shown, and returns of which cells
// it reads them, by the names that stand for them. Known are the names of the session, which mean
// what they are. A name in again stands for the value of that cell.
func (s *Values) Use(source string, known []string, again map[string]int) (text string, used map[string]int) {
	if s.last == 0 || !strings.Contains(source, "_") || !mayUse.MatchString(source) {
		return source, nil
	}
	taken := make(map[string]bool)
	for _, name := range known {
		taken[name] = true
	}
	fset := token.NewFileSet()
	cell := syntax.NewCell("_", []byte(source))
	parsed, _ := cell.Assemble(fset, syntax.Arrangement{})
	if parsed == nil {
		return source, nil
	}
	uses := valuesUsed(parsed.File, taken)
	imports := make(map[string]string)
	used = make(map[string]int)
	type edit struct {
		at, end int
		text    string
	}
	var edits []edit
	begins := lineBegins(source)
	for _, id := range uses {
		count := s.last
		if _, err := fmt.Sscanf(id.Name, "_%d", &count); err != nil && id.Name != "_" {
			continue
		}
		if cell, ok := again[id.Name]; ok {
			count = cell
		}
		r, ok := s.types[count]
		p := fset.Position(id.Pos())
		if !ok || p.Line > len(begins) {
			continue
		}
		at := begins[p.Line-1] + p.Column - 1
		if end := at + len(id.Name); end <= len(source) && source[at:end] == id.Name {
			maps.Copy(imports, r.Imports)
			used[id.Name] = count
			edits = append(edits, edit{at, end, fmt.Sprintf("(*ᐧlive.Shown[%s](%d))/*line :%d:%d*/", r.Type, count, p.Line, p.Column+len(id.Name))})
		}
	}
	if len(edits) == 0 {
		return source, nil
	}
	sort.Slice(edits, func(i, j int) bool { return edits[i].at < edits[j].at })
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&b, "import %q; ", imports[name])
	}
	if b.Len() > 0 {
		b.WriteString("/*line :1:1*/")
	}
	done := 0
	for _, e := range edits {
		b.WriteString(source[done:e.at] + e.text)
		done = e.end
	}
	return b.String() + source[done:], used
}

// lineBegins returns where the lines of a text begin.
func lineBegins(text string) []int {
	begins := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			begins = append(begins, i+1)
		}
	}
	return begins
}

// valueName is _ or _12.
var valueName = regexp.MustCompile(`^_\d*$`)

// valuesUsed lists the identifiers _ and _12 of a file that stand for a value: not those
// that are declared, or assigned to. A name that is taken, or is declared somewhere in the file, is
// none.
func valuesUsed(file *ast.File, taken map[string]bool) (uses []*ast.Ident) {
	not := make(map[*ast.Ident]bool)
	declare := func(ids ...ast.Expr) {
		for _, e := range ids {
			if id, ok := e.(*ast.Ident); ok {
				not[id] = true
				if id.Name != "_" {
					taken[id.Name] = true
				}
			}
		}
	}
	names := func(ids []*ast.Ident) {
		for _, id := range ids {
			declare(id)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
				declare(n.Lhs...)
			}
		case *ast.RangeStmt:
			declare(n.Key, n.Value)
		case *ast.ValueSpec:
			names(n.Names)
		case *ast.TypeSpec:
			declare(n.Name)
		case *ast.FuncDecl:
			declare(n.Name)
		case *ast.Field:
			names(n.Names)
		case *ast.ImportSpec:
			if n.Name != nil {
				declare(n.Name)
			}
		case *ast.LabeledStmt:
			declare(n.Label)
		case *ast.BranchStmt:
			if n.Label != nil {
				declare(n.Label)
			}
		case *ast.SelectorExpr:
			not[n.Sel] = true
		case *ast.KeyValueExpr: // a field's name, or a key: the former cannot be told from here
			if id, ok := n.Key.(*ast.Ident); ok && id.Name != "_" {
				not[id] = true
			}
		}
		return true
	})
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && valueName.MatchString(id.Name) && !not[id] && !taken[id.Name] {
			uses = append(uses, id)
		}
		return true
	})
	return uses
}
