package parallel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var errOfTable = errors.New("it is four")

// What the table calls: each kind of function, of which those that may fail do so for 4.
var (
	tableSquare  = Func("table.square", func(x int) int { return x * x })
	tableErr     = FuncErr("table.err", func(x int) (int, error) { return x * x, four(x) })
	tableContext = FuncContext("table.context", func(_ context.Context, x int) (int, error) { return x * x, four(x) })
	tableTimes   = Func2("table.times", func(x, y int) int { return x * y })
	tableTimesE  = Func2Err("table.timesErr", func(x, y int) (int, error) { return x * y, four(x) })
	tableEach    = FuncEach("table.each", func(int) {})
	tableSeven   = Func0("table.seven", func() int { return 7 })
	tableSevenE  = Func0Err("table.sevenErr", func() (int, error) { return 7, nil })
)

func init() { Register(tableEachErr, tableEachContext, tableApplied) }

func tableEachErr(x int) error                        { return four(x) }
func tableEachContext(_ context.Context, x int) error { return four(x) }
func tableApplied(context.Context) (int, error)       { return 7, nil }

func four(x int) error {
	if x == 4 {
		return errOfTable
	}
	return nil
}

// gave is what a call of the table gave: results as far as there are any, and the error.
type gave struct {
	results []int
	err     error
}

// TestEveryOptionOfEveryCall gives each kind of call, of each view, no option, each option, and each two of them: it has the results that a
// loop has, or one clear error.
func TestEveryOptionOfEveryCall(t *testing.T) {
	rc := start(t, 2)
	callsOfTable(t, rc, map[string]*View{
		"all": &rc.All().View, "target": &rc.Targets(1).View, "balanced": &rc.LoadBalanced().View, "balanced(0)": &rc.LoadBalanced(0).View,
		"auto": &rc.Auto().View, "local": &Local().View,
	})
}

// TestEveryOptionOfEveryCallElsewhere does it with a cluster that lives on.
func TestEveryOptionOfEveryCallElsewhere(t *testing.T) {
	home(t)
	lasting(t, "table", 2)
	rc := connected(t, "table")
	callsOfTable(t, rc, map[string]*View{"all": &rc.All().View, "balanced": &rc.LoadBalanced().View, "auto": &rc.Auto().View})
}

func callsOfTable(t *testing.T, rc *Client, views map[string]*View) {
	items := []int{1, 2, 3, 4, 5, 6, 7}
	loop := []int{1, 4, 9, 16, 25, 36, 49}
	before := rc.All().Map(tableSquare, items)
	if _, err := before.Get(); err != nil || len(before.ByEngine()) != 2 {
		t.Fatal(err)
	}
	local := Local().Map(tableSquare, items)
	options := map[string]func(v *View) Option{
		"ChunkSize(1)":      func(*View) Option { return ChunkSize(1) },
		"ChunkSize(3)":      func(*View) Option { return ChunkSize(3) },
		"ChunkSize(1000)":   func(*View) Option { return ChunkSize(1000) },
		"WithContext":       func(*View) Option { return WithContext(t.Context()) },
		"Label":             func(*View) Option { return Label("table") },
		"Priority":          func(*View) Option { return Priority(-3) },
		"Retries":           func(*View) Option { return Retries(2, 0) },
		"ItemTimeout":       func(*View) Option { return ItemTimeout(time.Minute) },
		"StopAtError":       func(*View) Option { return StopAtError() },
		"MaxOutstanding(1)": func(*View) Option { return MaxOutstanding(1) },
		"MaxOutstanding(9)": func(*View) Option { return MaxOutstanding(9) },
		"Arriving":          func(*View) Option { return Arriving() },
		"After":             func(*View) Option { return After(before) },
		"Follow": func(v *View) Option {
			if v.cluster != rc.cluster {
				return Follow(local)
			}
			return Follow(before)
		},
	}
	each := func(err error) gave { return gave{nil, err} }
	got := func(ys []int, err error) gave { return gave{ys, err} }
	one := func(y int, err error) gave { return gave{[]int{y}, err} }
	later := func(r *AsyncResult[int]) gave { return got(r.Get()) }
	stream := func(all func(yield func(int, Result[int]) bool)) (a gave) {
		a.results = make([]int, len(items))
		var m MapError
		for i, r := range all {
			var remote *RemoteError
			if errors.As(r.Err, &remote) {
				m.Failures = append(m.Failures, remote)
			} else if r.Err != nil {
				return gave{nil, r.Err}
			}
			a.results[i] = r.Value
		}
		if len(m.Failures) > 0 {
			a.err = &m
		}
		return a
	}
	kinds := map[string]func(v *View, o ...Option) gave{
		"MapSync":        func(v *View, o ...Option) gave { return got(v.MapSync(tableSquare, items, o...)) },
		"Map":            func(v *View, o ...Option) gave { return later(v.Map(tableSquare, items, o...)) },
		"MapErr":         func(v *View, o ...Option) gave { return later(v.MapErr(tableErr, items, o...)) },
		"MapContext":     func(v *View, o ...Option) gave { return later(v.MapContext(tableContext, items, o...)) },
		"Map2":           func(v *View, o ...Option) gave { return later(v.Map2(tableTimes, items, items, o...)) },
		"Map2Err":        func(v *View, o ...Option) gave { return later(v.Map2Err(tableTimesE, items, items, o...)) },
		"ForEach":        func(v *View, o ...Option) gave { return each(v.ForEachSync(tableEach, items, o...)) },
		"ForEachErr":     func(v *View, o ...Option) gave { return each(v.ForEachErrSync(tableEachErr, items, o...)) },
		"ForEachContext": func(v *View, o ...Option) gave { return each(v.ForEachContextSync(tableEachContext, items, o...)) },
		"Seq":            func(v *View, o ...Option) gave { return stream(v.Seq(tableSquare, slices.Values(items), o...)) },
		"SeqErr":         func(v *View, o ...Option) gave { return stream(v.SeqErr(tableErr, slices.Values(items), o...)) },
	}
	direct := func(v *View) *DirectView {
		return &DirectView{View{cluster: v.cluster, targets: v.targets, direct: true}}
	}
	balanced := func(v *View) *LoadBalancedView {
		return &LoadBalancedView{View{cluster: v.cluster, targets: v.targets}}
	}
	applied := map[string]func(v *View, o ...Option) gave{
		"Apply":        func(v *View, o ...Option) gave { return later(direct(v).Apply(tableSeven, o...)) },
		"ApplyErr":     func(v *View, o ...Option) gave { return got(direct(v).ApplyErrSync(tableSevenE, o...)) },
		"ApplyContext": func(v *View, o ...Option) gave { return got(direct(v).ApplyContextSync(tableApplied, o...)) },
		"Apply1":       func(v *View, o ...Option) gave { return later(direct(v).Apply1(tableSquare, 5, o...)) },
	}
	appliedToOne := map[string]func(v *View, o ...Option) gave{
		"Apply":        func(v *View, o ...Option) gave { return later(balanced(v).Apply(tableSeven, o...)) },
		"ApplySync":    func(v *View, o ...Option) gave { return one(balanced(v).ApplySync(tableSeven, o...)) },
		"ApplyErr":     func(v *View, o ...Option) gave { return one(balanced(v).ApplyErrSync(tableSevenE, o...)) },
		"ApplyContext": func(v *View, o ...Option) gave { return one(balanced(v).ApplyContextSync(tableApplied, o...)) },
		"Apply1":       func(v *View, o ...Option) gave { return later(balanced(v).Apply1(tableSquare, 5, o...)) },
	}
	sets := [][]string{nil}
	for a := range options {
		sets = append(sets, []string{a})
		for b := range options {
			if a < b {
				sets = append(sets, []string{a, b})
			}
		}
	}
	calls := 0
	for view, v := range views {
		all := map[string]func(v *View, o ...Option) gave{}
		for kind, call := range kinds {
			all[kind] = call
		}
		for kind, call := range map[bool]map[string]func(v *View, o ...Option) gave{true: applied, false: appliedToOne}[v.direct] {
			if !v.auto {
				all["…"+kind] = call
			}
		}
		for kind, call := range all {
			for _, set := range sets {
				var given []Option
				for _, name := range set {
					given = append(given, options[name](v))
				}
				calls++
				done := make(chan gave, 1)
				go func() { done <- call(v, given...) }()
				select {
				case a := <-done:
					if wrong := judge(v, kind, set, a, loop); wrong != "" {
						t.Errorf("%s, %s %v: %s; %v, %v", view, kind, set, wrong, a.results, a.err)
					}
				case <-time.After(time.Minute):
					t.Fatalf("%s, %s %v: it hangs", view, kind, set)
				}
			}
		}
	}
	if s := rc.Status(t.Context()); s.Err != nil || len(s.Calls) > 0 {
		t.Errorf("calls are left: %v, %v", s.Calls, s.Err)
	}
	t.Log(calls, "calls")
}

