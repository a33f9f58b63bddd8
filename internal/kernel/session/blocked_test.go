package session_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
)

// blockedForms are forms of code that waits and then does something, which is to
// set HIT to 1. What they wait for is in blockedDeclarations; feed delivers 1s.
var blockedForms = []string{
	// A statement that waits, and the next one.
	`<-gate; HIT = 1`,
	`(<-gate); HIT = 1`,
	`out <- 1; HIT = 1`,
	`x := <-feed; HIT = x`,
	`x, ok := <-feed; _ = ok; HIT = x`,
	`var x = <-feed; HIT = x`,
	`var x, ok = <-feed; _ = ok; HIT = x`,
	`var x int; x = <-feed; HIT = x`,
	`var x int; var ok bool; x, ok = <-feed; _ = ok; HIT = x`,
	`label: <-gate; HIT = 1; if false { goto label }`,
	`time.Sleep(wait); HIT = 1`,
	`<-time.After(wait); HIT = 1`,
	`t := time.NewTimer(wait); <-t.C; HIT = 1`,
	`held.Lock(); HIT = 1; held.Unlock()`,
	`rw.RLock(); HIT = 1; rw.RUnlock()`,
	`rw.Lock(); HIT = 1; rw.Unlock()`,
	`var l sync.Locker = &held; l.Lock(); HIT = 1; l.Unlock()`,
	`s := guarded{}; s.mu = &held; s.mu.Lock(); HIT = 1; s.mu.Unlock()`,
	`wg.Wait(); HIT = 1`,
	`cond.L.Lock(); cond.Wait(); cond.L.Unlock(); HIT = 1`,
	`condMu.Lock(); for HIT == 0 { byMu.Wait(); HIT = 1 }; condMu.Unlock()`,
	`condMu.Lock(); defer condMu.Unlock(); byMu.Wait(); HIT = 1`,
	`func() { condMu.Lock(); defer func() { condMu.Unlock() }(); waitFor(byMu); HIT = 1 }()`,
	`condMu.Lock(); condMu.Unlock(); byMu.L.Lock(); byMu.Wait(); HIT = 1; byMu.L.Unlock()`,
	`time.AfterFunc(wait, func() { HIT = 1 })`,
	`t := time.AfterFunc(time.Hour, func() { HIT = 1 }); t.Reset(wait); <-t.C`,
	`f := func() { set(&HIT, 1) }; time.AfterFunc(wait, f)`,
	`time.AfterFunc(0, func() { <-gate; HIT = 1 })`,
	`time.AfterFunc(wait, counter{&HIT}.tick)`,
	`context.AfterFunc(ctx, func() { HIT = 1 })`,
	`once.Do(func() { <-gate }); HIT = 1`,
	`<-ctx.Done(); HIT = 1`,
	`for range gate { }; HIT = 1`,
	`for x := range feed { HIT = x; break }`,
	`for HIT = range feed { break }`,
	`for HIT = range sequence { break }`,
	`for _, HIT = range pairs { break }`,
	`for x := range sequence { HIT = x; break }`,
	`for range silent { }; HIT = 1`,
	`for i := 0; i < 1; pause() { i++ }; HIT = 1`,
	`for i := <-feed; i < 5; i++ { HIT = i }`,
	`for i := 0; i < <-feed; i++ { HIT = 1 }`,
	`for ; ; { <-gate; HIT = 1; break }`,
	`for i := range <-feed { HIT = i + 1 }`,
	`select { case <-gate: HIT = 1 }`,
	`select { case x := <-feed: HIT = x }`,
	`select { case x, ok := <-feed: _ = ok; HIT = x }`,
	`select { case HIT = <-feed: }`,
	`select { case HIT, _ = <-feed: }`,
	`var ok bool; select { case HIT, ok = <-feed: _ = ok }`,
	`select { case out <- 1: HIT = 1; case <-never: }`,
	`select { case <-gate: case <-never: }; HIT = 1`,
	`select { case <-never: default: <-gate; HIT = 1 }`,
	`select { case <-never: case out <- <-feed: HIT = 1 }`,
	`{ { <-gate }; HIT = 1 }`,
	`switch { case true: <-gate; HIT = 1 }`,
	`defer func() { recover() }(); <-gate; HIT = 1`,
	`go func() { <-gate; HIT = 1 }()`,
	// A statement that waits in the middle.
	`HIT = <-feed`,
	`HIT, _ = <-feed`,
	`HIT, _ = <-feed, 2`,
	`HIT += <-feed`,
	`HIT = 1 + 0*<-feed`,
	`HIT = one(<-feed)`,
	`*(&HIT) = <-feed`,
	`set(&HIT, <-feed)`,
	`set(&HIT, one(one(<-feed)))`,
	`(&counter{&HIT}).add(<-feed)`,
	`_ = append(hits[NUMBER:NUMBER], <-feed)`,
	`copy(hits[NUMBER:NUMBER+1], []int{<-feed})`,
	`numbers[string(rune('a' + <-feed))]++; HIT = 1`,
	`hits[NUMBER*<-feed]++`,
	`if <-feed == 1 { HIT = 1 }`,
	`if x := <-feed; x == 1 { HIT = 1 }`,
	`if x, ok := <-feed; ok { HIT = x }`,
	`if true || <-feed == 0 { <-gate; HIT = 1 }`,
	`if false && <-feed == 0 { } else { <-gate; HIT = 1 }`,
	`if <-feed == 0 { } else if <-feed == 1 { HIT = 1 }`,
	`switch <-feed { case 1: HIT = 1 }`,
	`switch x := <-feed; x { case 1: HIT = 1 }`,
	`switch 1 { case <-feed: HIT = 1 }`,
	`switch x := (<-things).(type) { case int: HIT = x }`,
	`switch { case <-feed == 1: HIT = 1 }`,
	`HIT = (<-things).(int)`,
	`x := point{1, <-feed}; HIT = x.x`,
	`HIT = (&point{1, <-feed}).x`,
	`HIT = func() int { return <-feed }()`,
	`HIT = func() (n int) { n = <-feed; return }()`,
	`HIT = func() (n int) { defer func() { n = 1 }(); return <-feed }()`,
	`f := func() int { return <-feed }; HIT = f()`,
	`func() { HIT = <-feed }()`,
	`func() int { HIT = <-feed; return 1 }()`,
	`HIT = get()`,
	`x := get(); HIT = x`,
	`HIT = one(get())`,
	`HIT, _ = pair()`,
	`a, b := pair(); HIT = a * b`,
	`setBoth(&HIT, 1, get())`,
	`setPair(&HIT)(pair())`,
	`a, b := get(), func() int { HIT = 1; return 1 }(); _, _ = a, b`,
	`var a, b = get(), func() int { HIT = 1; return 1 }(); _, _ = a, b`,
	`_ = []int{get(), func() int { HIT = 1; return 1 }()}`,
	`HIT = generic[int](feed)`,
	`HIT = generic(feed)`,
	`HIT = box[int]{feed}.take()`,
	`var w waiter = counter{&HIT}; w.Await(); HIT = 1`,
	`HIT = waiter.Await(counter{&HIT})`,
	`HIT = counter.Await(counter{&HIT})`,
	`f := counter{&HIT}.Await; HIT = f()`,
	`go set(&HIT, <-feed)`,
	`defer set(&HIT, <-feed)`,
	`relay <- <-feed; HIT = <-relay`,
	`HIT = deep(3)`,
	`HIT = <-<-channels`,
	// Packages that wait, and that call the user's code.
	`pipe.Read(make([]byte, 1)); HIT = 1`,
	`b, err := io.ReadAll(pipe); _, _ = b, err; HIT = 1`,
	`s := bufio.NewScanner(pipe); for s.Scan() { }; HIT = 1`,
	`io.Copy(sink{&HIT}, textPipe)`,
	`fmt.Fscanln(pipe); HIT = 1`,
	`c, err := door.Accept(); _ = err; HIT = 1; if c != nil { c.Close() }`,
	`http.Get("http://" + deaf.Addr().String()); HIT = 1`,
	`exec.Command("sleep", "1").Run(); HIT = 1`,
	`exec.Command("sleep", "1").Output(); HIT = 1`,
	`sort.Slice([]int{1, 2, 3}, func(i, j int) bool { <-gate; HIT = 1; return i < j })`,
	`n := 0; sort.Slice([]int{1, 2, 3}, func(i, j int) bool { n++; if n == 2 { HIT = 1 }; <-gate; return i < j })`,
	`n := 0; sort.Slice([]int{1, 2, 3}, func(i, j int) bool { n++; if n == 2 { HIT = 1 }; return <-feed == 1 })`,
	`sort.Sort(order{&HIT, []int{3, 2, 1}})`,
	`slices.SortFunc([]int{1, 2}, func(a, b int) int { HIT = <-feed; return a - b })`,
	`strings.Map(func(r rune) rune { <-gate; HIT = 1; return r }, "ab")`,
	`strings.FieldsFunc("ab", func(r rune) bool { return one(<-feed) == 1 }); HIT = 1`,
	`n := 0; filepath.WalkDir(".", func(string, fs.DirEntry, error) error { if n++; n == 2 { HIT = 1 }; <-gate; return nil }); HIT = 1`,
	`next, stop := iter.Pull(sequence); x, _ := next(); HIT = x; stop()`,
	`fmt.Sprint(texted{&HIT})`,
	`json.Marshal(texted{&HIT}); HIT = 1`,
	`var v taken; v.hit = &HIT; json.NewDecoder(numberPipe).Decode(&v)`,
	`http.Serve(listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { HIT = 1 }))`,
	`c := sync.OnceValue(func() int { return <-feed }); HIT = c()`,
	`atomic.StoreInt64(&wide[NUMBER], int64(<-feed)); HIT = int(wide[NUMBER])`,
	`HIT = strings.Count("a", "a") * len(strings.Repeat("a", <-feed))`,
	`signals := make(chan os.Signal, 1); signal.Notify(signals, syscall.SIGUSR1); <-signals; HIT = 1`,
}

