package codec

//lint:file-ignore U1000 fields of the types here are read by reflection alone

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// The tests in this file make types and values at random, send them through the codec, and compare what
// arrives with what was there: each part, nil or empty, and which of them are the same memory.
//
//	go test ./internal/parallel/codec -run TestRandom -values 1000000 -seed 7
var (
	randomValues = flag.Int("values", 2000, "how many values of random types go through the codec")
	randomSeed   = flag.Uint64("seed", 1, "of the first of them; the others follow")
)

type (
	colour uint8
	names  []string
	grid   [2][3]int16
	bag    map[string]*bag
	forest []forest
	linked *struct{ next linked }
	inner  struct{ a, b int }
	holder struct {
		inner
		*leaf
		pair   [2]inner
		at     *inner
		part   []inner
		count  *int
		counts []int
	}
	leaf  struct{ name, text string }
	graph struct {
		nodes []vertex
		byKey map[string]*vertex
		first *vertex
		label *string
	}
	vertex struct {
		key   string
		edges []*vertex
		owner *graph
		seen  bool
	}
	window struct {
		all, head, tail []float64
		cell            *float64
		block           *[2]float64
		rows            [][]float64
	}
	keyed struct {
		byNumber map[float64]string
		byPair   map[[2]inner]*leaf
		byPlace  map[*int]names
	}
)

var compiledTypes = []reflect.Type{
	reflect.TypeFor[colour](), reflect.TypeFor[names](), reflect.TypeFor[grid](), reflect.TypeFor[bag](), reflect.TypeFor[forest](),
	reflect.TypeFor[linked](), reflect.TypeFor[inner](), reflect.TypeFor[holder](), reflect.TypeFor[leaf](), reflect.TypeFor[graph](),
	reflect.TypeFor[vertex](), reflect.TypeFor[window](), reflect.TypeFor[keyed](), reflect.TypeFor[*tree](), reflect.TypeFor[everything](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[big.Int](), reflect.TypeFor[error](), reflect.TypeFor[any](), reflect.TypeFor[flagged](),
}

var scalarTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[uint16](), reflect.TypeFor[int32](),
	reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex128](), reflect.TypeFor[string](),
	reflect.TypeFor[uintptr](), reflect.TypeFor[struct{}](),
}

var refusedTypes = []reflect.Type{
	reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[fmt.Stringer](),
}

// maker makes types and values.
type maker struct {
	*rand.Rand
	refused   bool                             // a type has a part that cannot travel
	places    map[reflect.Type][]reflect.Value // pointers to what stands in memory, by type
	slices    map[reflect.Type][]reflect.Value
	maps      map[reflect.Type][]reflect.Value
	alone     bool // nothing is referred to twice
	unordered bool // a map has keys without an order
	left      int  // how many parts may be made
	number    int
}

func (m *maker) makeType(depth int) reflect.Type {
	if depth == 0 {
		return scalarTypes[m.IntN(len(scalarTypes))]
	}
	switch m.IntN(10) {
	case 0:
		return scalarTypes[m.IntN(len(scalarTypes))]
	case 1, 2:
		return compiledTypes[m.IntN(len(compiledTypes))]
	case 3, 4:
		return reflect.PointerTo(m.makeType(depth - 1))
	case 5, 6:
		return reflect.SliceOf(m.makeType(depth - 1))
	case 7:
		if m.IntN(100) == 0 {
			m.refused = true
			return refusedTypes[m.IntN(len(refusedTypes))]
		}
		return reflect.ArrayOf(m.IntN(4), m.makeType(depth-1))
	case 8:
		was := m.refused
		key := m.makeType(1)
		for !key.Comparable() || strings.Contains(Signature(key), "=interface") || key.Kind() == reflect.Pointer && key.Elem().Kind() != reflect.Int {
			m.refused = was // such a key is not taken
			key = m.makeType(1)
		}
		return reflect.MapOf(key, m.makeType(depth-1))
	}
	fields := make([]reflect.StructField, m.IntN(4))
	for i := range fields {
		fields[i] = reflect.StructField{Name: fmt.Sprintf("f%d", i), PkgPath: "codec", Type: m.makeType(depth - 1)}
	}
	return reflect.StructOf(fields)
}

