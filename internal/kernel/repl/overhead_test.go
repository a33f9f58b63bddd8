package repl_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// gallery notes the kinds of what a cell shows, beside its text.
type gallery struct {
	recorder
	kinds []string
}

func (g *gallery) Display(d cell.Bundle, metadata map[string]any, id string) {
	g.note(d)
	g.recorder.Display(d, metadata, id)
}

func (g *gallery) Update(d cell.Bundle, metadata map[string]any, id string) {
	g.note(d)
	g.recorder.Update(d, metadata, id)
}

func (g *gallery) note(d cell.Bundle) {
	for kind := range d {
		g.kinds = append(g.kinds, kind)
	}
}

const startEngines = `import (
	"context"
	"github.com/goparallel/goparallel/parallel"
)
rc, err := parallel.Start(context.Background(), 2)
view := rc.LoadBalanced()
func twice(x int) int { return 2 * x }
xs := []int{1, 2, 3, 4, 5}
err`

func TestExplainAndOverheadSayWhatIsMissing(t *testing.T) {
	n := open(t)
	if text := n.fails("%explain", "MagicError"); !strings.Contains(text, "no view has been called") {
		t.Error(text)
	}
	if text := n.fails("%explain view", "UsageError"); !strings.Contains(text, "%help explain") {
		t.Error(text)
	}
	text := n.fails("func f(x int) int { return x }\n%overhead f []int{1, 2}", "MagicError")
	if !strings.Contains(text, "parallel.Start(context.Background(), 2)") {
		t.Error(text)
	}
}

func TestExplainIsOfTheLastCall(t *testing.T) {
	n := open(t)
	n.ok(startEngines, "=> <nil>")
	n.ok("view.MapSync(twice, xs)", "=> [2 4 6 8 10]")
	text, reply := n.run("%explain")
	if reply.Err != nil || !strings.Contains(text, "5 items of twice ran on") || !strings.Contains(text, "time of the engines: run ") {
		t.Errorf("%s, %v", text, reply.Err)
	}
	if own, _ := n.run("view.Explain()"); own != text {
		t.Errorf("view.Explain() shows\n%s\n%%explain shows\n%s", own, text)
	}
	text, reply = n.run("_, err = rc.All().MapSync(twice, xs[:3])\n%explain")
	if reply.Err != nil || !strings.Contains(text, "3 items of twice") {
		t.Errorf("%s, %v", text, reply.Err)
	}
}

func TestOverheadMeasuresTheUsersFunction(t *testing.T) {
	n := open(t)
	n.ok(startEngines, "=> <nil>")
	for _, c := range []struct{ code, function, engines string }{
		{"%overhead twice xs // now", "twice", "2 engines"},
		{"k := 3\n%overhead -on rc.Targets(1) func(x int) int { return k * x } xs[1:4]", "the function literal at cell\\[3\\]:2", "1 engine"},
	} {
		g := &gallery{}
		if reply := n.execute(cell.Request{Code: c.code}, g); reply.Err != nil {
			t.Fatalf("%s\nfailed: %s", c.code, reply.Err.Text())
		}
		want := regexp.MustCompile(`(?s)` + c.function + ` over \d items on ` + c.engines + `, medians of \d+ rounds\n.*a loop .*ChunkSize\(1\) .*the view's choice .*rc.Auto\(\) .*in the caller`)
		if text := g.String(); !want.MatchString(text) {
			t.Errorf("%s\nshowed\n%s", c.code, text)
		}
		if kinds := strings.Join(g.kinds, " "); !strings.Contains(kinds, "image/svg+xml") || !strings.Contains(kinds, "image/png") {
			t.Errorf("%s\nshowed %s", c.code, kinds)
		}
	}
	if text := n.fails("%overhead -on 7 twice xs", "UsageError"); !strings.Contains(text, "rc.All()") {
		t.Error(text)
	}
	if text := n.fails("%overhead twice []string{}", "CompileError"); !strings.Contains(text, ":1:17: in call to %overhead, type []string") {
		t.Error(text)
	}
	if text := n.fails("%overhead twice xs[:0]", "MagicError"); !strings.Contains(text, "no items") {
		t.Error(text)
	}
	n.fails("%overhead func(x int) int { if x == 3 { panic(x) }; return x } xs", "panic")
	if text := n.fails("%overhead twice xs []", "UsageError"); !strings.Contains(text, "%overhead f xs") {
		t.Error(text)
	}
}