// blockedDeclarations is what the forms use.
const blockedDeclarations = `import (
	"bufio"; "context"; "encoding/json"; "fmt"; "io"; "io/fs"; "iter"; "net"; "net/http"; "os"; "os/exec"; "os/signal"; "path/filepath"; "slices"
	"sort"; "strings"; "sync"; "sync/atomic"; "syscall"; "time"
)
const wait = time.Second
type point struct{ y, x int }
type guarded struct{ mu *sync.Mutex }
type counter struct{ at *int }
func (c *counter) add(n int) { *c.at += n }
type waiter interface{ Await() int }
func (c counter) Await() int { return <-feed }
type box[T any] struct{ c chan T }
func (b box[T]) take() T { return <-b.c }
type sink struct{ at *int }
func (s sink) Write(p []byte) (int, error) { *s.at = 1; return len(p), nil }
type order struct { at *int; list []int }
func (o order) Len() int { return len(o.list) }
func (o order) Less(i, j int) bool { <-gate; return o.list[i] < o.list[j] }
func (o order) Swap(i, j int) { *o.at = 1; o.list[i], o.list[j] = o.list[j], o.list[i] }
type texted struct{ at *int }
func (t texted) String() string { <-gate; *t.at = 1; return "" }
func (t texted) MarshalText() ([]byte, error) { <-gate; *t.at = 1; return nil, nil }
type taken struct{ hit *int }
func (t *taken) UnmarshalJSON([]byte) error { *t.hit = 1; return nil }
func (c counter) tick() { *c.at = 1 }
func waitFor(c *sync.Cond) { c.Wait() }
func one(int) int { return 1 }
func set(at *int, n int) { *at = n }
func setBoth(at *int, a, b int) { *at = a + b }
func setPair(at *int) func(a, b int) { return func(a, b int) { *at = a } }
func get() int { return <-feed }
func pair() (int, int) { return <-feed, 1 }
func pause() { <-gate }
func generic[T any](c <-chan T) T { return <-c }
func deep(n int) int { if n == 0 { return <-feed }; return deep(n - 1) }
func sequence(yield func(int) bool) { yield(<-feed) }
func pairs(yield func(int, int) bool) { yield(1, <-feed) }
func silent(yield func(int) bool) { <-gate }
var hits [FORMS]int
var wide [FORMS]int64
var gate, out, never, feed, relay, things, channels, stop = make(chan int), make(chan int), make(chan int), make(chan int), make(chan int, 9), make(chan any), make(chan chan int), make(chan int)
var held sync.Mutex
var rw sync.RWMutex
var wg sync.WaitGroup
var cond = sync.NewCond(&sync.Mutex{})
var condMu sync.Mutex
var byMu = sync.NewCond(&condMu)
var once sync.Once
var ctx, cancel = context.WithCancel(context.Background())
var pipe, pipeEnd, _ = os.Pipe()
var textPipe, textEnd, _ = os.Pipe()
var numberPipe, numberEnd, _ = os.Pipe()
var listener, _ = net.Listen("tcp", "127.0.0.1:0")
var door, _ = net.Listen("tcp", "127.0.0.1:0")
var deaf, _ = net.Listen("tcp", "127.0.0.1:0")
var numbers sync.Map
held.Lock()
rw.Lock()
wg.Add(1)
`

