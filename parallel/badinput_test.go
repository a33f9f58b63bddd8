package parallel

import (
	"context"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var added = Func2("bad.add", func(a, b int) int { return a + b })

// TestBadInput gives calls what cannot be meant, alone and together: each is one error that names it, before anything is sent, and
// the cluster goes on.
func TestBadInput(t *testing.T) {
	t.Run("own", func(t *testing.T) { badInput(t, start(t, 2)) })
	t.Run("connected", func(t *testing.T) {
		home(t)
		lasting(t, "bad", 2)
		rc := connected(t, "bad")
		badInput(t, rc)
		for id, want := range map[string]string{"": "by its id, and there is none", "nope": `no call "nope"`} {
			if _, err := rc.Fetch[int](t.Context(), id); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the call %q: %v", id, err)
			}
		}
	})
}

func badInput(t *testing.T, rc *Client) {
	other := start(t, 1)
	foreign := other.All().Map(squared, []int{1})
	var none *AsyncResult[int]
	var noFunction func(int) int
	mine := rc.All().Map(squared, []int{1, 2})
	if _, err := mine.Get(); err != nil {
		t.Fatal(err)
	}
	balanced := func(o ...Option) error {
		_, err := rc.LoadBalanced().MapSync(squared, []int{1, 2, 3}, o...)
		return err
	}
	mapped := func(v *View, o ...Option) error { _, err := v.MapSync(squared, []int{1}, o...); return err }
	stream := func(o ...Option) error {
		for _, r := range rc.LoadBalanced().Seq(squared, func(yield func(int) bool) { yield(1) }, o...) {
			return r.Err
		}
		return nil
	}
	var nowhere context.Context
	for name, c := range map[string]struct {
		do   func() error
		want string // "" is no error
	}{
		"an option that is nil": {func() error { return balanced(Label("x"), nil) }, "an option is nil"},
		"a context that is nil": {func() error { return balanced(WithContext(nowhere)) }, "the context is nil"},
		"the longest of all": {func() error {
			return balanced(ChunkSize(1<<62), ItemTimeout(1<<63-1), Retries(1<<62, 1<<62), Priority(-1<<63))
		}, ""},
		"the most": {func() error { return balanced(MaxOutstanding(1 << 62)) }, ""},
		"more in a chunk than may be outstanding": {func() error { return stream(ChunkSize(5), MaxOutstanding(2)) }, "a chunk size of 5 contradicts at most 2"},
		"all wrong": {func() error {
			return mapped(&rc.Targets(99).View, ChunkSize(-5), MaxOutstanding(0), Retries(-1, 0), ItemTimeout(0))
		}, "a chunk size of -5"},
		"an engine twice":                   {func() error { _, err := rc.Targets(0, 0).ApplySync(where); return err }, "engine 0 is named twice"},
		"an engine that is not there":       {func() error { return mapped(&rc.Targets(0, 99).View) }, "no engine 99; the engines are 0 to 1"},
		"one below all":                     {func() error { return mapped(&rc.LoadBalanced(-1).View) }, "no engine -1"},
		"no items on one that is not there": {func() error { _, err := rc.LoadBalanced(99).MapSync(squared, nil); return err }, "no engine 99"},
		"no engines":                        {func() error { return mapped(&rc.Targets().View) }, "the view has no engines"},
		"a stream on no engines": {func() error {
			for _, r := range rc.Targets().Seq(squared, slices.Values([]int{1})) {
				return r.Err
			}
			return nil
		}, "the view has no engines"},
		"a tag that none has":               {func() error { return mapped(&rc.LoadBalanced(rc.Tagged("gpu")...).View) }, "the view has no engines"},
		"a value for one that is not there": {func() error { return rc.Targets(99).Push("a", 1) }, "no engine 99"},
		"a value that nobody has":           {func() error { _, err := rc.All().Gather[int]("missing"); return err }, `engine 1 has no value "missing"`},
		"a value that cannot travel":        {func() error { return rc.All().Push("c", make(chan int)) }, "chan int is a channel"},
		"after nothing":                     {func() error { return balanced(After(nil)) }, "cannot come after nil"},
		"after no call":                     {func() error { return balanced(After(mine, none)) }, "cannot come after nil"},
		"following no call":                 {func() error { return balanced(Follow(none)) }, "cannot come after nil"},
		"after another cluster's":           {func() error { return balanced(After(foreign)) }, ""},
		"following another cluster's":       {func() error { return balanced(Follow(foreign)) }, "of another cluster"},
		"a function of all that follows":    {func() error { _, err := rc.All().ApplySync(where, Follow(mine)); return err }, "can follow nothing"},
		"a stream that comes after":         {func() error { return stream(After(mine)) }, "comes after nothing"},
		"a map as results arrive":           {func() error { return balanced(Arriving()) }, "an option of Seq"},
		"a stream of nothing": {func() error {
			for _, r := range rc.LoadBalanced().Seq(squared, nil) {
				return r.Err
			}
			return nil
		}, "the input of a stream is nil"},
		"no function":                      {func() error { _, err := rc.LoadBalanced().MapSync(noFunction, []int{1}); return err }, "it is nil"},
		"a function that engines have not": {func() error { _, err := rc.LoadBalanced().MapSync(func(x int) int { return x }, []int{1}); return err }, "it is not registered"},
		"unequal slices":                   {func() error { _, err := rc.LoadBalanced().Map2Sync(added, []int{1}, []int{1, 2}); return err }, "make them equally long"},
		"a tag for one that is not there":  {func() error { return rc.Tag("x", 99) }, "no engine 99"},
		"the end of one that is not there": {func() error { return rc.RemoveEngine(t.Context(), 99) }, "no engine 99"},
		"another process of one below all": {func() error { return rc.RestartEngine(t.Context(), -1) }, "no engine -1"},
		"a signal that there is not":       {func() error { return rc.SignalEngine(0, syscall.Signal(999)) }, "engine 0: invalid argument"},
		"no more engines":                  {func() error { _, err := rc.AddEngines(t.Context(), 0); return err }, "0 engines cannot be added"},
		"a billion engines":                {func() error { _, err := rc.AddEngines(t.Context(), 1e9); return err }, "1000000000 engines cannot be added"},
	} {
		done := make(chan error, 1)
		go func() { done <- c.do() }()
		select {
		case err := <-done:
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: it hangs", name)
		}
	}
	if ids := rc.IDs(); len(ids) != 2 || balanced() != nil {
		t.Errorf("the engines are %v afterwards", ids)
	}
}

