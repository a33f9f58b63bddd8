package codec

//lint:file-ignore U1000 fields of the types here are read by reflection alone

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

type point struct{ x, y float64 }

type tree struct {
	left, right *tree
	value       int
}

type flagged struct {
	n    int32
	ok   bool
	mark [2]struct {
		on bool
		r  rune
	}
}

type everything struct {
	name   string
	points []point
	rows   [][]float64
	counts map[string][]int
	next   *everything
	when   time.Time
	err    error
	empty  []struct{}
	small  int8
	yes    bool
	n      int
	f      float64
	c      complex128
	pair   [2]string
	big    *big.Int
	keys   map[point]bool
	nils   []*int
}

// roundTrip encodes a slice and decodes it into a fresh one.
func roundTrip(t *testing.T, slice any) any {
	t.Helper()
	v := reflect.ValueOf(slice)
	c, err := For(v.Type().Elem())
	if err != nil {
		t.Fatal(err)
	}
	data, blocks, err := c.Encode(v.UnsafePointer(), v.Len())
	if err != nil {
		t.Fatal(err)
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	if err := c.Decode(data, blocks, out.UnsafePointer(), v.Len()); err != nil {
		t.Fatal(err)
	}
	return out.Interface()
}

func TestValuesArriveAsTheyWere(t *testing.T) {
	seven := 7
	full := everything{
		name: "a\xffb", points: []point{{1, 2}}, rows: [][]float64{{1, math.Inf(1)}, nil, {}},
		counts: map[string][]int{"a": {1}, "b": nil}, next: &everything{n: math.MinInt64, counts: map[string][]int{}},
		when: time.Date(2026, 11, 23, 1, 2, 3, 4, time.UTC), err: errors.New("late"), empty: make([]struct{}, 5),
		small: -3, yes: true, n: -1 << 40, f: -0.25, c: 1i, pair: [2]string{"", "z"},
		big: big.NewInt(-99), keys: map[point]bool{{1, 1}: true}, nils: []*int{nil, &seven},
	}
	list := (*tree)(nil)
	for i := range 3000 {
		list = &tree{left: list, value: i}
	}
	for _, slice := range []any{
		[]int{1, -2, math.MaxInt64}, []float64{0.1}, []bool{true, false}, []string{"", "x"}, [][]string{{"a"}, nil},
		[]point{{3, 4}}, []flagged{{n: 1, ok: true}}, []everything{full, {}}, []*tree{list, nil},
		[]struct{}{{}, {}}, []error{nil, errors.New("e")}, []time.Time{full.when}, []map[int]string{{1: "x"}},
		[]time.Duration{time.Hour}, []uintptr{3}, [][3]int{{1, 2, 3}},
	} {
		if got := roundTrip(t, slice); !reflect.DeepEqual(got, slice) {
			t.Errorf("%T: got %v, want %v", slice, got, slice)
		}
	}
}

func TestEqualMapsHaveEqualBytes(t *testing.T) {
	m := map[int]string{}
	for i := range 100 {
		m[i] = strings.Repeat("x", i)
	}
	c, _ := For(reflect.TypeOf(m))
	first, _, _ := c.Encode(unsafe.Pointer(&m), 1)
	for range 20 {
		if again, _, _ := c.Encode(unsafe.Pointer(&m), 1); string(again) != string(first) {
			t.Fatal("the same map gave different bytes")
		}
	}
}

func TestRawElementsAreTheirMemory(t *testing.T) {
	xs := []point{{1, 2}, {3, 4}}
	c, err := For(reflect.TypeFor[point]())
	if err != nil || !c.Raw() {
		t.Fatal("a struct of floats is not raw", err)
	}
	data, _, _ := c.Encode(unsafe.Pointer(&xs[0]), 2)
	if unsafe.Pointer(&data[0]) != unsafe.Pointer(&xs[0]) || len(data) != 32 {
		t.Error("raw elements were copied")
	}
}

func TestRefusalsNameThePathAndTheReason(t *testing.T) {
	type handler struct{ fn func() }
	type config struct{ handlers map[string][]*handler }
	type locked struct {
		n  int
		mu sync.Mutex
	}
	for _, c := range []struct {
		t    reflect.Type
		want string
	}{
		{reflect.TypeFor[chan int](), "chan int is a channel"},
		{reflect.TypeFor[config](), "config.handlers[][].fn is a function"},
		{reflect.TypeFor[locked](), "locked.mu is a sync.Mutex, which must not be copied"},
		{reflect.TypeFor[*os.File](), "belongs to its process"},
		{reflect.TypeFor[[]fmt.State](), "[]fmt.State[] is an interface (fmt.State), and no type that engines know implements it"},
		{reflect.TypeFor[struct{ p unsafe.Pointer }](), "unsafe.Pointer"},
		{reflect.TypeFor[strings.Builder](), "use its String()"},
	} {
		_, err := For(c.t)
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.t, err, c.want)
		}
	}
}