// blockedWake ends all the waiting.
const blockedWake = `close(gate)
held.Unlock()
rw.Unlock()
wg.Done()
cancel()
pipeEnd.WriteString("x")
pipeEnd.Close()
textEnd.WriteString("x")
textEnd.Close()
numberEnd.WriteString("1")
numberEnd.Close()
door.Close()
deaf.Close()
for end := time.Now().Add(2500 * time.Millisecond); time.Now().Before(end); {
	cond.Broadcast()
	byMu.Broadcast()
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	if c, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		c.SetDeadline(time.Now().Add(20 * time.Millisecond))
		c.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
		c.Read(make([]byte, 1))
		c.Close()
	}
	select {
	case feed <- 1:
	case things <- 1:
	case channels <- feed:
	case <-out:
	case <-time.After(time.Millisecond):
	}
}`

// blockedCell is a cell in which a goroutine waits in each of the forms.
func blockedCell() (declarations, code string) {
	var b strings.Builder
	b.WriteString("signal.Ignore(syscall.SIGUSR1)\n")
	for i, form := range blockedForms {
		number := fmt.Sprint(i)
		form = strings.NewReplacer("HIT", "hits["+number+"]", "NUMBER", number, "numbers[", "map[string]int{}[").Replace(form)
		fmt.Fprintf(&b, "go func() { %s }()\n", form)
	}
	return strings.ReplaceAll(blockedDeclarations, "FORMS", fmt.Sprint(len(blockedForms))), b.String()
}