// makeHeld makes a type that an interface can hold: known everywhere, or made of such.
func (m *maker) makeHeld(depth int) reflect.Type {
	scalar := scalarTypes[m.IntN(len(scalarTypes)-1)] // the last one has no name
	if depth == 0 {
		return scalar
	}
	switch m.IntN(6) {
	case 0:
		return reflect.SliceOf(m.makeHeld(depth - 1))
	case 1:
		return reflect.MapOf(reflect.TypeFor[string](), m.makeHeld(depth-1))
	case 2:
		return reflect.PointerTo(m.makeHeld(depth - 1))
	case 3:
		return reflect.ArrayOf(m.IntN(4), m.makeHeld(depth-1))
	}
	return scalar
}

// writable returns an addressable value without what reflection forbids for unexported fields.
func writable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// fill sets what v is a part of; kept is false for what stands in a map.
func (m *maker) fill(v reflect.Value, kept bool) {
	v = writable(v)
	t := v.Type()
	if kept && t.Size() > 0 {
		m.places[t] = append(m.places[t], v.Addr())
	}
	m.left--
	again := !m.alone && m.IntN(3) == 0
	switch t.Kind() {
	case reflect.Pointer:
		if known := m.places[t.Elem()]; again && len(known) > 0 {
			v.Set(known[m.IntN(len(known))].Convert(t))
		} else if m.left > 0 && m.IntN(6) > 0 {
			v.Set(reflect.New(t.Elem()).Convert(t))
			m.fill(v.Elem(), true)
		}
	case reflect.Slice:
		if known := m.slices[t.Elem()]; again && len(known) > 0 {
			s := known[m.IntN(len(known))]
			low := m.IntN(s.Len() + 1)
			high := low + m.IntN(s.Len()-low+1)
			v.Set(s.Slice3(low, high, high+m.IntN(s.Cap()-high+1)))
		} else if m.left > 0 && m.IntN(6) > 0 {
			length := m.IntN(5)
			if m.IntN(300) == 0 && t.Elem().Kind() == reflect.Float64 {
				length = memory.Large/8 + m.IntN(3)
			}
			v.Set(reflect.MakeSlice(t, length, length+m.IntN(3)))
			m.slices[t.Elem()] = append(m.slices[t.Elem()], v.Slice(0, length))
			for i := range min(length, 5) {
				m.fill(v.Index(i), true)
			}
		}
	case reflect.Map:
		if known := m.maps[t]; again && len(known) > 0 {
			v.Set(known[m.IntN(len(known))])
		} else if m.left > 0 && m.IntN(6) > 0 {
			v.Set(reflect.MakeMap(t))
			m.maps[t] = append(m.maps[t], reflect.ValueOf(v.Interface()))
			was := m.alone
			ordered := t.Key().Kind() == reflect.String || t.Key().Kind() == reflect.Int
			m.alone = m.alone || !ordered
			m.unordered = m.unordered || !ordered
			for range m.IntN(4) {
				key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
				m.fill(key, false)
				m.fill(elem, false)
				v.SetMapIndex(key, elem)
			}
			m.alone = was
		}
	case reflect.Struct:
		switch p := v.Addr().Interface().(type) {
		case *time.Time:
			*p = time.Unix(m.Int64N(1e10), m.Int64N(1e9)).UTC()
		case *big.Int:
			p.SetInt64(m.Int64() - 1<<62)
		default:
			for i := range t.NumField() {
				m.fill(v.Field(i), kept)
			}
		}
	case reflect.Array:
		if kept && t.Len() > 0 && t.Size() > 0 {
			m.slices[t.Elem()] = append(m.slices[t.Elem()], v.Slice(0, t.Len()))
		}
		for i := range t.Len() {
			m.fill(v.Index(i), kept)
		}
	case reflect.Interface:
		switch {
		case m.IntN(2) == 0:
		case t == errorType:
			v.Set(reflect.ValueOf(errors.New("late")))
		default:
			held := reflect.New(m.makeHeld(2)).Elem()
			inside := &maker{Rand: m.Rand, number: m.number, left: 20, alone: true, places: map[reflect.Type][]reflect.Value{},
				slices: map[reflect.Type][]reflect.Value{}, maps: map[reflect.Type][]reflect.Value{}} // apart from all else
			inside.fill(held, false)
			m.number, m.unordered = inside.number, m.unordered || inside.unordered
			v.Set(held)
		}
	case reflect.String:
		v.SetString([]string{"", "a", "b\xff", strings.Repeat("long ", 20)}[m.IntN(4)])
	case reflect.Bool:
		v.SetBool(m.IntN(2) == 0)
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(-1), 1.5, float64(m.IntN(100))}[m.IntN(6)])
	case reflect.Complex128:
		v.SetComplex(complex(math.Copysign(0, -1), float64(m.IntN(9))))
	case reflect.Int, reflect.Int8, reflect.Int32, reflect.Int16:
		m.number++ // so that no two keys are equal
		v.SetInt(int64(m.number) - 40)
	default:
		v.SetUint(m.Uint64())
	}
}