// judge says what is wrong about an gave, or nothing.
func judge(v *View, kind string, set []string, a gave, loop []int) string {
	has := func(name string) bool {
		return slices.ContainsFunc(set, func(s string) bool { return strings.HasPrefix(s, name) })
	}
	streams, applies := strings.HasPrefix(kind, "Seq"), strings.HasPrefix(kind, "…")
	var refusals []string
	refuse := func(text string) { refusals = append(refusals, text) }
	if has("Arriving") && !streams {
		refuse("an option of Seq")
	}
	if has("Follow") && applies && v.direct {
		refuse("can follow nothing")
	}
	if streams && (has("After") || has("Follow")) {
		refuse("comes after nothing")
	}
	if (has("ChunkSize(3)") || has("ChunkSize(1000)")) && has("MaxOutstanding(1)") || has("ChunkSize(1000)") && has("MaxOutstanding") {
		refuse("contradicts")
	}
	if len(refusals) == 0 && v.cluster == (nowhere{}) && (has("Retries") || has("ItemTimeout") || has("StopAtError") || has("MaxOutstanding") && !streams || has("Follow")) {
		refuse(errNowhere.Error())
		refuse("no engine of")
	}
	if len(refusals) > 0 {
		if a.err == nil || !slices.ContainsFunc(refusals, func(text string) bool { return strings.Contains(a.err.Error(), text) }) {
			return fmt.Sprintf("it is not refused by any of %q", refusals)
		}
		return ""
	}
	if fails := strings.HasSuffix(kind, "Err") || strings.HasSuffix(kind, "Context"); fails && !applies {
		var m *MapError
		if !errors.As(a.err, &m) || len(m.Failures) != 1 || m.Failures[0].Item != 3 || !errors.Is(a.err, errOfTable) && !strings.Contains(a.err.Error(), "it is four") {
			return "item 3 fails, and no other"
		}
		if has("StopAtError") {
			return "" // what was done before, and what was not, is anybody's guess
		}
		loop = slices.Clone(loop)
		loop[3] = 0
	} else if a.err != nil {
		return "an error"
	}
	switch {
	case strings.HasPrefix(kind, "ForEach"):
		loop = nil
	case applies:
		of := 1
		if v.direct {
			of = v.engines()
		}
		loop = slices.Repeat([]int{7}, of)
		if kind == "…Apply1" {
			loop = slices.Repeat([]int{25}, of)
		}
	}
	if !slices.Equal(a.results, loop) {
		return fmt.Sprint("instead of ", loop)
	}
	return ""
}