// interruptLater runs a cell and interrupts it after a while.
func (n *notebook) interruptLater(code string, later time.Duration) {
	n.t.Helper()
	n.count++
	u, err := n.session.Compile(context.Background(), code, n.count)
	if err != nil {
		n.t.Fatalf("%s\n%v", code, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), later)
	defer cancel()
	outcome := n.host.Run(ctx, host.Program{Load: u.Modules(), Run: u.ID}, cell.Request{}, cell.Discard{})
	if outcome.Err == nil || outcome.Err.Name != "Interrupted" || outcome.Dead {
		n.t.Fatalf("%s\nended with %+v", code, outcome.Err)
	}
}

// TestAnInterruptedCellDoesNotGoOn has goroutines wait in all forms, and wakes them
// up after an interrupt; without one, all forms do what they are there for.
func TestAnInterruptedCellDoesNotGoOn(t *testing.T) {
	declarations, code := blockedCell()
	for _, interrupt := range []bool{false, true} {
		n := open(t)
		if got := n.run(declarations); got != "" {
			t.Fatal(got)
		}
		if interrupt {
			n.interruptLater(code+"select {}", 500*time.Millisecond)
		} else if got := n.run(code + "time.Sleep(100 * time.Millisecond)"); got != "" {
			t.Fatal(got)
		}
		if got := n.run(blockedWake); got != "" {
			t.Fatal(got)
		}
		if got := n.run("held.Lock(); held.Unlock(); rw.Lock(); rw.Unlock(); rw.RLock(); rw.RUnlock(); condMu.Lock(); condMu.Unlock(); cond.L.Lock(); cond.L.Unlock()"); got != "" {
			t.Errorf("locks: %s", got)
		}
		got := strings.Fields(strings.Trim(n.run("hits"), "[]\n"))
		if len(got) != len(blockedForms) {
			t.Fatalf("hits are %q", got)
		}
		for i, form := range blockedForms {
			if done := got[i] != "0"; done == interrupt {
				t.Errorf("interrupted %v, went on %v: %s", interrupt, done, form)
			}
		}
	}
}