// twins compares a value with what it became.
type twins struct {
	there, back map[place]unsafe.Pointer // which memory became which
	ranges      [][2]uintptr             // what references lead to
	checks      []func() string          // of capacities, when ranges are known
}

type place struct {
	at unsafe.Pointer
	t  reflect.Type
}

// differ says where two addressable values differ, or "".
func (w *twins) differ(a, b reflect.Value, path string, kept bool) string {
	a, b = writable(a), writable(b)
	t := a.Type()
	if kept && t.Size() > 0 {
		from, to := place{a.Addr().UnsafePointer(), t}, place{b.Addr().UnsafePointer(), t}
		known, ok := w.there[from]
		origin, ok2 := w.back[to]
		if ok != ok2 || ok && (known != to.at || origin != from.at) {
			return fmt.Sprintf("%s: what is shared differs", path)
		}
		if ok {
			return ""
		}
		w.there[from], w.back[to] = to.at, from.at
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if a.IsNil() != b.IsNil() {
			return fmt.Sprintf("%s: nil is %v, not %v", path, b.IsNil(), a.IsNil())
		}
		if a.IsNil() {
			return ""
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		w.leads(a.UnsafePointer(), t.Elem().Size())
		return w.differ(a.Elem(), b.Elem(), "(*"+path+")", true)
	case reflect.Slice:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: length %d, not %d", path, b.Len(), a.Len())
		}
		size := t.Elem().Size()
		w.leads(a.UnsafePointer(), uintptr(a.Len())*size)
		if size > 0 {
			w.checks = append(w.checks, func() string {
				want := a.Len()
				if a.Len() > 0 {
					want = min(a.Cap(), int((w.end(uintptr(a.UnsafePointer()))-uintptr(a.UnsafePointer()))/size))
				}
				if b.Cap() != want {
					return fmt.Sprintf("%s: capacity %d, not %d", path, b.Cap(), want)
				}
				return ""
			})
		}
		for i := range a.Len() {
			if d := w.differ(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i), true); d != "" {
				return d
			}
		}
	case reflect.Array:
		for i := range t.Len() {
			if d := w.differ(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i), kept); d != "" {
				return d
			}
		}
	case reflect.Map:
		return w.differMaps(a, b, path)
	case reflect.Struct:
		switch p := a.Addr().Interface().(type) {
		case *time.Time:
			if *p != b.Interface().(time.Time) {
				return path + ": other time"
			}
		case *big.Int:
			if p.Cmp(b.Addr().Interface().(*big.Int)) != 0 {
				return path + ": other number"
			}
		default:
			for i := range t.NumField() {
				if d := w.differ(a.Field(i), b.Field(i), path+"."+t.Field(i).Name, kept); d != "" {
					return d
				}
			}
		}
	case reflect.Interface:
		if t == errorType {
			if fmt.Sprint(a.Interface()) != fmt.Sprint(b.Interface()) {
				return path + ": other error"
			}
			break
		}
		if a.IsNil() || b.IsNil() || a.Elem().Type() != b.Elem().Type() {
			if a.IsNil() != b.IsNil() || !a.IsNil() {
				return fmt.Sprintf("%s: %v, not %v", path, b, a)
			}
			break
		}
		x, y := reflect.New(a.Elem().Type()).Elem(), reflect.New(a.Elem().Type()).Elem()
		x.Set(a.Elem())
		y.Set(b.Elem())
		return w.differ(x, y, path+".held", false)
	case reflect.String:
		if a.String() != b.String() {
			return path + ": other text"
		}
	default:
		size := t.Size()
		x, y := unsafe.Slice((*byte)(a.Addr().UnsafePointer()), size), unsafe.Slice((*byte)(b.Addr().UnsafePointer()), size)
		if string(x) != string(y) {
			return fmt.Sprintf("%s: %v, not %v", path, b.Interface(), a.Interface())
		}
	}
	return ""
}

