package text

import (
	"cmp"
	"container/heap"
	"reflect"
	"slices"
	"time"
)

// scanTime is how long one looks for the first keys of a map.
const scanTime = time.Second

// entry is one of a map.
type entry struct{ key, value reflect.Value }

// firstEntries returns the first n entries of a map in the order in which fmt
// prints them. A map is looked at once, and only n of its entries are held. Where
// that takes until the deadline, the first ones of those seen are returned, and all
// is false.
func firstEntries(m reflect.Value, n int, deadline time.Time) (entries []entry, all bool) {
	var h last
	all = true
	for i, iter := 0, m.MapRange(); iter.Next(); i++ {
		if i%4096 == 4095 && time.Now().After(deadline) {
			all = false
			break
		}
		if len(h) < n {
			heap.Push(&h, entry{iter.Key(), iter.Value()})
			continue
		}
		if key := iter.Key(); compare(key, h[0].key) < 0 {
			h[0] = entry{key, iter.Value()}
			heap.Fix(&h, 0)
		}
	}
	slices.SortStableFunc(h, func(a, b entry) int { return compare(a.key, b.key) })
	return h, all
}

// last is a heap whose first element is the last in order.
type last []entry

func (h last) Len() int           { return len(h) }
func (h last) Less(i, j int) bool { return compare(h[i].key, h[j].key) > 0 }
func (h last) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *last) Push(x any)        { *h = append(*h, x.(entry)) }
func (h *last) Pop() any          { panic("nothing is taken out") }

// compare orders keys of one type as fmt does: numbers and strings by <, structs
// and arrays element by element, interfaces by type and then by value, the rest by
// address.
func compare(a, b reflect.Value) int {
	switch a.Kind() {
	case reflect.Bool:
		return cmp.Compare(truth(a), truth(b))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cmp.Compare(a.Int(), b.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return cmp.Compare(a.Uint(), b.Uint())
	case reflect.Float32, reflect.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		return cmp.Or(cmp.Compare(real(x), real(y)), cmp.Compare(imag(x), imag(y)))
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compare(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Array:
		for i := range a.Len() {
			if c := compare(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Interface:
		a, b := a.Elem(), b.Elem()
		if !a.IsValid() || !b.IsValid() {
			return cmp.Compare(truth(reflect.ValueOf(a.IsValid())), truth(reflect.ValueOf(b.IsValid())))
		}
		if c := cmp.Compare(reflect.ValueOf(a.Type()).Pointer(), reflect.ValueOf(b.Type()).Pointer()); c != 0 {
			return c
		}
		return compare(a, b)
	default:
		return cmp.Compare(uintptr(a.UnsafePointer()), uintptr(b.UnsafePointer()))
	}
}

func truth(v reflect.Value) int {
	if v.Bool() {
		return 1
	}
	return 0
}