type spiteful struct{ p *int }

func (s spiteful) MarshalBinary() ([]byte, error)     { panic("no") }
func (s *spiteful) UnmarshalBinary(data []byte) error { panic("never") }

func TestValuesThatCannotBeWrittenGiveErrors(t *testing.T) {
	var deep *tree
	for range 2 * maxDepth {
		deep = &tree{left: deep}
	}
	c, _ := For(reflect.TypeFor[*tree]())
	if _, _, err := c.Encode(unsafe.Pointer(&deep), 1); err == nil || !strings.Contains(err.Error(), "nested deeper") {
		t.Error(err)
	}
	c, _ = For(reflect.TypeFor[spiteful]())
	if _, _, err := c.Encode(unsafe.Pointer(&spiteful{}), 1); err == nil || !strings.Contains(err.Error(), "panic: no") {
		t.Error(err)
	}
}

func TestBoolsMustBeBools(t *testing.T) {
	xs := make([]flagged, 3)
	data, _, _ := must(For(reflect.TypeFor[flagged]())).Encode(unsafe.Pointer(&xs[0]), 3)
	bad := append([]byte(nil), data...)
	bad[len(bad)-8] = 2 // mark[1].on of the last element
	if err := must(For(reflect.TypeFor[flagged]())).Decode(bad, nil, unsafe.Pointer(&xs[0]), 3); err == nil {
		t.Error("a bool of 2 was accepted")
	}
}

func must(c *Codec, err error) *Codec {
	if err != nil {
		panic(err)
	}
	return c
}

func FuzzDecode(f *testing.F) {
	c := must(For(reflect.TypeFor[everything]()))
	seven := 7
	for _, xs := range [][]everything{{}, {{}}, {{name: "x", rows: [][]float64{{1}}, next: &everything{}, nils: []*int{&seven},
		counts: map[string][]int{"a": {1, 2}}, big: big.NewInt(5), when: time.Unix(0, 0)}, {}}} {
		data, _, err := c.Encode(unsafe.Pointer(unsafe.SliceData(xs)), len(xs))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint8(len(xs)))
	}
	shared := &graph{nodes: []vertex{{key: "a"}, {key: "b"}}}
	shared.nodes[0].edges, shared.nodes[1].owner, shared.first = []*vertex{&shared.nodes[1]}, shared, &shared.nodes[1]
	shared.byKey, shared.label = map[string]*vertex{"a": &shared.nodes[0]}, &shared.nodes[0].key
	views := &window{all: []float64{1, 2, 3, 4}}
	views.head, views.cell, views.block = views.all[:2], &views.all[1], (*[2]float64)(views.all[2:])
	views.rows = [][]float64{views.all[1:3:3], views.head}
	for _, value := range []any{&shared, views, new(linked), &forest{{}, {{}}}} {
		c := must(For(reflect.TypeOf(value).Elem()))
		data, _, err := c.Encode(reflect.ValueOf(value).UnsafePointer(), 1)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint8(1))
	}
	f.Add([]byte{0x9b, 0, 0, 0, 1, 0, 0, 0, 0}, uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		xs := make([]everything, n)
		half := len(data) / 2
		for _, blocks := range [][]*memory.Block{nil, {memory.Of(data[:half]), memory.Of(data[half:])}} {
			clear(xs)
			if err := c.DecodeAgain(data, blocks, unsafe.Pointer(unsafe.SliceData(xs)), int(n)); err != nil {
				continue
			}
			if _, _, err := c.Encode(unsafe.Pointer(unsafe.SliceData(xs)), int(n)); err != nil {
				t.Error("what was decoded cannot be encoded:", err)
			}
		}
		for _, typ := range []reflect.Type{reflect.TypeFor[*graph](), reflect.TypeFor[window](), reflect.TypeFor[linked](), reflect.TypeFor[forest]()} {
			c, value := must(For(typ)), reflect.New(typ)
			if err := c.DecodeAgain(data, []*memory.Block{memory.Of(data)}[:min(int(n), 1)], value.UnsafePointer(), 1); err != nil {
				continue
			}
			if _, _, err := c.Encode(value.UnsafePointer(), 1); err != nil {
				t.Error("what was decoded cannot be encoded:", err)
			}
		}
		raw := must(For(reflect.TypeFor[flagged]()))
		flags := make([]flagged, n)
		_ = raw.Decode(data, nil, unsafe.Pointer(unsafe.SliceData(flags)), int(n))
		_ = raw.Decode(nil, []*memory.Block{memory.Of(data)}, unsafe.Pointer(unsafe.SliceData(flags)), int(n))
		parcels := make([]Encoded, n)
		_ = must(For(encodedType)).Decode(data, []*memory.Block{memory.Of(data)}, unsafe.Pointer(unsafe.SliceData(parcels)), int(n))
	})
}

