package difftest

import (
	"fmt"
	"go/types"
	"strings"
)

// ofStock uses the module beside the notebook.
func (g *generator) ofStock(c *ctx, v string) (string, bool) {
	x := g.temp()
	var shapes []string
	for range 1 + g.IntN(3) {
		if obj, ok := g.shape(c); ok {
			shapes = append(shapes, obj)
		} else {
			shapes = append(shapes, "stock.Box{W: 1, H: 2}")
		}
	}
	list := strings.Join(shapes, ", ")
	return pick(g, []string{
		fmt.Sprintf("if %s, err := stock.AsShape(%s); err == nil {\n\tfmt.Println(show.Value(%s), %s.Area())\n} else {\n\tfmt.Println(err)\n}", x, v, x, x),
		fmt.Sprintf("fmt.Println(stock.Total(%s), stock.Names([]stock.Shape{%s}))", list, list),
		fmt.Sprintf("%s := stock.AsError(%s)", g.name("v"), v),
		fmt.Sprintf("%s := stock.AsStringer(%s)", g.name("v"), v),
		fmt.Sprintf("{\n\tvar %s stock.Set\n\tfmt.Println(%s.Add(%s), %s.Add(%s), %s.Len())\n}", x, x, v, x, v, x),
		fmt.Sprintf("%s := []stock.Shape{%s}", g.name("v"), list),
		fmt.Sprintf("fmt.Println(show.Value(stock.Pair[int, any]{1, %s}))", v),
		fmt.Sprintf("fmt.Println(show.Value(stock.Group([]stock.Shape{%s}, func(s stock.Shape) string { return s.Name() })))", list),
		fmt.Sprintf("%s := stock.Box{W: %d}", g.name("v"), g.IntN(5)),
	}), true
}

// shape is a value that is a stock.Shape.
func (g *generator) shape(c *ctx) (string, bool) {
	fits := func(t types.Type) bool {
		set := types.NewMethodSet(t)
		return set.Lookup(nil, "Area") != nil && set.Lookup(nil, "Name") != nil
	}
	if as := g.atomsOf(c, fits); len(as) > 0 {
		return pick(g, as).text, true
	}
	for _, o := range g.objects("t") {
		if fits(o.Type()) {
			return g.typed(o.Type(), g.expr(c, o.Type(), 1)), true
		}
	}
	return "", false
}
