package repl_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
)

// TestWidgetsOfEnginesAreUsed does something in the front end to widgets that engines have made: the engine that made one handles it, with its
// own variables, and what it prints, shows and sets comes back.
func TestWidgetsOfEnginesAreUsed(t *testing.T) {
	t.Run("of the notebook's own", func(t *testing.T) { widgetsOfEngines(t, "rc, err := parallel.Start(context.Background(), 2)") })
	t.Run("of a cluster that lives on", func(t *testing.T) {
		t.Setenv("XDG_STATE_HOME", t.TempDir())
		ctx, stop := context.WithCancel(context.Background())
		d, err := daemon.Start(ctx, daemon.Options{Name: "widgets", Engines: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Wait()
		defer stop()
		widgetsOfEngines(t, "rc, err := parallel.Connect(context.Background(), \"widgets\")")
	})
}

func widgetsOfEngines(t *testing.T, begin string) {
	n := open(t)
	p := &page{states: map[string]map[string]any{}, ids: map[string]string{}}
	n.repl.Background(p)
	run := func(code string) {
		t.Helper()
		if reply := n.execute(cell.Request{Code: code}, p); reply.Err != nil {
			t.Fatalf("%s\n%s", code, reply.Err.Text())
		}
	}
	const click = `{"method":"custom","content":{"event":"click"},"buffer_paths":[]}`
	run("import (\"context\"; \"fmt\"; \"github.com/goparallel/goparallel/parallel\")\n" + begin + "\nif err != nil { panic(err) }")
	run("import \"github.com/goparallel/goparallel/kernel/widgets\"\nimport \"github.com/goparallel/goparallel/kernel/display\"\nclicks, all := 0, rc.All()")
	run("%%px -t 1\nbar := widgets.Progress(10)\nb := widgets.Button(\"go\").OnClick(func() { clicks++; fmt.Println(\"clicks:\", clicks, \"on\", parallel.EngineID()); bar.Set(clicks) })\ndisplay.Show(widgets.VBox(bar, b))")
	for range 2 {
		if err := n.comm(cell.CommMessage, p.ids["ButtonModel"], click); err != nil {
			t.Fatal(err.Text())
		}
	}
	p.waitFor(t, "[stdout:1] clicks: 1 on 1\n[stdout:1] clicks: 2 on 1\n")
	for end := time.Now().Add(deadline); p.state("FloatProgressModel", "value") != 2.0 && p.state("IntProgressModel", "value") != 2.0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the bar is %v", p.states)
		}
	}
	n.ok("%px clicks", "[Out[0]: 0][Out[1]: 2]")
	n.ok("clicks", "=> 0")
	// A function that a view maps makes one as well, and an engine of a panic goes on.
	run("rc.Targets(0).ForEachSync(func(int) { display.Show(widgets.IntSlider(1, 9).OnChange(func(x int) { if x == 7 { panic(\"seven\") }; fmt.Println(\"moved to\", x) })) }, []int{1})")
	move := func(x string) *cell.Error {
		return n.comm(cell.CommMessage, p.ids["IntSliderModel"], `{"method":"update","state":{"value":`+x+`},"buffer_paths":[]}`)
	}
	if err := move("7"); err == nil || !strings.Contains(err.Text(), "engine 0: panic: seven") {
		t.Errorf("%+v", err)
	}
	if err := move("5"); err != nil {
		t.Error(err.Text())
	}
	p.waitFor(t, "[stdout:0] moved to 5\n")
	// An interrupt stops a handler, and the engine keeps what it has.
	run("%%px -t 1\nhangs := widgets.Checkbox(\"h\", false).OnChange(func(bool) { fmt.Println(\"it hangs\"); select {} })\ndisplay.Show(hangs)")
	go func() {
		p.waitFor(t, "[stdout:1] it hangs\n")
		n.repl.Interrupt()
	}()
	if err := n.comm(cell.CommMessage, p.ids["CheckboxModel"], `{"method":"update","state":{"value":true},"buffer_paths":[]}`); err == nil || !strings.Contains(err.Text(), "interrupted") {
		t.Errorf("%+v", err)
	}
	n.ok("%px clicks", "[Out[0]: 0][Out[1]: 2]")
	// One that ends its goroutine has not come to its end.
	run("%%px -t 1\nleaves := widgets.Text(\"\").OnChange(func(string) { runtime.Goexit() })\ndisplay.Show(leaves)")
	if err := n.comm(cell.CommMessage, p.ids["TextModel"], `{"method":"update","state":{"value":"a"},"buffer_paths":[]}`); err == nil || !strings.Contains(err.Text(), "runtime.Goexit") {
		t.Errorf("%+v", err)
	}
	// One whose engine was started again is closed, and one whose cluster is closed says so.
	run("rc.RestartEngine(context.Background(), 0)")
	if err := move("6"); err != nil {
		t.Error(err.Text())
	}
	run("rc.Close()")
	if err := n.comm(cell.CommMessage, p.ids["ButtonModel"], click); err == nil || !strings.Contains(err.Text(), "engine 1, whose widget this is, cannot handle") {
		t.Errorf("%+v", err)
	}
}
