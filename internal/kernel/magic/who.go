package magic

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func init() {
	register(&definition{
		name: "who", usage: "%who [type...]", reads: true, act: who,
		doc: "List the variables of the session by name, all or those of some types: %who int []string.",
	})
	register(&definition{
		name: "whos", usage: "%whos [kind or type...]", reads: true, act: whos,
		doc: "List what the session has declared, with types; with arguments, only variables of such types, and all of a kind: %whos int function.",
	})
}

func who(_ context.Context, k Kernel, arg string, out cell.Output) error {
	variables := k.Names()
	variables = slices.DeleteFunc(variables, func(n Name) bool { return n.Kind != "variable" })
	found, err := only(variables, arg)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		out.Stream("stdout", none(variables, "The session has no variables yet.\n", "The session has no variable of such a type.\n"))
		return nil
	}
	// IPython writes nine names on a line.
	var b strings.Builder
	for i, n := range found {
		b.WriteString(n.Name)
		if i%9 == 8 || i == len(found)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteString("\t ")
		}
	}
	out.Stream("stdout", b.String())
	return nil
}

func whos(ctx context.Context, k Kernel, arg string, out cell.Output) error {
	all := k.Names()
	names, err := only(all, arg)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		out.Stream("stdout", none(all, "The session has declared nothing yet.\n", "The session has declared nothing of the kind.\n"))
		return nil
	}
	var variables []string
	for _, n := range names {
		if n.Kind == "variable" {
			variables = append(variables, n.Name)
		}
	}
	values := make(map[string]string)
	if len(variables) > 0 {
		for i, text := range k.Values(ctx, variables) {
			values[variables[i]] = text
		}
	}
	width, kind, typ := len("Name"), len("Kind"), len("Type")
	for _, n := range names {
		width, kind = max(width, len([]rune(n.Name))), max(kind, len(n.Kind))
		if n.Kind == "variable" {
			typ = min(max(typ, len([]rune(n.Type))), mostType)
		}
	}
	var b strings.Builder
	head, rule := fmt.Sprintf("%-*s   %-*s   Type", width, "Name", kind, "Kind"), width+kind+10
	if len(values) > 0 {
		head, rule = fmt.Sprintf("%-*s   Value", width+kind+typ+6, head), rule+typ+4
	}
	b.WriteString(head + "\n" + strings.Repeat("-", rule) + "\n")
	for _, n := range names {
		row := fmt.Sprintf("%-*s   %-*s   %-*s   %s", width, n.Name, kind, n.Kind, typ, n.Type, values[n.Name])
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	out.Stream("stdout", b.String())
	return nil
}

// mostType is how wide the column of types is at most.
const mostType = 40

// only returns the names of the types, or kinds, that are asked for; all where none
// is.
func only(names []Name, arg string) ([]Name, error) {
	wanted := splitTypes(arg)
	if isType(arg) {
		wanted = []string{arg}
	}
	for _, w := range wanted {
		if !isType(w) && w != "type" {
			return nil, fmt.Errorf("%q is no type: write types as Go does, as in %%who int map[string]int", w)
		}
	}
	if wanted == nil {
		return names, nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(n Name) bool {
		return !slices.Contains(wanted, n.Kind) && !slices.ContainsFunc(wanted, func(w string) bool { return n.Kind == "variable" && compact(w) == compact(n.Type) })
	}), nil
}

// isType reports whether the text is that of a type, or could be: an expression with an operator,
// such as "int -q", is none.
func isType(text string) bool {
	e, err := parser.ParseExpr(text)
	if err != nil {
		return false
	}
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType,
		*ast.StructType, *ast.InterfaceType, *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr:
		return true
	}
	return false
}

// splitTypes divides a list of types at spaces outside of brackets; a comma
// separates like a space.
func splitTypes(arg string) (list []string) {
	depth, begin := 0, 0
	for i, r := range arg + " " {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ' ', '\t', ',':
			if word := strings.Trim(arg[begin:min(i, len(arg))], " \t,"); depth == 0 && word != "" {
				list, begin = append(list, word), i
			}
		}
	}
	if rest := strings.Trim(arg[begin:], " \t,"); rest != "" {
		list = append(list, rest)
	}
	return list
}

// compact is a type's text without blanks, which may be written or not.
func compact(text string) string { return strings.Join(strings.Fields(text), "") }

func none(names []Name, ofAll, ofSome string) string {
	if len(names) == 0 {
		return ofAll
	}
	return ofSome
}