func TestLargeMemoryIsNotCopied(t *testing.T) {
	type table struct {
		name string
		rows [][]float64
		ok   []bool
	}
	big := make([]float64, 10_000)
	from := []table{{"x", [][]float64{big, {1}, slices.Clone(big)}, make([]bool, memory.Large)}, {rows: [][]float64{nil}}}
	from[0].ok[5] = true
	c := must(For(reflect.TypeFor[table]()))
	data, blocks, err := c.Encode(unsafe.Pointer(&from[0]), 2)
	if err != nil || len(blocks) != 3 || len(data) > 100 {
		t.Fatal(len(data), len(blocks), err)
	}
	if view, _ := blocks[0].View(); unsafe.Pointer(&view[0]) != unsafe.Pointer(&big[0]) {
		t.Error("a block is a copy")
	}
	var again, to [2]table
	if err := c.DecodeAgain(data, blocks, unsafe.Pointer(&again), 2); err != nil || !reflect.DeepEqual(again[:], from) {
		t.Error("decoded to keep the blocks:", err)
	}
	if &again[0].rows[0][0] == &big[0] {
		t.Error("blocks that are kept were given away")
	}
	if err := c.Decode(data, blocks, unsafe.Pointer(&to), 2); err != nil || !reflect.DeepEqual(to[:], from) {
		t.Error("decoded:", err)
	}
	if &to[0].rows[0][0] != &big[0] { // what arrived becomes the value
		t.Error("a block was copied once more")
	}
	for name, bad := range map[string][]*memory.Block{"too few": blocks[:2], "too many": append(blocks, blocks[0]), "others": {blocks[2], blocks[1], blocks[0]}} {
		if err := c.DecodeAgain(data, bad, unsafe.Pointer(new([2]table)), 2); err == nil {
			t.Error("blocks that do not fit were accepted:", name)
		}
	}
	spoilt := make([]byte, memory.Large)
	spoilt[7] = 2
	if err := c.Decode(data, []*memory.Block{blocks[0], blocks[1], memory.Of(spoilt)}, unsafe.Pointer(new([2]table)), 2); err == nil {
		t.Error("a bool of 2 was accepted")
	}
}

func TestTypesOfEqualSignaturesAreEqual(t *testing.T) {
	type point struct{ y, x float64 } // as the package's, but for the order
	a, b := Signature(reflect.TypeFor[[]point]()), Signature(reflect.TypeOf([]struct{ p *tree }{}))
	if a == Signature(reflect.TypeOf(everything{}.points)) || a == b {
		t.Error("different types have one signature:", a)
	}
	if s := Differ(a, Signature(reflect.TypeOf(everything{}.points))); s != "of another type []codec.point, which was declared again since" {
		t.Error(s)
	}
	if s := Differ(Signature(reflect.TypeFor[int]()), b); s != "of type int, not []struct { p *codec.tree }" {
		t.Error(s)
	}
}

