package difftest

import (
	"go/types"
	"regexp"
	"strings"
)

// A recipe is a family of declarations around one name, N, and statements that use
// them. In the texts, $int and the like stand for expressions, $T for a type of the
// session, $1 and $2 for new local names.
type recipe struct {
	decls []string
	uses  []string
}

var recipes = []recipe{
	{ // results, variadic parameters, recover
		decls: []string{
			"func N(xs ...int) (n int, err error) {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\terr = fmt.Errorf(\"caught %v\", r)\n\t\t}\n\t}()\n\tfor i, x := range xs {\n\t\tn += x * (i + $int)\n\t}\n\tif n > $int {\n\t\tpanic(\"large\")\n\t}\n\treturn\n}",
			"func N(xs ...int) (int, error) {\n\tif len(xs) == 0 {\n\t\treturn 0, stock.ErrEmpty\n\t}\n\treturn xs[0], nil\n}",
		},
		uses: []string{"$v, $verr := N($int, 2)", "fmt.Println(N())", "fmt.Println(N([]int{1, 2, $int}...))", "$v := N"},
	},
	{ // a function as a sequence
		decls: []string{"func N(n int) func(func(int, string) bool) {\n\treturn func(yield func(int, string) bool) {\n\t\tfor i := range n {\n\t\t\tif !yield(i+$int, $str) {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}\n}"},
		uses:  []string{"for $1, $2 := range N(4) {\n\tif $1 > 5 {\n\t\tbreak\n\t}\n\tfmt.Println($1, $2)\n}", "$v := N(3)"},
	},
	{ // a constraint with methods
		decls: []string{"func N[T interface{ Area() int }](xs ...T) (n int) {\n\tfor _, x := range xs {\n\t\tn += x.Area() * $int\n\t}\n\treturn\n}"},
		uses:  []string{"fmt.Println(N(stock.Box{W: $int, H: 2}))", "fmt.Println(N($T{}))", "fmt.Println(N[stock.Shape]($shape, $shape))", "$v := N[stock.Box]"},
	},
	{ // a type of functions, with a method
		decls: []string{"type N func(int) int\nfunc (f N) Area() int { return f($int) }\nfunc (f N) Name() string { return show.Plain(fmt.Sprintf(\"%T\", f)) }"},
		uses:  []string{"fmt.Println(stock.Total(N(func(i int) int { return i + $int })))", "var $v stock.Shape = N(func(i int) int { return i * $int })"},
	},
	{ // a tree
		decls: []string{"type N struct {\n\tl, r *N\n\tv    int\n}\nfunc (t *N) Area() int {\n\tif t == nil {\n\t\treturn $int\n\t}\n\treturn t.v + t.l.Area() + t.r.Area()\n}",
			"type N struct {\n\tl, r *N\n\tv    int\n}\nfunc (t *N) Area() int {\n\tif t == nil {\n\t\treturn 0\n\t}\n\treturn t.v + t.l.Area()*$int\n}",
			"type N struct {\n\tv    int\n\tl, r *N\n}"},
		uses: []string{"$v := &N{v: $int, l: &N{v: 2}}", "fmt.Println((&N{v: $int}).Area())", "fmt.Println(show.Value(N{r: &N{v: 3}}))"},
	},
	{ // two type parameters
		decls: []string{"type N[K comparable, V any] struct {\n\tm    map[K]V\n\tkeys []K\n}\nfunc (x *N[K, V]) Put(k K, v V) *N[K, V] {\n\tif x.m == nil {\n\t\tx.m = map[K]V{}\n\t}\n\tif _, ok := x.m[k]; !ok {\n\t\tx.keys = append(x.keys, k)\n\t}\n\tx.m[k] = v\n\treturn x\n}\nfunc (x N[K, V]) Area() int { return len(x.keys) + $int }\nfunc (x N[K, V]) Name() string { return show.Plain(fmt.Sprintf(\"%T\", x)) }"},
		uses: []string{"$v := new(N[string, int]).Put(\"a\", $int)", "$v := (&N[any, $T]{}).Put($any, $T{})", "fmt.Println((&N[$T, int]{}).Area())", "fmt.Println(stock.Names([]stock.Shape{N[int, $T]{}, N[string, error]{}}))",
			"$v := any(N[int, error]{})", "if $1, ok := any($any).(N[int, error]); ok {\n\tfmt.Println(show.Value($1))\n}"},
	},
	{ // an enumeration
		decls: []string{"type N int\nconst (\n\tNa N = iota\n\tNb\n)\nfunc (x N) String() string { return [...]string{\"A\", \"B\", \"C\", \"D\"}[x] }",
			"type N int\nconst (\n\tNa N = iota + 1\n\tNb\n)\nfunc (x N) String() string { return [...]string{\"no\", \"one\", \"two\"}[x] }",
			"type N uint8\nconst (\n\tNa N = 2 - iota\n\tNb\n)\nfunc (x N) Error() string { return \"E\" + fmt.Sprint(int(x)) }"},
		uses: []string{"fmt.Println(Na, Nb)", "$v := map[N]string{Na: $str, Nb: \"b\"}", "$v := []any{Na, Nb, N(0)}", "fmt.Println(errors.Is(stock.AsError(Na), stock.AsError(Nb)), any(Na) == any($any))", "switch $any {\ncase Na:\n\tfmt.Println(\"a\")\ncase Nb, 3:\n\tfmt.Println(\"b\")\n}"},
	},
	{ // a sentinel and what wraps it
		decls: []string{"var N = errors.New($str)\nfunc Nf(k int) error {\n\tif k > 2 {\n\t\treturn fmt.Errorf(\"deep %d: %w\", k, N)\n\t}\n\treturn errors.Join(N, stock.Code(k))\n}"},
		uses:  []string{"fmt.Println(errors.Is(Nf($int), N), Nf(1))", "$v := Nf($int)", "{\n\tvar $1 stock.Code\n\tfmt.Println(errors.As(Nf(2), &$1), $1)\n}", "fmt.Println(errors.Is($err, N))"},
	},
	{ // an interface in a struct
		decls: []string{"type N struct {\n\tstock.Shape\n\tlabel string\n}\nfunc (x N) Name() string { return x.label + $str }", "type N struct {\n\t*stock.Box\n\tlabel string\n}\nfunc (x N) String() string { return x.label }"},
		uses:  []string{"fmt.Println(show.Value(N{label: $str}))", "$v := N{}", "fmt.Println(N{label: \"l\"}.label)"},
	},
	{ // an interface of the session and what has it
		decls: []string{"type N interface {\n\tArea() int\n\tsize() int\n}\ntype Nt struct{ a, b int }\nfunc (x Nt) Area() int { return x.a * $int }\nfunc (x Nt) size() int { return x.b + $int }\nfunc Nf(x any) string {\n\tswitch x := x.(type) {\n\tcase N:\n\t\treturn fmt.Sprint(\"N \", x.Area(), x.size())\n\tcase Nt:\n\t\treturn \"Nt\"\n\tcase interface{ Area() int }:\n\t\treturn fmt.Sprint(\"area \", x.Area())\n\t}\n\treturn show.Plain(fmt.Sprintf(\"%T\", x))\n}"},
		uses:  []string{"$v := N(Nt{$int, 2})", "fmt.Println(Nf($any))", "fmt.Println(Nf(Nt{1, $int}))", "var $v any = &Nt{}", "if $1, ok := stock.AsShape(Nt{}); ok == nil {\n\tfmt.Println($1.Area())\n}", "fmt.Println(any(Nt{1, 2}) == any($any), stock.AsStringer($any) == nil)", "$v := []any{Nt{}, &Nt{1, 1}, N(nil)}"},
	},
	{ // a goroutine that outlives its cell
		decls: []string{"var N = func() chan func() {\n\tc := make(chan func())\n\tgo func() {\n\t\tfor f := range c {\n\t\t\tf()\n\t\t}\n\t}()\n\treturn c\n}()"},
		uses:  []string{"if N != nil {\n\t$1 := make(chan string)\n\tN <- func() {\n\t\tdefer func() { $1 <- fmt.Sprint(recover()) }()\n\t\tfmt.Println(show.Values($int, $str, $any))\n\t}\n\tfmt.Println(<-$1)\n}"},
	},
	{ // closures that share a variable
		decls: []string{"func N(n int) (get func() int, add func(int)) {\n\tget = func() int { return n * $int }\n\tadd = func(k int) { n += k }\n\treturn\n}"},
		uses:  []string{"$v, $vadd := N($int)", "{\n\t$1, $2 := N(3)\n\t$2($int)\n\tfmt.Println($1())\n}"},
	},
	{ // select, labels, goto
		decls: []string{"func N(xs []int) (out string) {\n\tc := make(chan int, len(xs)+1)\nouter:\n\tfor i, x := range xs {\n\t\tswitch {\n\t\tcase x < 0:\n\t\t\tbreak outer\n\t\tcase x == $int:\n\t\t\tcontinue outer\n\t\t}\n\t\tselect {\n\t\tcase c <- x:\n\t\t\tout += fmt.Sprint(i, \" \")\n\t\tdefault:\n\t\t\tgoto full\n\t\t}\n\t}\nfull:\n\treturn out + fmt.Sprint(len(c))\n}"},
		uses:  []string{"fmt.Println(N([]int{$int, 1, $int, -1, 4}))", "$v := N(nil)"},
	},
	{ // locks, maps with keys of any type, deferred calls
		decls: []string{"type N struct {\n\tmu sync.Mutex\n\tm  map[any]int\n}\nfunc (x *N) Add(k any) int {\n\tx.mu.Lock()\n\tdefer x.mu.Unlock()\n\tif x.m == nil {\n\t\tx.m = make(map[any]int)\n\t}\n\tx.m[k] += $int\n\treturn x.m[k]\n}"},
		uses:  []string{"$v := &N{}", "$v := new(N)\n_ = $v.Add($T{})", "fmt.Println(new(N).Add($any))"},
	},
	{ // functions that variables, closures and a goroutine hold on to
		decls: []string{"func Nf(k int) int {\n\treturn k * $int\n}\nvar N = func() chan chan int {\n\tc := make(chan chan int)\n\tgo func() {\n\t\tfor r := range c {\n\t\t\tr <- Nf(2)\n\t\t}\n\t}()\n\treturn c\n}()",
			"func Nf(k int) int {\n\treturn k + $int\n}",
			"func Nf(k int) int {\n\tfor i := range 3 {\n\t\tk += i * $int\n\t}\n\treturn k\n}"},
		uses: []string{"if N != nil {\n\t$1 := make(chan int)\n\tN <- $1\n\tfmt.Println(<-$1)\n}", "$v := Nf", "$v := func() int { return Nf($int) }", "$v := map[string]func(int) int{\"f\": Nf, \"g\": func(k int) int { return Nf(k) + k }}",
			"if $1, ok := any(Nf).(func(int) int); ok {\n\tfmt.Println($1($int))\n}"},
	},
	{ // instances of generic functions that variables, closures and a goroutine hold on to
		decls: []string{"func Nf[A any](xs []A, k int) (out []A) {\n\tfor i, x := range xs {\n\t\tif i != k%len(xs) {\n\t\t\tout = append(out, x)\n\t\t}\n\t}\n\treturn\n}\nfunc Na[A, B any](x A, f func(A) B) []B {\n\treturn Nf([]B{f(x), f(x)}, $int)\n}\nvar N = map[string]func([]int, int) []int{\"a\": Nf[int]}\nvar Nl = func() chan func() {\n\tc := make(chan func())\n\tgo func() {\n\t\tfor f := range c {\n\t\t\tfmt.Println(Nf([]int{1, 2, 3, 4}, 1))\n\t\t\tf()\n\t\t}\n\t}()\n\treturn c\n}()",
			"func Nf[A any](xs []A, k int) (out []A) {\n\treturn append(xs[:len(xs):len(xs)], xs[:min(len(xs), 1)]...)\n}",
			"func Nf[A any](xs []A, k int) []A {\n\tif k > $int {\n\t\treturn xs\n\t}\n\treturn Nf(xs[:len(xs)/2], k+1)\n}",
			"func Nf[A any](xs []A) int { return len(xs) + $int }",
			"func Na[A, B any](x A, f func(A) B) []B {\n\tout := Nf[B]\n\treturn out([]B{f(x)}, $int)\n}",
			"func Na[A, B any](x A, f func(A) B) []B {\n\treturn []B{f(x)}\n}"},
		uses: []string{"if Nl != nil {\n\t$1 := make(chan int)\n\t$2, $3 := []string{$str, $str}, $int\n\tNl <- func() { $1 <- len(Nf($2, $3)) }\n\tfmt.Println(<-$1)\n}",
			"$v := Nf[$T]", "$v := func() int { return len(Nf([]$T{*new($T)}, $int)) }", "$v := Na[$T, []int]",
			"N[$str] = Nf[int]\nfor _, $1 := range []string{\"\", \"a\", \"go\", \"xyz\", \"A\", \"GO\"} {\n\tif $2 := N[$1]; $2 != nil {\n\t\tfmt.Println($1, $2([]int{4, 5, $int}, $int))\n\t}\n}",
			"N[$str] = func(xs []int, k int) []int { return Nf(xs, k+1) }\nfor _, $1 := range []string{\"\", \"a\", \"go\", \"xyz\", \"A\", \"GO\"} {\n\tif $2 := N[$1]; $2 != nil {\n\t\tfmt.Println($1, $2([]int{4, 5, $int}, $int))\n\t}\n}",
			"N[$str] = func(xs []int, k int) []int { return Na(k, func(k int) int { return k + len(xs) }) }\nfor _, $1 := range []string{\"\", \"a\", \"go\", \"xyz\", \"A\", \"GO\"} {\n\tif $2 := N[$1]; $2 != nil {\n\t\tfmt.Println($1, $2([]int{4, 5, $int}, $int))\n\t}\n}",
			"{\n\t$3 := Na[int, int]\n\tN[$str] = func(xs []int, k int) []int { return $3(k, func(k int) int { return k * $int }) }\n}\nfor _, $1 := range []string{\"\", \"a\", \"go\", \"xyz\", \"A\", \"GO\"} {\n\tif $2 := N[$1]; $2 != nil {\n\t\tfmt.Println($1, $2([]int{4, 5, $int}, $int))\n\t}\n}",
			"for _, $1 := range []string{\"\", \"a\", \"go\", \"xyz\", \"A\", \"GO\"} {\n\tif $2 := N[$1]; $2 != nil {\n\t\tfmt.Println($1, $2([]int{4, 5, $int}, $int))\n\t}\n}",
			"if $1, ok := any(Nf[string]).(func([]string, int) []string); ok {\n\tfmt.Println($1([]string{\"a\", $str, \"c\"}, $int))\n}",
			"fmt.Println(Na($int, func(k int) string { return fmt.Sprint(k) }), Na[string](\"a\", func(s string) any { return s + $str }))"},
	},
	{ // method values and expressions
		decls: []string{"type Nt struct{ k int }\nfunc (x Nt) Area() int {\n\treturn x.k * $int\n}\nfunc (x *Nt) Set(k int) int {\n\tx.k += k\n\treturn x.Area()\n}\nvar N = &Nt{$int}",
			"func (x Nt) Area() int {\n\treturn x.k + $int\n}",
			"func (x *Nt) Set(k int) int {\n\tx.k = k + $int\n\treturn x.Area() + 1\n}"},
		uses: []string{"$v := N.Area", "$v := Nt.Area", "$v := (*Nt).Set", "$v := (&Nt{}).Set", "$v := interface{ Area() int }(N)", "$v := any(Nt{$int})", "fmt.Println(N.Set($int), Nt{2}.Area())", "if $1, ok := any($any).(Nt); ok {\n\tfmt.Println($1.Area(), $1 == Nt{2})\n}"},
	},
	{ // types that reflection makes of a type
		decls: []string{"type N struct {\n\tA int\n\tb string\n}\nvar Nl = show.Made(N{b: $str})",
			"type N struct {\n\tA int\n\tb string\n}\nfunc (x N) String() string { return x.b + $str }",
			"type N struct {\n\tb string\n}"},
		uses: []string{"Nl = show.Made(N{b: $str})", "{\n\t_, $1 := Nl[0].([]N)\n\t_, $2 := Nl[1].(map[string]N)\n\tfmt.Println($1, $2)\n}",
			"for i := range len(Nl) {\n\tswitch $1 := Nl[i].(type) {\n\tcase []N:\n\t\tfmt.Println(i, show.Value($1))\n\tcase func(N) []N, chan N, *[2]N:\n\t\tfmt.Println(i, show.Value($1))\n\tcase map[N]*[]N:\n\t\tfmt.Println(i, len($1), $int)\n\t}\n}",
			"fmt.Println(Nl[5] == any([2]N{}), Nl[6] == any(struct{ V N }{}), any(struct{ V N }{}) == any($any))", "$v := map[string]func(N) []N{}\nif $1, ok := Nl[2].(func(N) []N); ok {\n\t$v[$str] = $1\n}"},
	},
	{ // a generic type within another
		decls: []string{"type N[T any] struct {\n\tval  T\n\tnext *N[T]\n}\ntype Nl[T any] struct {\n\thead *N[T]\n\tN[int]\n}\nfunc (l *Nl[T]) Add(v T) { l.head = &N[T]{v, l.head} }\nfunc (l Nl[T]) Area() (n int) {\n\tfor x := l.head; x != nil; x = x.next {\n\t\tn += 1 + $int\n\t}\n\treturn\n}\nfunc Nmap[T, U any](l Nl[T], f func(T) U) (out Nl[U]) {\n\tfor x := l.head; x != nil; x = x.next {\n\t\tout.Add(f(x.val))\n\t}\n\treturn\n}"},
		uses:  []string{"$v := Nl[$T]{}", "{\n\tvar $1 Nl[string]\n\t$1.Add($str)\n\tfmt.Println(show.Value(Nmap($1, func(s string) any { return $T{} })), $1.Area())\n}", "$v := &Nl[any]{head: &N[any]{val: $any}}"},
	},
}

