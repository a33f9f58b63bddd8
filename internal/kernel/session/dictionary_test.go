package session_test

import "testing"

// TestCodeOfGenericFunctionsGoesWithItsDictionaries changes what is known of a function that generic
// ones call: their text is the same and their code is not. Then an instance of another type, whose
// code could be that of an earlier cell, gets a dictionary that fits its code.
func TestCodeOfGenericFunctionsGoesWithItsDictionaries(t *testing.T) {
	n := open(t)
	n.expect(`import "fmt"
gate := make(chan int, 9)
func rate(n int) int { return n }
func keep[T any](x T, n int) any { rate(n); return []T{x} }
func pair[T any](x T) (any, any) { return keep(x, 1), keep([]T{x}, 2) }
type box[T any] struct{ v T }
func (b box[T]) Both() (any, any) { return keep(b, 1), keep(b.v, 1) }
func show(a, b any) string { return fmt.Sprintf("%T %T", a, b) }
show(pair(1)), show(box[int]{}.Both())`, "[]int [][]int []main.box[int] []int\n")
	n.expect("func rate(n int) int { gate <- n; return <-gate }", "")
	n.expect("type my int\nshow(pair(my(1))), show(box[my]{}.Both()), show(pair(1)), show(box[int]{}.Both())",
		"[]main.my [][]main.my []main.box[main.my] []main.my []int [][]int []main.box[int] []int\n")
}

// TestGenericTypesStayWhatTheyAre redefines functions that methods of generic types, and generic
// functions, call: their names come before and behind those of the types.
func TestGenericTypesStayWhatTheyAre(t *testing.T) {
	n := open(t)
	n.expect(`func aRate() int { return 1 }
func zRate() int { return 1 }
type box[T any] struct{ v T }
func (b box[T]) Sum() int { return aRate() + zRate() }
func mid[T any](x T) int { return box[T]{x}.Sum() }
type pair[T any] struct{ a, b box[T] }
var held any = box[int]{7}
var also any = &pair[string]{}
sum, of := box[int]{}.Sum, mid[int]`, "")
	for _, c := range []struct{ code, want string }{
		{"func zRate() int { return 10 }", "true true 11 11 11 11\n"},
		{"func aRate() int { return 100 }", "true true 110 110 110 110\n"},
		{"func aRate() int { gate := make(chan int, 1); gate <- 1000; return <-gate }", "true true 1010 1010 1010 1010\n"},
	} {
		n.expect(c.code, "")
		n.expect("_, isBox := held.(box[int])\n_, isPair := also.(*pair[string])\nisBox, isPair, held.(interface{ Sum() int }).Sum(), sum(), of(1), mid(2)", c.want)
	}
}