func TestSharingStays(t *testing.T) {
	n := 5
	two := []struct{ a, b *int }{{&n, &n}}
	got := roundTrip(t, two).([]struct{ a, b *int })
	if got[0].a != got[0].b || *got[0].a != 5 {
		t.Error("two pointers to one int became two ints")
	}
	ring := &tree{value: 1}
	ring.left, ring.right = ring, &tree{value: 2, left: ring}
	back := roundTrip(t, []*tree{ring}).([]*tree)[0]
	if back.left != back || back.right.left != back || back.right.value != 2 {
		t.Error("a ring was cut")
	}
	own := holder{inner: inner{1, 2}} // points into itself, where it stands
	all := []holder{own, own}
	all[1].at, all[1].count, all[1].part = &all[1].inner, &all[1].b, all[1].pair[1:]
	there := roundTrip(t, all).([]holder)
	if there[1].at != &there[1].inner || there[1].count != &there[1].b || &there[1].part[0] != &there[1].pair[1] || cap(there[1].part) != 1 {
		t.Error("pointers into the element itself lead elsewhere")
	}
	xs := []float64{1, 2, 3, 4}
	w := roundTrip(t, []window{{all: xs, head: xs[:2], tail: xs[2:3:3], cell: &xs[3]}}).([]window)[0]
	if w.head = append(w.head, 9); w.all[2] != 9 || cap(w.tail) != 1 || w.cell != &w.all[3] {
		t.Error("slices of one array became slices of several", w)
	}
	var self holder // a variable that is set
	e, err := Encode(&all[1])
	if err == nil {
		err = e.Decode(&self)
	}
	if err != nil || self.at != &self.inner {
		t.Error("a variable that refers to itself refers to another", err)
	}
}

func TestLargeMemoryInMapsStaysAtItsKey(t *testing.T) {
	table := map[int][]byte{}
	for i := range 20 {
		table[i] = make([]byte, memory.Large)
		table[i][0] = byte(i)
	}
	for key, memory := range roundTrip(t, []map[int][]byte{table}).([]map[int][]byte)[0] {
		if int(memory[0]) != key {
			t.Fatalf("key %d has the memory of %d", key, memory[0])
		}
	}
}

func BenchmarkStrings(b *testing.B) {
	xs := make([]string, 3000)
	for i := range xs {
		xs[i] = "some words"
	}
	out := make([]string, len(xs))
	c := must(For(reflect.TypeFor[string]()))
	for range b.N {
		data, blocks, _ := c.Encode(unsafe.Pointer(&xs[0]), len(xs))
		if err := c.Decode(data, blocks, unsafe.Pointer(&out[0]), len(xs)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRecords(b *testing.B) {
	type record struct {
		name string
		mean float64
		xs   []float64
		tags []string
	}
	benchmark(b, make([]record, 3000), func(i int) record {
		return record{"some words", 3, make([]float64, 10), []string{"a", "b"}}
	})
}

func BenchmarkTrees(b *testing.B) {
	benchmark(b, make([]*tree, 300), func(i int) *tree {
		return &tree{left: &tree{value: 1}, right: &tree{left: &tree{value: 3}, value: 2}, value: i}
	})
}

func BenchmarkMaps(b *testing.B) {
	benchmark(b, make([]map[string]int, 300), func(i int) map[string]int {
		return map[string]int{"a": 1, "b": 2, "c": 3, "d": i}
	})
}

func BenchmarkRows(b *testing.B) {
	benchmark(b, make([][][]float64, 30), func(i int) [][]float64 {
		rows := make([][]float64, 30)
		for i := range rows {
			rows[i] = make([]float64, 20)
		}
		return rows
	})
}

func benchmark[T any](b *testing.B, xs []T, value func(int) T) {
	for i := range xs {
		xs[i] = value(i)
	}
	out := make([]T, len(xs))
	c := must(For(reflect.TypeFor[T]()))
	for range b.N {
		data, blocks, _ := c.Encode(unsafe.Pointer(&xs[0]), len(xs))
		clear(out)
		if err := c.Decode(data, blocks, unsafe.Pointer(&out[0]), len(xs)); err != nil {
			b.Fatal(err)
		}
	}
}
