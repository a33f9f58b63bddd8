package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"sort"
	"strings"
	"time"
)

type animal interface{ Sound() string }

type named interface {
	animal
	fmt.Stringer
}

type dog struct {
	Name string `json:"name"`
	age  int
	next *dog
}

func (d dog) Sound() string   { return "woof" }
func (d *dog) String() string { return "dog " + d.Name }
func (d dog) hidden() int     { return d.age }

type list[T any] struct {
	items []T
	next  *list[T]
}

func (l *list[T]) push(v T) *list[T] { l.items = append(l.items, v); return l }

func sum[T int | float64](values ...T) (s T) {
	for _, v := range values {
		s += v
	}
	return s
}

type fault struct{ code int }

func (f fault) Error() string { return fmt.Sprint("fault ", f.code) }

type byLength []string

func (b byLength) Len() int           { return len(b) }
func (b byLength) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLength) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

var table = map[string]animal{"rex": dog{Name: "rex"}, "ada": &dog{Name: "ada"}}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case fs.FileInfo:
		return "file"
	case error:
		return "error " + v.Error()
	case named:
		return "named " + v.String()
	case animal:
		return "animal " + v.Sound()
	case func() int:
		return fmt.Sprint("func ", v())
	case []list[int]:
		return "lists"
	}
	return reflect.TypeOf(v).String()
}

func is(a animal) string {
	switch a.(type) {
	case dog:
		return "dog"
	case *dog:
		return "*dog"
	}
	return "other"
}

func main() {
	d := &dog{"rex", 3, nil}
	d.next = d
	fmt.Println(kind(nil), kind(d), kind(*d), kind(fault{1}), kind(func() int { return 7 }), kind([]list[int]{}), kind(map[dog]list[string]{}))
	fmt.Println(is(*d), is(d), is(table["rex"]), is(table["ada"]), table["rex"] == animal(dog{Name: "rex"}))
	var w io.Writer = os.Stdout
	_, same := w.(*os.File)
	var r io.Reader = strings.NewReader("abc")
	_, seeks := r.(io.Seeker)
	fmt.Println(same, seeks, w == io.Writer(os.Stdout))
	err := fmt.Errorf("around: %w", fault{2})
	var f fault
	fmt.Println(errors.As(err, &f), f.code, errors.Is(&fs.PathError{Op: "open", Err: fs.ErrNotExist}, os.ErrNotExist))
	fmt.Println(reflect.SliceOf(reflect.TypeFor[dog]()) == reflect.TypeFor[[]dog](), reflect.PointerTo(reflect.TypeFor[dog]()) == reflect.TypeFor[*dog](),
		reflect.MapOf(reflect.TypeFor[string](), reflect.TypeFor[animal]()) == reflect.TypeOf(table), reflect.SliceOf(reflect.TypeFor[time.Duration]()) == reflect.TypeFor[[]time.Duration]())
	fmt.Println(reflect.ValueOf(d).MethodByName("Sound").Call(nil)[0], reflect.TypeOf(d).NumMethod(), d.hidden())
	text, err := json.Marshal(d.Name)
	fmt.Println(string(text), err)
	var back struct{ Dogs []dog }
	fmt.Println(json.Unmarshal([]byte(`{"dogs":[{"name":"x"}]}`), &back), back.Dogs[0].Name)
	fmt.Printf("%T %T %T %v %+v\n", d, list[string]{}, sum[float64], new(list[int]).push(1).push(2).items, sum(1, 2, 3)+int(sum(0.5, 1.5)))
	words := byLength{"three", "a", "to"}
	sort.Sort(words)
	sort.Slice(words[1:], func(i, j int) bool { return words[1+i] > words[1+j] })
	fmt.Println(words, sort.SearchStrings([]string{"a", "b"}, "b"))
	keys := map[any]int{dog{Name: "k"}: 1, 2: 2, "s": 3, [2]string{"a", "b"}: 4}
	fmt.Println(keys[dog{Name: "k"}], keys[2], keys["s"], keys[[2]string{"a", "b"}])
	fmt.Println(holds[byte, string](bytesHolder{}), holds[byte, bytesHolder](bytesHolder{}))
	defer func() { fmt.Println(recover()) }()
	_ = any(d).(io.Reader)
}

type holder[T any] interface{ Hold() T }

type bytesHolder struct{}

func (bytesHolder) Hold() byte { return 0 }

// holds asks for types of which one cannot hold.
func holds[T, A any](x holder[T]) bool {
	switch x.(type) {
	case A:
		return true
	}
	_, ok := x.(A)
	return ok
}
