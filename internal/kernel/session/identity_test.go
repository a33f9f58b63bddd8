package session_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// pairs are types with values of theirs and an interface that each implements.
// N stands for what makes the declarations of one order of loading apart.
var pairs = []struct{ declare, typ, value, inter string }{
	{"type EN struct{}\nfunc (EN) Error() string { return `e` }", "EN", "EN{}", "error"},
	{"type PN struct{ a int }\nfunc (*PN) Error() string { return `p` }\nvar onePN = &PN{}", "*PN", "onePN", "error"},
	{"type IN int\nfunc (IN) String() string { return `i` }", "IN", "IN(3)", "fmt.Stringer"},
	{"type SN string\nfunc (SN) String() string { return `s` }", "SN", "SN(`x`)", "fmt.Stringer"},
	{"type RN [2]int\nfunc (RN) Read(p []byte) (int, error) { return 0, io.EOF }", "RN", "RN{1}", "io.Reader"},
	{"type LN struct{ n int }\nfunc (LN) Len() int { return 0 }\nfunc (LN) Less(i, j int) bool { return i < j }\nfunc (LN) Swap(i, j int) {}", "LN", "LN{2}", "sort.Interface"},
	{"type QN struct{ io.Reader }\nvar oneQN = QN{strings.NewReader(``)}", "QN", "oneQN", "io.Reader"},
	{"type BN[T any] struct{ v T }\nfunc (b BN[T]) Get() T { return b.v }\ntype GN[T any] interface{ Get() T }", "BN[int]", "BN[int]{4}", "GN[int]"},
	{"type UN struct{ v int }\nfunc (u UN) hidden() int { return u.v }\ntype HN interface{ hidden() int }", "UN", "UN{4}", "HN"},
	{"type AN struct{ v int }\nfunc (a AN) MethodN() int { return a.v }", "AN", "AN{4}", "interface{ MethodN() int }"},
	{"type MN struct{ v int }\nfunc (m MN) Grow(int) {}\nfunc (m MN) Shrink(int) {}\ntype TN interface { Grow(int); Shrink(int) }", "MN", "MN{4}", "TN"},
}

// libraryPairs are those of packages: each can be made first only once in a process.
var libraryPairs = []struct{ typ, value, inter string }{
	{"*ring.Ring", "ring.New(1)", "interface{ Len() int }"},
	{"netip.Addr", "netip.AddrFrom4([4]byte{1})", "fmt.Stringer"},
	{"*suffixarray.Index", "suffixarray.New(nil)", "interface{ Bytes() []byte }"},
	{"*mail.Address", "&mail.Address{}", "fmt.Stringer"},
	{"*csv.ParseError", "&csv.ParseError{Err: io.EOF}", "error"},
	{"hex.InvalidByteError", "hex.InvalidByteError(3)", "error"},
	{"*textproto.Error", "&textproto.Error{}", "error"},
	{"textproto.ProtocolError", "textproto.ProtocolError(`p`)", "error"},
}

// routes are ways to a dynamic conversion of V, of type any, to the interface I,
// as an expression of that type.
var routes = []string{
	"V.(I)",
	"func() I { r, _ := V.(I); return r }()",
	"func() I { switch r := V.(type) { case I: return r }; panic(`none`) }()",
	"conv[I](V)",
	"reflect.ValueOf(V).Convert(reflect.TypeFor[I]()).Interface().(I)",
	"func() (r I) { reflect.ValueOf(&r).Elem().Set(reflect.ValueOf(V)); return }()",
}

// checks are what must hold of D, of type I, which was made of the value V of
// type T. Types e1 to e3 embed I.
var checks = []string{
	"D == I(V)", "I(V) == D", "any(D) == any(V)", "map[I]int{D: 1}[I(V)] == 1", "map[any]int{D: 1}[V] == 1", "same[I](D, V)",
	"func() bool { _, ok := D.(T); return ok }()",
	"func() bool { _, ok := any(D).(T); return ok }()",
	"func() bool { switch D.(type) { case T: return true }; return false }()",
	"func() bool { switch D.(type) { case T: return true; case e1, e2: return false; case e3: return false }; return false }()",
	"func() bool { switch D.(type) { case e1, e2: return false; case T: return true; case e3: return false }; return false }()",
	"func() bool { switch I(V).(type) { case e1: return false; case T: return true; case e2, e3: return false }; return false }()",
	"func() bool { switch any(D).(type) { case T: return true; case int, string: return false }; return false }()",
	"func() bool { r, ok := any(D).(I); return ok && r == D && r == I(V) }()",
	"func() bool { switch r := any(D).(type) { case I: return r == I(V) }; return false }()",
}

