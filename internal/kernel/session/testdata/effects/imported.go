// Calls of imported packages.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	stdlog "log"
	"maps"
	"math"
	"math/big"
	"math/rand"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"text/template"
	"time"
	"unsafe"
)

var re = regexp.MustCompile("a+")
var buf bytes.Buffer
var hits int64
var rng = rand.New(rand.NewSource(1))
var start = time.Now()
var base = big.NewInt(3)
var errNone = errors.New("none")

// changes nothing
func pure(x float64) string { return strconv.Itoa(int(math.Sqrt(x))) + strings.Repeat("x", 3) }

// changes nothing
func builds(words []string) string {
	var sb strings.Builder
	for _, w := range words {
		sb.WriteString(w)
		fmt.Fprintf(&sb, "%d %v", len(w), words)
	}
	return sb.String()
}

// changes: calls buf.WriteString, which may change the session variable buf
func buildsOutside(s string) int { buf.WriteString(s); return 1 }

// changes: calls fmt.Fprintln, which may change the session variable buf
func printsInto(s string) int { fmt.Fprintln(&buf, s); return 1 }

// changes: calls fmt.Println, which prints
func prints(x int) int { fmt.Println(x); return x }

// changes: calls fmt.Fprintln, which may change os.Stdout
func printsTo(x int) int { fmt.Fprintln(os.Stdout, x); return x }

// changes: calls stdlog.Printf, which prints
func logs(x int) int { stdlog.Printf("%d", x); return x }

// changes: calls os.Exit, which ends the process
func exits(x int) int { os.Exit(x); return x }

// changes: calls stdlog.Fatal, which ends the process
func fatal(x int) int { stdlog.Fatal(x); return x }

// changes: calls os.Setenv, which may change the process
func env(x int) int { os.Setenv("A", "b"); return x }

// changes: calls runtime.Goexit, which ends the goroutine
func goexit(x int) int { runtime.Goexit(); return x }

// changes nothing
func files(name string) int {
	data, err := os.ReadFile(name)
	if err != nil {
		return -1
	}
	f, err := os.Open(name)
	if err != nil {
		return -1
	}
	defer f.Close()
	lines := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		lines++
	}
	return len(data) + lines
}

// changes: assigns to os.Args, a variable of package os
func args(x int) int { os.Args = nil; return x }

// changes nothing
func matches(s string) []string { return re.FindAllString(s, -1) }

// changes: calls re.Longest, which may change the session variable re
func longest(s string) int { re.Longest(); return 1 }

// changes: calls atomic.AddInt64, which may change the session variable hits
func counts(x int) int { atomic.AddInt64(&hits, 1); return x }

// changes nothing
func loads(x int) int { return int(atomic.LoadInt64(&hits)) }

// changes: calls rng.Intn, which may change the session variable rng
func draws(x int) int { return rng.Intn(x) }

// changes nothing
func drawsOwn(seed int64) int {
	r := rand.New(rand.NewSource(seed))
	return r.Intn(10) + rand.Intn(3)
}

// changes nothing
func sleeps(x int) time.Duration {
	time.Sleep(time.Millisecond)
	<-time.After(time.Millisecond)
	return time.Since(start)
}

// changes nothing
func day(x int) time.Time { return start.Add(time.Hour) }

// changes nothing
func factorial(n int) *big.Int {
	p := big.NewInt(1)
	for i := range n {
		p.Mul(p, big.NewInt(int64(i+1)))
	}
	return new(big.Int).Add(p, base)
}

// changes: calls base.Add, which may change the session variable base
func bigOutside(n int) string { return base.Add(base, base).String() }

// changes nothing
func hashes(data []byte) string {
	h := sha256.New()
	h.Write(data)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(h.Sum(nil)) + hex.EncodeToString(sum[:])
}

type record struct {
	Name string
	Tags []string
}

// changes nothing
func marshals(r record) ([]byte, error) { return json.Marshal(r) }

// changes nothing
func unmarshals(data []byte) (record, error) {
	var r record
	err := json.Unmarshal(data, &r)
	return r, err
}

// changes: calls json.Unmarshal, which may change the parameter r
func unmarshalsInto(r *record) error { return json.Unmarshal([]byte("{}"), r) }

// changes nothing
func keys(m map[string]int) []string {
	ks := slices.Sorted(maps.Keys(m))
	n := 0
	for k, v := range maps.All(m) {
		n += len(k) + v
	}
	return ks
}

// changes: assigns to r.Name, memory of the parameter rs
func maxOf(rs []*record) int {
	r := slices.MaxFunc(rs, func(a, b *record) int { return strings.Compare(a.Name, b.Name) })
	r.Name = "x"
	return 1
}

// changes: assigns to r.Name, memory of the parameter rs
func callbackWrites(rs []*record) int {
	return slices.IndexFunc(rs, func(r *record) bool { r.Name = "x"; return true })
}

// changes nothing
func callbackReads(rs []*record) int {
	return slices.IndexFunc(rs, func(r *record) bool { return r.Name == "x" })
}

// changes: calls slices.IndexFunc with a function that is known only when it runs
func callbackGiven(f func(int) bool) int { return slices.IndexFunc([]int{1}, f) }

// changes: assigns to b[0], memory of the parameter data
func trims(data []byte) int {
	b := bytes.TrimSpace(data)
	b[0] = 'x'
	return 1
}

// changes nothing
func upper(data []byte) []byte {
	b := bytes.ToUpper(data)
	b[0] = 'x'
	return b
}

// changes: calls b.WriteByte, which may change the parameter data
func newBuffer(data []byte) int {
	b := bytes.NewBuffer(data[:0])
	b.WriteByte('x')
	return 1
}

// changes: calls reflect.ValueOf, which may change the parameter r
func reflects(r *record) int { reflect.ValueOf(r).Elem().Field(0).SetString("x"); return 1 }

// changes: uses unsafe.Pointer
func unsafes(x int) int { return *(*int)(unsafe.Pointer(&x)) }

// changes: calls template.New, which may change what package text/template keeps
func templates(x int) int { template.New("x"); return x }

// changes nothing
func gets(url string) (int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, fmt.Errorf("get %s: %w", url, err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

// changes nothing
func errs(x int) (int, error) {
	if x > 3 {
		return 0, errNone
	}
	if errors.Is(errNone, os.ErrNotExist) {
		return 0, fmt.Errorf("x: %w", errNone)
	}
	return 1, nil
}

// changes: calls start.UnmarshalText, which may change the session variable start
func timeText(x int) error { return start.UnmarshalText([]byte("x")) }

// changes: calls start.AppendFormat, which may change the parameter b
func timeAppend(b []byte) int { return len(start.AppendFormat(b, "x")) }
