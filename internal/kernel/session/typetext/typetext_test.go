package typetext_test

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

var packages = importer.Default()

// packageOf checks a file of package main.
func packageOf(t *testing.T, source string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", "package main\n"+source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: packages}
	pkg, err := conf.Check("main", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatalf("%s\n%v", source, err)
	}
	return pkg
}

// printer writes types of a package by the names that they have there.
func printer(pkg *types.Package) *typetext.Printer {
	name := func(obj *types.TypeName) string {
		if obj.Parent() != pkg.Scope() {
			return ""
		}
		return obj.Name()
	}
	return &typetext.Printer{
		Named: name, Embedded: name, Pkg: pkg, Params: make(map[*types.TypeParam]bool),
		Alias: func(p *types.Package) string { return p.Name() },
	}
}

// What is written of a type is, where it is compiled, that type.
func TestTextOfATypeIsTheType(t *testing.T) {
	const declared = "import (\"io\"; \"unsafe\")\ntype point struct{ x, y int }\ntype pair[A any, B comparable] struct { a A; b B }\ntype number interface{ ~int | ~float64 }\n" +
		"type short = map[string]point\nvar _ io.Reader\nvar _ unsafe.Pointer\n"
	for _, text := range []string{
		"int", "byte", "rune", "error", "any", "string", "unsafe.Pointer", "*point", "[]*point", "[3][]int", "map[point][]string", "short",
		"chan int", "<-chan int", "chan<- int", "chan (<-chan int)", "<-chan (chan<- int)", "chan func() <-chan int",
		"func()", "func(int, ...string) (a int, err error)", "func(func(int) bool) func() (int, error)", "func(x, y int, _ ...any)",
		"struct{}", "struct { point; *pair[int, string]; x int `json:\"x\"`; y, z []byte }", "struct { io.Reader; error }", "struct { a struct { b *struct{ c int } } }",
		"interface{}", "interface { io.Reader; Close() error }", "interface { m(int, ...string) (x error) }", "pair[[]point, string]", "pair[pair[int, int], *point]",
		"*[]map[string]chan struct{ f func(any) }", "[0]pair[struct{ x int }, [2]string]",
	} {
		pkg := packageOf(t, declared+"var v "+text+"\n")
		want := pkg.Scope().Lookup("v").Type()
		p := printer(pkg)
		got := p.Text(want)
		if p.Err != nil {
			t.Errorf("%s: %v", text, p.Err)
			continue
		}
		again := packageOf(t, declared+"var v "+text+"\nvar w "+got+"\n").Scope()
		if v, w := again.Lookup("v").Type(), again.Lookup("w").Type(); !types.Identical(v, w) {
			t.Errorf("%s is written as %s, which is another type", text, got)
		}
	}
}

// Types that are identical have one text where aliases are expanded.
func TestIdenticalTypesHaveOneText(t *testing.T) {
	pkg := packageOf(t, "type point struct{ x int }\ntype list = []point\ntype of[T any] = map[string]T\nvar a list\nvar b []point\nvar c of[byte]\nvar d map[string]uint8\nvar e func(list) any\nvar f func([]point) interface{}\n")
	text := func(name string) string {
		p := printer(pkg)
		p.Expand = true
		return p.Text(pkg.Scope().Lookup(name).Type())
	}
	for _, two := range [][2]string{{"a", "b"}, {"c", "d"}, {"e", "f"}} {
		if a, b := text(two[0]), text(two[1]); a != b {
			t.Errorf("%s and %s", a, b)
		}
	}
}

// What cannot be written where the text is to stand is an error.
func TestWhatCannotBeWritten(t *testing.T) {
	pkg := packageOf(t, "import \"encoding/binary\"\nvar a = binary.LittleEndian\nfunc f[T any](x T) { type local int; var y local; _ = y }\n")
	f := pkg.Scope().Lookup("f").(*types.Func).Signature()
	for want, typ := range map[string]types.Type{
		"littleEndian, which its package does not export": pkg.Scope().Lookup("a").Type(),
		"the type parameter T":                            f.Params().At(0).Type(),
		"untyped nil":                                     types.Typ[types.UntypedNil],
	} {
		p := printer(pkg)
		if text := p.Text(typ); p.Err == nil || !strings.Contains(p.Err.Error(), want) {
			t.Errorf("%s is written as %s, and the error is %v", typ, text, p.Err)
		}
	}
	p := printer(pkg)
	p.Params[f.Params().At(0).Type().(*types.TypeParam)] = true
	if text := p.Text(f.Params().At(0).Type()); text != "T" || p.Err != nil {
		t.Errorf("%s, %v", text, p.Err)
	}
}

// Constants keep their value and kind, however large or exact.
func TestConstantsAreExact(t *testing.T) {
	for _, text := range []string{
		"1", "-1", "1 << 200", "'a'", "'\\u00e9'", "0.1", "1e400", "1.0 / 3", "-2.5", "3.0", "1i", "0.5 - 2i", "\"a\\n\\\"b\\x00é\"", "true", "2 > 3", "'a' * 1000000",
	} {
		want, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text)
		if err != nil {
			t.Fatal(err)
		}
		written := typetext.Constant(want.Value, want.Type)
		got, err := types.Eval(token.NewFileSet(), nil, token.NoPos, written)
		if err != nil || !constant.Compare(got.Value, token.EQL, want.Value) {
			t.Errorf("%s is written as %s, which is %v (%v)", text, written, got.Value, err)
			continue
		}
		// A rune that is none stays a number.
		if got.Type != want.Type && text != "'a' * 1000000" {
			t.Errorf("%s is %v, and written as %s, which is %v", text, want.Type, written, got.Type)
		}
	}
}

func TestIsError(t *testing.T) {
	pkg := packageOf(t, "type own error\nvar a error\nvar b own\nvar c interface{ Error() string }\n")
	for name, want := range map[string]bool{"a": true, "b": false, "c": false} {
		if typ := pkg.Scope().Lookup(name).Type(); typetext.IsError(typ) != want {
			t.Errorf("%s: %v", typ, !want)
		}
	}
}

func TestReceiver(t *testing.T) {
	pkg := packageOf(t, "type named struct{}\ntype alias = named\ntype generic[T any] struct{}\ntype inter interface{ M() }\n"+
		"func (named) A() {}\nfunc (*alias) B() {}\nfunc (*generic[T]) C() {}\nfunc f() {}\nvar g generic[int]\nvar nameless interface{ M() }\n")
	method := func(name, of string) *types.Func {
		obj, _, _ := types.LookupFieldOrMethod(pkg.Scope().Lookup(of).Type(), true, pkg, name)
		return obj.(*types.Func)
	}
	for _, c := range []struct {
		fn      *types.Func
		of      string
		pointer bool
	}{
		{method("A", "named"), "main.named", false},
		{method("B", "alias"), "main.named", true},
		{method("C", "g"), "main.generic[int]", true},
		{method("M", "inter"), "main.inter", false},
		{method("M", "nameless"), "", false},
		{pkg.Scope().Lookup("f").(*types.Func), "", false},
	} {
		of := ""
		if named := typetext.Receiver(c.fn); named != nil {
			of = named.String()
		}
		if pointer := typetext.PointerReceiver(c.fn); of != c.of || pointer != c.pointer {
			t.Errorf("%s: %q, %t", c.fn, of, pointer)
		}
	}
}