var placeholder = regexp.MustCompile(`\$(int|str|bool|any|err|shape|T|verr|vadd|v|\d)|\bN(\w*)\b`)

// fill writes a text of a recipe for a name.
func (g *generator) fill(c *ctx, name, text string) string {
	local := make(map[string]string)
	isNew := func(key, prefix string) string {
		if local[key] == "" {
			if prefix == "" {
				local[key] = g.temp()
			} else {
				local[key] = g.name(prefix)
			}
		}
		return local[key]
	}
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		switch p {
		case "$int":
			return g.expr(c, basic("int"), 1)
		case "$str":
			return g.expr(c, basic("string"), 1)
		case "$bool":
			return g.expr(c, basic("bool"), 1)
		case "$any":
			if as := g.atomsOf(c, types.Comparable); len(as) > 0 {
				return "any(" + pick(g, as).text + ")"
			}
			return g.expr(c, basic("any"), 1)
		case "$err":
			return g.expr(c, basic("error"), 1)
		case "$shape":
			if s, ok := g.shape(c); ok {
				return s
			}
			return "stock.Box{}"
		case "$T":
			if ts := g.objects("t"); len(ts) > 0 {
				return pick(g, ts).Name()
			}
			return "stock.Box"
		case "$v", "$verr", "$vadd":
			return isNew(p, "v")
		}
		if rest, ok := strings.CutPrefix(p, "N"); ok {
			switch rest {
			case "", "a", "b", "t", "f", "l", "map":
				return name + rest
			}
			return p
		}
		return isNew(p, "")
	})
}