// errorChecks are more of them, where I is error.
var errorChecks = []string{
	"errors.Is(D, V)", "errors.Is(V, D)", "errors.Is(fmt.Errorf(`w %w`, D), V)",
	"func() bool { var t T; return errors.As(D, &t) && t == V }()",
	"func() bool { _, ok := errors.AsType[T](errors.Join(D)); return ok }()",
}

// orders are what cells do with a pair, one after another: a digit is a dynamic
// conversion by that route, S has static ones and checks all dynamic ones, and
// I does so in an init function.
var orders = []string{"0S", "S1", "I2S", "2I", "0S3S", "34SI", "5S4", "SS5I"}

var placeholder = regexp.MustCompile(`\b([DIVT]|e[1-3])\b`)

// fill puts names in the place of D, I, V and T, and the pair's own types in that of e1 to e3.
func fill(text, id string, names map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if name, ok := names[p]; ok {
			return name
		}
		return p + "_" + id
	})
}

// TestIdentityOfInterfaces tests that an interface value is what it is, whatever
// was loaded and converted when: the same types in all orders.
func TestIdentityOfInterfaces(t *testing.T) {
	n := open(t)
	const imports = "import (\n\"container/ring\"\n\"encoding/csv\"\n\"encoding/hex\"\n\"errors\"\n\"fmt\"\n\"index/suffixarray\"\n\"io\"\n\"net/mail\"\n\"net/netip\"\n\"net/textproto\"\n\"reflect\"\n\"sort\"\n\"strings\"\n)\n"
	cells := make([]strings.Builder, 6)
	declare := &cells[0]
	others := map[string]string{} // by interface, the pair that declares e1 to e3
	declare.WriteString(imports + "func conv[I any](x any) I { return x.(I) }\nfunc same[I comparable](a, b I) bool { return a == b && map[I]int{a: 1}[b] == 1 }\n")
	for family, order := range orders {
		add := func(pair int, typ, value, inter string) {
			id := fmt.Sprintf("%d_%d", family, pair)
			if others[inter] == "" {
				others[inter] = id
				fmt.Fprintf(declare, "type W%s = %s\n", id, inter)
				for e := range 3 {
					fmt.Fprintf(declare, "type e%d_%s struct{ W%s }\n", e+1, id, id)
				}
			}
			fmt.Fprintf(declare, "var v%s any = %s\n", id, value)
			made := 0
			for step, what := range order + "S" {
				cell := &cells[step+1]
				switch what {
				case 'S', 'I':
					name := "init"
					if what == 'S' {
						name = fmt.Sprintf("check%s_%d", id, step)
					}
					fmt.Fprintf(cell, "func %s() {\n", name)
					for d := range made {
						all := checks
						if inter == "error" {
							all = append(all[:len(all):len(all)], errorChecks...)
						}
						names := map[string]string{"D": fmt.Sprintf("d%d_%s", d, id), "V": value, "I": inter, "T": typ}
						for i, check := range all {
							if (i+pair+family+step)%3 != 0 {
								continue // the other orders have it
							}
							fault := fmt.Sprintf("%s of %s in the order %s, step %d: %s", inter, typ, order, step, check)
							fmt.Fprintf(cell, "if !(%s) { fmt.Println(%q) }\n", fill(check, others[inter], names), fault)
						}
					}
					fmt.Fprintf(cell, "var i %s = %s; _ = i\n}\n", inter, value)
					if what == 'S' {
						fmt.Fprintf(cell, "%s()\n", name)
					}
				default:
					fmt.Fprintf(cell, "var d%d_%s %s = %s\n", made, id, inter, fill(routes[what-'0'], id, map[string]string{"V": "v" + id, "I": inter}))
					made++
				}
			}
		}
		for i, p := range pairs {
			name := regexp.MustCompile(`\b(one|Method)?([A-Z])?N\b`)
			own := func(text string) string { return name.ReplaceAllString(text, fmt.Sprintf("${1}${2}N%d", family)) }
			declare.WriteString(own(p.declare) + "\n")
			add(i, own(p.typ), own(p.value), own(p.inter))
		}
		for i := family; i < len(libraryPairs); i += len(orders) {
			fmt.Fprintf(declare, "var library%d = %s\n", i, libraryPairs[i].value)
			add(len(pairs)+i, libraryPairs[i].typ, fmt.Sprint("library", i), libraryPairs[i].inter)
		}
	}
	for i := range cells {
		if got := n.run(cells[i].String()); got != "" {
			t.Errorf("cell %d: %s", i, got)
		}
	}
}
