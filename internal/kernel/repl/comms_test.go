package repl_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// comm sends what a front end would and returns how its handler failed, and waits until
// that is known.
func (n *notebook) comm(kind, id, data string) *cell.Error {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), deadline)
	defer cancel()
	err := n.repl.Comm(ctx, cell.Comm{Kind: kind, ID: id, Target: "mine", Data: json.RawMessage(data)})
	if ctx.Err() != nil {
		n.t.Fatalf("the handler of %s does not end", data)
	}
	return err
}

func TestCommsOfASession(t *testing.T) {
	n := open(t)
	background := &recorder{}
	n.repl.Background(background)
	n.ok(`got := ""
var there *comms.Comm
comms.Handle("mine", func(c *comms.Comm, m comms.Message) {
	there = c
	c.Send(map[string]string{"hello": string(m.Data)})
	c.OnClose(func() { got += "closed" })
	c.OnMessage(func(m comms.Message) { got += string(m.Data); fmt.Println("handled") })
})`, "[imported fmt, github.com/goparallel/goparallel/kernel/comms]")
	n.comm(cell.CommOpen, "a", `{"x":1}`)
	background.waitFor(t, `{comm_msg {"hello":"{\"x\":1}"}}`)
	n.comm(cell.CommMessage, "a", `{"x":2}`)
	background.waitFor(t, "handled\n")
	n.ok("got", `=> {"x":2}`)
	n.comm(cell.CommClose, "a", "{}")
	n.ok("got", `=> {"x":2}closed`)
	n.ok("errors.Is(there.Send(1), comms.ErrClosed)", "[imported errors]=> true")
	n.comm(cell.CommMessage, "a", `{"x":3}`)
	if text := background.String(); !strings.HasSuffix(text, "{comm_close }") {
		t.Errorf("a message for a comm that is closed: %q", text)
	}
	n.ok(`c, err := comms.Open("x", map[string]int{"n": 1})
c.Send([]int{1})`, `{comm_open {"n":1}}=> error: *errors.errorString: a message of a comm must be a JSON object, and [1] is none`)
	n.ok("c.Close()\nc.Close()", "{comm_close }")
	n.ok("c.Send(map[string]int{})", "=> error: *errors.errorString: the comm is closed")
	n.ok("c, err = comms.OpenWith(`mine2`, `nobody`, map[string]int{}, nil);", "{comm_open {}}")
	n.comm(cell.CommClose, "mine2", "{}")
	n.ok("c.Send(map[string]int{})", "=> error: *fmt.wrapError: the comm is closed by the front end, which does so where it knows no target \"nobody\"")
}

func TestHandlersFailAndAreInterrupted(t *testing.T) {
	n := open(t)
	background := &recorder{}
	n.repl.Background(background)
	n.ok(`import (
	"fmt"
	"github.com/goparallel/goparallel/kernel/comms"
)
kept := 7
ready := make(chan bool)
comms.Handle("mine", func(c *comms.Comm, m comms.Message) {
	c.OnMessage(func(m comms.Message) {
		switch string(m.Data) {
		case "{\"do\":\"panic\"}":
			panic("no")
		case "{\"do\":\"loop\"}":
			fmt.Println("begun")
			for {
			}
		case "{\"do\":\"block\"}":
			fmt.Println("blocked")
			select {}
		case "{\"do\":\"exit\"}":
			os.Exit(3)
		}
		ready <- true
	})
})`, "[imported os]")
	n.comm(cell.CommOpen, "a", "{}")
	failed := n.comm(cell.CommMessage, "a", `{"do":"panic"}`)
	if failed == nil || failed.Name != "panic" || !strings.Contains(failed.Text(), "cell[1]:11") {
		t.Errorf("a panic: %+v", failed)
	}
	for do, begun := range map[string]string{"loop": "begun", "block": "blocked"} {
		go func() {
			background.waitFor(t, begun)
			n.repl.Interrupt()
		}()
		if failed := n.comm(cell.CommMessage, "a", `{"do":"`+do+`"}`); failed == nil || failed.Name != "Interrupted" {
			t.Errorf("%s: %+v", do, failed)
		}
	}
	n.ok("kept", "=> 7")
	// A cell that waits for the user is no deadlock.
	ended := make(chan string)
	go func() {
		got, _ := n.run("<-ready")
		ended <- got
	}()
	time.Sleep(3 * time.Second) // a deadlock is found in two
	n.comm(cell.CommMessage, "a", "{}")
	if got := <-ended; got != "=> true" {
		t.Errorf("the cell that waits for a message showed %q", got)
	}
	n.comm(cell.CommMessage, "a", `{"do":"exit"}`)
	background.waitFor(t, "{comm_close }") // the front end is told that the comm is gone
	if text := background.String(); !strings.Contains(text, "os.Exit(3)") {
		t.Errorf("the end was told as %q", text)
	}
	n.comm(cell.CommMessage, "a", "{}")
}

// handlerForms are what handlers do when they are interrupted; D is the time that a process sleeps for. Each prints
// "begun" before.
var handlerForms = []string{
	`for { }`,
	`select {}`,
	`time.Sleep(time.Hour)`,
	`view.MapSync(func(x int) int { time.Sleep(time.Hour); return x }, []int{1})`,
	`view.ForEachSync(func(x int) { for { } }, []int{1})`,
	`go func() { view.MapSync(func(x int) int { select {}; return x }, []int{1}) }(); select {}`,
	`exec.Command("sleep", "D").Run()`,
	`exec.Command("sh", "-c", "trap '' TERM; sleep D; sleep D").Run()`,
	`view.MapSync(func(x int) int { exec.Command("sleep", "D").Run(); return x }, []int{1})`,
}

// TestHandlersAreInterruptedWhateverTheyDo interrupts handlers: each is told as interrupted, and what it has set going ends.
func TestHandlersAreInterruptedWhateverTheyDo(t *testing.T) {
	n := open(t)
	t.Cleanup(endAsleep)
	background := &recorder{}
	n.repl.Background(background)
	n.ok(childImports+"import \"github.com/goparallel/goparallel/kernel/comms\"\nrc, err := parallel.Start(context.Background(), 1)\nview := rc.LoadBalanced()\nerr", "=> <nil>")
	for i, form := range handlerForms {
		id := fmt.Sprint("handler", i)
		n.ok("comms.Handle(\"mine\", func(*comms.Comm, comms.Message) {\nfmt.Println(\""+id+"\")\n"+strings.ReplaceAll(form, "D", sleeps(i))+"\n})", "")
		go func() {
			background.waitFor(t, id)
			if strings.Contains(form, "sleep\"") || strings.Contains(form, "sleep D") {
				awaitAsleep(t, form, i)
			}
			n.repl.Interrupt()
		}()
		if failed := n.comm(cell.CommOpen, id, "{}"); failed == nil || failed.Name != "Interrupted" {
			t.Errorf("%s: %+v", form, failed)
		}
		n.ok("view.MapSync(func(x int) int { return x }, []int{1})", "=> [1]") // which waits for the engine
		awaitAsleep(t, "after the interrupt of "+form)
	}
	// A handler that ends its goroutine has not come to its end, here and on an engine.
	n.ok("comms.Handle(\"mine\", func(*comms.Comm, comms.Message) { runtime.Goexit() })", "[imported runtime]")
	if failed := n.comm(cell.CommOpen, "exit", "{}"); failed == nil || failed.Name != "Goexit" {
		t.Errorf("a handler that calls runtime.Goexit: %+v", failed)
	}
}