// TestWhatComputesForLongDoesNotGoOn has packages, and operations of the language,
// compute for longer than an interrupt waits.
func TestWhatComputesForLongDoesNotGoOn(t *testing.T) {
	n := open(t)
	n.run(`import ("math/big"; "math/rand/v2"; "slices"; "sort"; "strings"; "time")
n := 0
done := make(chan bool, 1)
numbers := rand.Perm(1 << 21)
text := strings.Repeat("text ", 1 << 23)
many := make(map[int]bool)
for i := range 1 << 21 { many[i] = true }
power := new(big.Int).Exp(big.NewInt(3), big.NewInt(3000000), nil)
func set(any) bool { n = 1; return true }`)
	for i, code := range []string{
		"sort.Ints(slices.Clone(numbers))\nn = 1",
		"a := slices.Sorted(slices.Values(numbers))\nn = len(a)",
		"set(strings.Fields(text))",
		"b := power.String()\nn = len(b)",
		"func() { _ = power.Text(10); n = 1 }()",
		"func() int { sort.Ints(slices.Clone(numbers)); n = 1; return 1 }()",
		"func c() *big.Int { return new(big.Int).Exp(power, big.NewInt(4), nil) }\nn = c().Sign()",
		"d := func() []int { return rand.Perm(1 << 22) }\nn = len(d())",
		"f := []rune(text + text)\nn = 1",
		"func() { for i := range many { delete(many, i) } }()\nn = 1",
		"var g = []rune(text + text)\nn = 1",
	} {
		n.interruptLater("defer func() { done <- true }()\n"+code, 30*time.Millisecond)
		if got := strings.TrimSpace(n.run("<-done\nn")); got != "true 0" && got != "0" {
			t.Errorf("form %d, %s\nwent on: %q", i, code, got)
		}
		n.run("n = 0")
	}
}

// TestTheTopOfAnInterruptedCellDoesNotGoOn does the same with what stands in no
// function, where variables are those of the session.
func TestTheTopOfAnInterruptedCellDoesNotGoOn(t *testing.T) {
	n := open(t)
	n.run("import \"time\"\nvar n, m int\nvar ok bool\nfeed, gate, other := make(chan int), make(chan int), make(chan int)\nfunc get() int { return <-feed }\nfunc pair() (int, int) { return <-feed, 1 }\nfunc set(int) bool { n = 1; return true }")
	cells := []string{
		"n = <-feed", "n, ok = <-feed", "n, m = pair()", "n += get()", "<-feed\nn = 1", "get()\nn = 1",
		"a := <-feed\nn = a", "b, yes := <-feed\nn = b", "c := get()\nn = c", "d, e := pair()\nn = d",
		"var f = get()\nn = f", "var g, yes2 = <-feed\nn = g", "var h, i = pair()\nn = h", "var j, k = get(), set(1)", "var _ = get()\nn = 1",
		"func init() { <-feed }\nn = 1", "func init() { n = <-feed }", "set(<-feed)", "get() == 1 && set(1)",
		"if <-feed == 1 {\n\tn = 1\n}", "for range gate {\n}\nn = 1", "defer set(<-feed)", "time.Sleep(time.Second)\nn = 1",
		"select {\ncase n = <-feed:\n}", "other <- 1\nn = 1", "func l() { n = <-feed }\nl()",
	}
	for _, code := range cells {
		n.interruptLater(code, 200*time.Millisecond)
	}
	n.run("close(gate)\nfor end := time.Now().Add(1200 * time.Millisecond); time.Now().Before(end); {\n\tselect {\n\tcase feed <- 1:\n\tcase <-other:\n\tcase <-time.After(time.Millisecond):\n\t}\n}")
	if got := n.run("[]any{n, m, ok}"); strings.TrimSpace(got) != "[0 0 false]" {
		t.Errorf("went on: %s", got)
	}
	for _, code := range cells { // one by one, to see that each does something
		if strings.Contains(code, "gate") || strings.Contains(code, "other") {
			continue
		}
		n.run("n = 0\ngo func() { feed <- 1 }()")
		n.run(code)
		if got := n.run("n"); strings.TrimSpace(got) != "1" {
			t.Errorf("%s\nleaves n = %s", code, got)
		}
	}
}
