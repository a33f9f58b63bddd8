package main

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/big"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"
	"unicode/utf8"
)

// Only variables point to what they hold: a collector that does not know them
// takes it for garbage.
var (
	kept  *[1000]int
	set   = []*[100]int{new([100]int), new([100]int)}
	large [3000]*string
	mixed struct {
		n     int
		text  string
		f     float64
		inner [7]struct {
			a, b int
			p    *int
		}
	}
	byName = map[string]*int{"one": new(int)}
	empty  struct{}
	plain  [50000]byte
	fn     = func() *[1000]int { return kept }
)

type tree struct {
	key         int
	left, right *tree
}

func (t *tree) insert(key int) *tree {
	if t == nil {
		return &tree{key: key}
	}
	if key < t.key {
		t.left = t.left.insert(key)
	} else {
		t.right = t.right.insert(key)
	}
	return t
}

func (t *tree) walk(each func(int)) {
	if t != nil {
		t.left.walk(each)
		each(t.key)
		t.right.walk(each)
	}
}

func main() {
	kept = new([1000]int)
	for i := range kept {
		kept[i] = i
	}
	for i := range large {
		large[i] = new(strconv.Itoa(i))
	}
	for i := range mixed.inner {
		mixed.inner[i].p = new(i)
	}
	mixed.text = strings.Repeat("x", 10)
	set[1][5] = 5
	*byName["one"] = 1
	var root *tree
	for i := range 2000 {
		root = root.insert(i * 7919 % 2003)
		if i%500 == 0 {
			runtime.GC()
		}
	}
	var garbage [][]byte
	for range 200 {
		garbage = append(garbage[:len(garbage)/2], make([]byte, 10000))
	}
	runtime.GC()
	runtime.GC()
	total := 0
	for _, v := range fn() {
		total += v
	}
	for _, s := range large {
		total += len(*s)
	}
	for _, v := range mixed.inner {
		total += *v.p
	}
	fmt.Println(total, set[1][5], *byName["one"], mixed.text, len(plain))
	last, sorted := -1, true
	root.walk(func(k int) { sorted = sorted && k > last; last = k })
	fmt.Println(sorted)
	done := make(chan string, 1)
	func() {
		t := &tree{key: 1}
		runtime.SetFinalizer(t, func(t *tree) { done <- fmt.Sprint("finalized ", t.key) })
	}()
	for ended := false; !ended; {
		runtime.GC()
		select {
		case text := <-done:
			fmt.Println(text)
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
	fmt.Println(slices.Sorted(maps.Keys(map[string]int{"b": 1, "a": 2})), slices.Max([]float64{1, math.Pi}))
	fmt.Println(regexp.MustCompile(`(\w+)@(\w+)`).ReplaceAllString("me@home", "$2 $1"), utf8.RuneCountInString("äöü"))
	fmt.Println(new(big.Int).Exp(big.NewInt(3), big.NewInt(200), nil), math.Hypot(3, 4), math.Floor(-1.5))
	var out bytes.Buffer
	fmt.Println(template.Must(template.New("t").Parse("{{range .}}<{{.}}>{{end}}")).Execute(&out, []int{1, 2}), out.String())
	for i, v := range func(yield func(int, string) bool) { _ = yield(1, "a") && yield(2, "b") } {
		fmt.Println(i, v)
	}
	select {
	case <-time.After(time.Millisecond):
		fmt.Println("later")
	}
	page, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	fmt.Println(len(page), err)
	fmt.Println(syscall.Munmap(page))
}
