package assist

import (
	"cmp"
	"context"
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/docs"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// How near a candidate is to the cursor: the nearest come first.
const (
	rankField     = iota // of the struct whose literal is being written, or of what is before the dot
	rankLocal            // declared around the cursor, or at the top level of the cell
	rankSession          // declared by earlier cells
	rankImported         // packages
	rankKeyword          // of the language
	rankUniverse         // predeclared
	rankAvailable        // packages that an import would offer
)

// A candidate is a completion with what decides its place in the list.
type candidate struct {
	cell.Completion
	name       string
	rank       int
	deprecated bool
}

// candidates collects what begins with a prefix, each name once: the first one
// shadows the others.
type candidates struct {
	prefix string
	list   []candidate
	seen   map[string]bool
}

// add adds a candidate, if it is one.
func (c *candidates) add(name string, rank int, make func() cell.Completion) {
	if !c.fits(name) || c.seen[name] {
		return
	}
	c.seen[name] = true
	c.list = append(c.list, candidate{Completion: make(), name: name, rank: rank})
}

func (c *candidates) fits(name string) bool {
	return name != "_" && len(name) >= len(c.prefix) && strings.EqualFold(name[:len(c.prefix)], c.prefix) && !strings.HasPrefix(name, "ᐧ")
}

// items returns the completions, the best first.
func (c *candidates) items() []cell.Completion {
	order := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(c.list, func(a, b candidate) int {
		return cmp.Or(
			order(a.deprecated)-order(b.deprecated),
			order(!strings.HasPrefix(a.name, c.prefix))-order(!strings.HasPrefix(b.name, c.prefix)),
			a.rank-b.rank,
			cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)),
			cmp.Compare(a.name, b.name))
	})
	var items []cell.Completion
	for _, one := range c.list {
		items = append(items, one.Completion)
	}
	return items
}

// An Assistant answers questions about code that is being typed.
type Assistant struct {
	check.Env
	// Docs has the documentation of packages.
	Docs *docs.Library
}

// Complete lists what the name at the cursor, in code points, can become.
func (a Assistant) Complete(ctx context.Context, code string, cursor int) cell.Completions {
	offset := syntax.ByteOffset(code, cursor)
	begin := func(start int, items []cell.Completion) cell.Completions {
		return cell.Completions{Start: utf8.RuneCountInString(code[:start]), End: utf8.RuneCountInString(code[:offset]), Items: items}
	}
	switch at := syntax.LexicalAt(code, offset); {
	case at.Kind == syntax.InString && at.Imports:
		return begin(at.Start, a.Index.CompletePath(code[at.Start:offset]))
	case at.Kind != syntax.InCode:
		return begin(offset, nil)
	}
	start, _ := syntax.Word(code, offset, false)
	found := &candidates{prefix: code[start:offset], seen: make(map[string]bool)}
	before := strings.TrimRight(code[:start], " \t\n")
	if strings.HasSuffix(before, "..") {
		return begin(offset, nil)
	}
	at := a.checkAround(ctx, code, start, offset, syntax.CursorName)
	switch {
	case at != nil && at.sel != nil:
		if a.members(at, found) {
			break
		}
		if id, ok := at.sel.X.(*ast.Ident); ok && a.isUnknown(at, id) {
			path := a.membersOfUnknown(id.Name, found)
			if head, ok := importPlace(code, start); ok && path != "" {
				all := begin(start, found.items())
				all.Import, all.ImportAt = "import "+strconv.Quote(path), utf8.RuneCountInString(code[:head])
				return all
			}
		}
	case strings.HasSuffix(before, "."), at != nil && at.declaring():
	default:
		a.inScope(at, found)
	}
	return begin(start, found.items())
}

// isUnknown reports whether a name means nothing yet.
func (a Assistant) isUnknown(at *atCursor, id *ast.Ident) bool {
	_, defined := at.info.Defs[id]
	return at.info.Uses[id] == nil && !defined && a.State.Names[id.Name] == nil
}

// importReach is how far above a name an import is inserted, in code points. Front
// ends replace one range of the cell, and show all of it in their list.
const importReach = 80

// importPlace returns the start of the line above which an import can stand that
// the name at offset needs: the line on which the statement around it begins.
func importPlace(code string, offset int) (head int, ok bool) {
	for _, ch := range syntax.Split([]byte(code)) {
		if ch.Start > offset || offset > ch.End+1 && strings.TrimSpace(code[ch.End:offset]) != "" {
			continue
		}
		head = ch.Start
	}
	for { // a comment above the statement stays above it
		line, rest, more := strings.Cut(code[head:], "\n")
		if text := strings.TrimSpace(line); !more || text != "" && !strings.HasPrefix(text, "//") || head+len(line) >= offset {
			break
		}
		head = len(code) - len(rest)
	}
	line := strings.LastIndexByte(code[:head], '\n') + 1
	return line, strings.TrimSpace(code[line:head]) == "" && utf8.RuneCountInString(code[line:offset]) <= importReach
}

// completion describes an object.
func completion(obj types.Object, pkg *types.Package) cell.Completion {
	c := cell.Completion{Text: obj.Name()}
	qualifier := types.RelativeTo(pkg)
	if pkg != obj.Pkg() {
		qualifier = (*types.Package).Name
	}
	switch obj := obj.(type) {
	case *types.Func:
		c.Kind = "function"
		if obj.Signature().Recv() != nil {
			c.Kind = "method"
		}
		c.Signature = strings.TrimPrefix(types.TypeString(obj.Type(), qualifier), "func")
	case *types.Var:
		c.Kind = "variable"
		if obj.IsField() {
			c.Kind = "field"
		}
		c.Signature = types.TypeString(obj.Type(), qualifier)
	case *types.Const:
		c.Kind, c.Signature = "constant", types.TypeString(obj.Type(), qualifier)+" = "+obj.Val().String()
	case *types.TypeName:
		c.Kind, c.Signature = "type", typeGist(obj.Type(), qualifier)
	case *types.PkgName:
		c.Kind, c.Signature = "package", obj.Imported().Path()
	case *types.Builtin:
		c.Kind, c.Signature = "function", "built in"
	case *types.Nil:
		c.Kind, c.Signature = "constant", "zero value"
	}
	return c
}

// typeGist says in a few words what a type is made of.
func typeGist(t types.Type, qualifier types.Qualifier) string {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	default:
		return types.TypeString(u, qualifier)
	}
}
