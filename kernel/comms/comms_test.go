package comms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// sent takes what goes to the front end, in lines.
func sent(t *testing.T) *[]string {
	lines := new([]string)
	SetSink(func(m cell.Comm) {
		*lines = append(*lines, fmt.Sprintf("%s %s %s %s %s %q", m.Kind, m.ID, m.Target, string(m.Data), string(m.Metadata), m.Buffers))
	})
	t.Cleanup(func() { SetSink(nil) })
	return lines
}

// A comm that is open sends and takes messages; one that is closed, by either side, does neither.
func TestMessagesOfAComm(t *testing.T) {
	lines := sent(t)
	c, err := OpenWith("one", "target", map[string]int{"a": 1}, map[string]int{"m": 2})
	if err != nil || c.ID() != "one" || !Any() {
		t.Fatalf("%v", err)
	}
	if err := c.Send(struct{ B int }{3}, []byte("x")); err != nil {
		t.Error(err)
	}
	var got []string
	message := func(data string) { Deliver(cell.Comm{Kind: cell.CommMessage, ID: "one", Data: []byte(data)}) }
	message(`{"lost": 1}`) // nobody takes it
	c.OnMessage(func(m Message) { got = append(got, string(m.Data)) })
	c.OnClose(func() { got = append(got, "closed") })
	message(`{"x": 1}`)
	Deliver(cell.Comm{Kind: cell.CommClose, ID: "one"})
	if err := c.Send(map[string]int{}); !errors.Is(err, ErrClosed) || !strings.Contains(err.Error(), `"target"`) {
		t.Error(err)
	}
	c.Close() // it was closed by the front end: that is not told again
	if want := []string{`{"x": 1}`, "closed"}; !slices.Equal(got, want) || Any() {
		t.Errorf("%q", got)
	}
	message(`{"late": 1}`)
	Deliver(cell.Comm{Kind: cell.CommClose, ID: "one"})
	want := []string{`comm_open one target {"a":1} {"m":2} []`, `comm_msg one  {"B":3}  ["x"]`, `comm_close one    []`} // as nobody has it any more
	if !slices.Equal(*lines, want) {
		t.Errorf("%q\ninstead of\n%q", *lines, want)
	}
}

// What the front end opens goes to who handles the target, and is closed where nobody does.
func TestCommsThatTheFrontEndOpens(t *testing.T) {
	lines := sent(t)
	var opened *Comm
	Handle("mine", func(*Comm, Message) { t.Error("what was replaced is called") })
	Handle("mine", func(c *Comm, m Message) { opened = c; c.Send(map[string]string{"got": string(m.Data)}) })
	Deliver(cell.Comm{Kind: cell.CommOpen, ID: "two", Target: "mine", Data: []byte("{}")})
	Deliver(cell.Comm{Kind: cell.CommOpen, ID: "three", Target: "nobody's", Data: []byte("{}")})
	if opened == nil || opened.ID() != "two" || !Any() {
		t.Fatal(opened)
	}
	opened.Close()
	opened.Close()
	if want := []string{`comm_msg two  {"got":"{}"}  []`, `comm_close three    []`, `comm_close two    []`}; !slices.Equal(*lines, want) || Any() {
		t.Errorf("%q", *lines)
	}
}

// What is no object of JSON is an error, and opens and sends nothing.
func TestDataAreObjects(t *testing.T) {
	lines := sent(t)
	for _, data := range []any{1, "text", []int{1}, func() {}, (*int)(nil)} {
		if c, err := Open("target", data); c != nil || err == nil {
			t.Errorf("%v opens a comm", data)
		}
		if _, err := OpenWith("four", "target", nil, data); err == nil {
			t.Errorf("%v is taken for metadata", data)
		}
	}
	if len(*lines) > 0 || Any() {
		t.Errorf("%q", *lines)
	}
	c, err := Open("target", nil)
	if err != nil || c.Send([]int{1}) == nil || len(*lines) != 1 {
		t.Errorf("%v: %q", err, *lines)
	}
	c.Close()
}