// differMaps pairs each entry of a map with one of the other that is like it.
func (w *twins) differMaps(a, b reflect.Value, path string) string {
	from, to := place{a.UnsafePointer(), a.Type()}, place{b.UnsafePointer(), a.Type()}
	if known, ok := w.there[from]; ok || w.back[to] != nil {
		if known != to.at || w.back[to] != from.at {
			return path + ": what is shared differs"
		}
		return ""
	}
	w.there[from], w.back[to] = to.at, from.at
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s: length %d, not %d", path, b.Len(), a.Len())
	}
	addressable := func(v reflect.Value) reflect.Value {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		return p.Elem()
	}
	type entry struct{ key, elem reflect.Value }
	var others []entry
	for it := b.MapRange(); it.Next(); {
		others = append(others, entry{addressable(it.Key()), addressable(it.Value())})
	}
	for it := a.MapRange(); it.Next(); {
		key, elem := addressable(it.Key()), addressable(it.Value())
		why := ""
		for i, o := range others {
			there, back, ranges, checks := maps.Clone(w.there), maps.Clone(w.back), w.ranges, w.checks
			if why = w.differ(key, o.key, path+"[key]", false); why == "" {
				why = w.differ(elem, o.elem, fmt.Sprintf("%s[%v]", path, key), false)
			}
			if why == "" {
				others = append(others[:i:i], others[i+1:]...)
				break
			}
			w.there, w.back, w.ranges, w.checks = there, back, ranges, checks
		}
		if why != "" {
			return why
		}
	}
	return ""
}

// leads notes that a reference leads to some memory.
func (w *twins) leads(at unsafe.Pointer, size uintptr) {
	if size > 0 {
		w.ranges = append(w.ranges, [2]uintptr{uintptr(at), uintptr(at) + size})
	}
}

// end is where the memory ends that overlapping references lead into, one of which begins at an address.
func (w *twins) end(at uintptr) uintptr {
	end := at + 1
	for again := true; again; {
		again = false
		for _, r := range w.ranges {
			if r[0] < end && r[1] > end {
				end, again = r[1], true
			}
		}
	}
	return end
}

func TestRandomValuesArriveAsTheyWere(t *testing.T) {
	for i := range *randomValues {
		seed := *randomSeed + uint64(i)
		m := &maker{Rand: rand.New(rand.NewPCG(seed, 0)), left: 200, places: map[reflect.Type][]reflect.Value{},
			slices: map[reflect.Type][]reflect.Value{}, maps: map[reflect.Type][]reflect.Value{}}
		if why := tryRandom(m); why != "" {
			t.Fatalf("-seed %d: %s", seed, why)
		}
	}
}

func tryRandom(m *maker) string {
	typ := m.makeType(4)
	c, err := For(typ)
	if m.refused {
		if refusal := (*Refusal)(nil); !errors.As(err, &refusal) {
			return fmt.Sprintf("%v was not refused: %v", typ, err)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%v: %v", typ, err)
	}
	n := m.IntN(3)
	from, to := reflect.MakeSlice(reflect.SliceOf(typ), n, n), reflect.MakeSlice(reflect.SliceOf(typ), n, n)
	for i := range n {
		// Elements share nothing with each other.
		clear(m.places)
		clear(m.slices)
		clear(m.maps)
		m.fill(from.Index(i), true)
	}
	data, blocks, err := c.Encode(from.UnsafePointer(), n)
	if err != nil {
		return fmt.Sprintf("%v is not encoded: %v", typ, err)
	}
	data = append([]byte(nil), data...)
	if err := c.DecodeAgain(data, blocks, to.UnsafePointer(), n); err != nil {
		return fmt.Sprintf("%v is not decoded: %v", typ, err)
	}
	for i := range n {
		w := &twins{there: map[place]unsafe.Pointer{}, back: map[place]unsafe.Pointer{}}
		w.leads(from.Index(i).Addr().UnsafePointer(), typ.Size())
		why := w.differ(from.Index(i), to.Index(i), "x", true)
		for _, check := range w.checks {
			if why == "" {
				why = check()
			}
		}
		if why != "" {
			return fmt.Sprintf("%v: element %d: %s", typ, i, why)
		}
	}
	again, _, err := c.Encode(to.UnsafePointer(), n)
	if err != nil || !m.unordered && string(again) != string(data) {
		return fmt.Sprintf("%v: what arrived has another encoding: %v", typ, err)
	}
	return ""
}