// wholeName is the name of a recipe that a name of one of its declarations, such as Nmap, belongs to.
func wholeName(name string) string { return strings.TrimRight(name, "ablftmp") }

// cook declares what a recipe says: at first all of it, and for a name that exists, again.
func (g *generator) cook(name string, r recipe) {
	decls := r.decls[0]
	if g.scope != nil && g.scope.Scope().Lookup(name) != nil {
		decls = pick(g, r.decls)
	}
	for _, text := range strings.SplitAfter(strings.TrimSpace(g.fill(&ctx{safe: true, level: 1}, name, decls)), "\n}\n") {
		for _, each := range oneLine(text) {
			if each = strings.TrimSpace(each); each != "" {
				g.try(func() (item, bool) { return item{true, each}, true })
			}
		}
	}
}

// oneLine cuts off declarations that take one line each.
func oneLine(text string) []string {
	var list []string
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok || strings.HasSuffix(line, "{") || strings.HasSuffix(line, "(") || strings.HasPrefix(line, "\t") {
			return append(list, text)
		}
		list = append(list, line)
		text = rest
	}
}

// use is a statement of a recipe that was declared.
func (g *generator) use(c *ctx) (string, bool) {
	var names []string
	for _, d := range g.m.decls {
		if _, ok := g.cooked[d.names[0]]; ok && d.recv == "" {
			names = append(names, d.names[0])
		}
	}
	if len(names) == 0 {
		return "", false
	}
	name := pick(g, names)
	return g.fill(c, name, pick(g, recipes[g.cooked[name]].uses)), true
}
