package codec

import (
	"reflect"
	"testing"
	"unsafe"
)

// TestApart encodes elements one by one, in two portions, and puts any run of them together again: what
// comes out is what Encode returns for these, raw or not, with blocks and without.
func TestApart(t *testing.T) {
	type node struct {
		Name string
		Next *node
	}
	ring := &node{Name: "ring"}
	ring.Next = ring
	large := make([]float64, 10000)
	large[9999] = 1
	testApart(t, []int32{1, 2, 3, 4, 5})
	testApart(t, []struct{}{{}, {}})
	testApart(t, []string{"", "a", "long enough to need a longer head than others", "b"})
	testApart(t, []*node{ring, nil, {Name: "x"}, ring})
	testApart(t, [][]float64{{1}, large, nil, large[:5000], {2}})
	testApart(t, [][70000]byte{{1}, {2}, {3}})
}

func testApart[T any](t *testing.T, items []T) {
	t.Helper()
	c, err := For(reflect.TypeFor[T]())
	if err != nil {
		t.Fatal(err)
	}
	var all Apart
	for _, part := range [][]T{items[:1], items[1:]} {
		a, err := c.EncodeApart(unsafe.Pointer(unsafe.SliceData(part)), len(part))
		if err == nil {
			err = all.Append(a)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if all.Count != len(items) {
		t.Fatalf("%d elements of %d", all.Count, len(items))
	}
	for first := range items {
		for count := 1; first+count <= len(items); count++ {
			data, blocks := all.Together(first, count)
			got := make([]T, count)
			if err := c.DecodeAgain(data, blocks, unsafe.Pointer(unsafe.SliceData(got)), count); err != nil {
				t.Fatalf("%T from %d, %d of them: %v", items, first, count, err)
			}
			if !reflect.DeepEqual(got, items[first:first+count]) {
				t.Fatalf("%T from %d: %v", items, first, got)
			}
		}
	}
}

// TestApartIsChecked appends what another process could send that is no encoding.
func TestApartIsChecked(t *testing.T) {
	for _, bad := range []Apart{
		{}, {Count: -1}, {Count: 1, Ends: []int{1}}, {Count: 1, Ends: []int{2}, BlockEnds: []int{0}, Data: []byte("a")},
		{Count: 2, Ends: []int{2, 1}, BlockEnds: []int{0, 0}, Data: []byte("ab")}, {Count: 1, Ends: []int{1}, BlockEnds: []int{1}, Data: []byte("a")},
		{Count: 1, Ends: []int{-1}, BlockEnds: []int{0}}, {Count: 2, Raw: true, Data: []byte("a")}, {Count: 1, Raw: true, Ends: []int{0}, BlockEnds: []int{0}},
	} {
		if err := new(Apart).Append(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	a := Apart{Count: 1, Raw: true, Data: []byte("a")}
	if a.Append(Apart{Count: 1, Raw: true, Data: []byte("ab")}) == nil {
		t.Error("elements of two sizes were put together")
	}
}
