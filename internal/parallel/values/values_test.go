package values

import (
	"reflect"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/codec"
)

// pushed pushes a value as a view does.
func pushed[T any](t *testing.T, name string, value T) {
	t.Helper()
	encoded, err := codec.Encode(&value)
	if err != nil {
		t.Fatal(err)
	}
	if err := push(Parcel{Name: name, Value: *encoded}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		store.Lock()
		defer store.Unlock()
		delete(store.named, name)
	})
}

// A value that was pushed is one value from the first time that somebody gets it: who changes it, changes it for all, and
// what is pulled afterwards has the change.
func TestAPushedValueIsOne(t *testing.T) {
	pushed(t, "xs", []int{1, 2, 3})
	var first, second []int
	if err := Get("xs", &first); err != nil {
		t.Fatal(err)
	}
	first[0] = 10
	if err := Get("xs", &second); err != nil || second[0] != 10 {
		t.Errorf("%v, %v", second, err)
	}
	encoded, err := pull(Query{Name: "xs", Type: codec.Signature(reflect.TypeFor[[]int]())})
	if err != nil {
		t.Fatal(err)
	}
	var third []int
	if err := encoded.Decode(&third); err != nil || !reflect.DeepEqual(third, []int{10, 2, 3}) {
		t.Errorf("%v, %v", third, err)
	}
}

// A name means the latest value, of whatever type.
func TestAValueIsReplaced(t *testing.T) {
	pushed(t, "x", "before")
	n := 7
	if err := Set("x", &n); err != nil {
		t.Fatal(err)
	}
	var got int
	if err := Get("x", &got); err != nil || got != 7 {
		t.Errorf("%d, %v", got, err)
	}
	pushed(t, "x", 2.5)
	var f float64
	if err := Get("x", &f); err != nil || f != 2.5 {
		t.Errorf("%v, %v", f, err)
	}
}

// Who asks for another type than the value has is told of both, whether the value is encoded still or not, and the value stays.
func TestOtherTypesAreRefused(t *testing.T) {
	pushed(t, "x", 7)
	for _, state := range []string{"encoded", "decoded"} {
		var text string
		if err := Get("x", &text); err == nil || !strings.Contains(err.Error(), `"x"`) || !strings.Contains(err.Error(), "int") || !strings.Contains(err.Error(), "string") {
			t.Errorf("%s: %v", state, err)
		}
		if _, err := pull(Query{Name: "x", Type: codec.Signature(reflect.TypeFor[string]())}); err == nil || !strings.Contains(err.Error(), "string") {
			t.Errorf("pulled while %s: %v", state, err)
		}
		var n int
		if err := Get("x", &n); err != nil || n != 7 {
			t.Errorf("%s: %d, %v", state, n, err)
		}
	}
	stuck := make(chan int)
	if err := Set("c", &stuck); err == nil || !strings.Contains(err.Error(), `"c" could not be pulled`) {
		t.Errorf("a channel is kept: %v", err)
	}
}

// A value that is not there is missing for a reason: who has it not, and what to do.
func TestMissingValues(t *testing.T) {
	store.Lock()
	who, lost := store.who, store.lost
	store.Unlock()
	t.Cleanup(func() {
		store.Lock()
		defer store.Unlock()
		store.who, store.lost = who, lost
	})
	missing := func(want ...string) {
		t.Helper()
		var n int
		err := Get("none", &n)
		_, pulled := pull(Query{Name: "none", Type: "int"})
		if err == nil || pulled == nil || err.Error() != pulled.Error() {
			t.Fatalf("%v and %v", err, pulled)
		}
		for _, each := range want {
			if !strings.Contains(err.Error(), each) {
				t.Errorf("no %q in %v", each, err)
			}
		}
	}
	missing(`"none"`, "no engine")
	Engine(3, 0)
	missing("engine 3", "push or set it first")
	Engine(3, 1)
	missing("engine 3", "started again", "is lost")
}

// What several engines have comes in their order, and who has nothing leaves nothing.
func TestPulledOfSeveral(t *testing.T) {
	encode := func(xs []int) codec.Encoded {
		e, err := codec.Encode(&xs)
		if err != nil {
			t.Fatal(err)
		}
		return *e
	}
	p := Pulled{encode([]int{1, 2}), {}, encode([]int{3})}
	var all []int
	if err := p.Join(&all); err != nil || !reflect.DeepEqual(all, []int{1, 2, 3}) {
		t.Errorf("%v, %v", all, err)
	}
	p = Pulled{encode([]int{1, 2}), {}}
	one, none := []int(nil), []int{9}
	if err := p.Decode(0, &one); err != nil || len(one) != 2 {
		t.Errorf("%v, %v", one, err)
	}
	if err := p.Decode(1, &none); err != nil || !reflect.DeepEqual(none, []int{9}) {
		t.Errorf("of who has failed: %v, %v", none, err)
	}
}
