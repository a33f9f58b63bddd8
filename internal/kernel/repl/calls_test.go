package repl_test

import "testing"

// Every signature that a program registers by name is known by itself in a cell, as a
// function, as a literal, and with what it captures.
func TestEverySignatureInTheSession(t *testing.T) {
	n := open(t)
	n.ok(openViews, "=> <nil>")
	n.ok("all := rc.All()\nk := 3\ntype point struct{ x, y int }", "")
	n.ok("balanced.Map2Sync(func(p point, s string) string { return fmt.Sprint(p.x*k, s) }, []point{{1, 2}, {3, 4}}, []string{\"a\", \"b\"})", "=> [3a 9b]")
	n.ok("func area(w, h int) int { return w * h }\nfunc ratio(w, h int) (int, error) { return w / h, nil }", "")
	n.ok("auto.Map2Sync(area, []int{2, 3}, []int{4, 5})", "=> [8 15]")
	n.ok("all.Map2ErrSync(ratio, []int{20, 30}, []int{4, 5})", "=> [5 6]")
	n.ok("all.Apply1Sync(func(p point) int { return p.x + k }, point{4, 5})", "=> [7 7]")
	n.ok("{ m := 10; ys, err := balanced.MapContextSync(func(ctx context.Context, x int) (int, error) { return x * m, ctx.Err() }, []int{1, 2}); fmt.Println(ys, err) }", "[10 20] <nil>\n")
	n.ok("func here(ctx context.Context) (string, error) { return \"here\", ctx.Err() }\nall.ApplyContextSync(here)", "=> [here here]")
	n.ok("sum := 0\nfor i, y := range balanced.Seq(func(x int) int { return x * k }, func(yield func(int) bool) { for i := 0; yield(i); i++ { } }) {\n\tif y.Err != nil { panic(y.Err) }\n\tif i == 1000 { break }\n\tsum += y.Value\n}\nsum", "=> 1498500")
	// A literal with two arguments that is no view's stays a literal.
	n.ok("less := func(a, b int) bool { return a < b }\nless(1, 2)", "=> true")
	// Loops of cells stop by themselves when they have run too long, and only they.
	n.ok("ys, err := balanced.MapSync(func(x int) int { for x < 0 { }; return x }, []int{1, -1, 3}, parallel.ItemTimeout(200 * time.Millisecond))\nfmt.Println(ys, err.(*parallel.MapError).Failures[0].Value)",
		"[1 0 3] it ran longer than 200ms: context deadline exceeded\n")
}