// TestBadStarts gives Start what cannot be meant.
func TestBadStarts(t *testing.T) {
	for name, c := range map[string]struct {
		n       int
		options []StartOption
		want    string
	}{
		"none":                      {0, nil, "there must be at least 1"},
		"a billion":                 {1e9, nil, "at most 16384"},
		"an option that is nil":     {1, []StartOption{nil}, "an option is nil"},
		"more than there are":       {1, []StartOption{AtLeast(2)}, "at least 2 of 1 engines"},
		"too little memory":         {1, []StartOption{EngineMemory(1)}, "too small"},
		"no launcher":               {1, []StartOption{On(nil)}, "On was given nil"},
		"nodes of less than none":   {1, []StartOption{On(Command{EnginesPerNode: -1})}, "EnginesPerNode is -1"},
		"an address without a port": {1, []StartOption{On(Command{}), Listen("nonsense")}, "missing port"},
		"an address for nobody":     {1, []StartOption{Listen("127.0.0.1:0")}, "there is no On"},
		"the wrong way round":       {2, []StartOption{Adapt(5, 2, 0)}, "cannot become 5 to 2"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		rc, err := Start(ctx, c.n, c.options...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			rc.Close()
		}
		cancel()
	}
	if _, err := Connect(t.Context(), "x", Adapt(1, 2, time.Second)); err == nil || !strings.Contains(err.Error(), "are for parallel.Start") {
		t.Error(err)
	}
	// Output that nobody wants.
	rc := start(t, 1, Output(nil, io.Discard))
	if _, err := rc.All().MapSync(say, []string{"x"}); err != nil {
		t.Error(err)
	}
}
