package repl_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// gonbuiSource says what gonb's package gonbui sends, and how.
const gonbuiSource = `package gonbui

import (
	"encoding/gob"
	"os"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

var inNotebook = os.Getenv("GONB_PIPE") != ""

var encoder *gob.Encoder
var acks = make(chan int, 1)

func send(d *protocol.DisplayData) {
	if !inNotebook {
		panic("no notebook")
	}
	if encoder == nil {
		pipe, err := os.OpenFile(os.Getenv("GONB_PIPE"), os.O_WRONLY, 0600)
		if err != nil {
			panic(err)
		}
		back, err := os.OpenFile(os.Getenv("GONB_PIPE_BACK"), os.O_RDONLY, 0600)
		if err != nil {
			panic(err)
		}
		encoder = gob.NewEncoder(pipe)
		go func() {
			messages := gob.NewDecoder(back)
			for {
				var v protocol.CommValue
				if messages.Decode(&v) != nil {
					return
				}
				acks <- v.Value.(int)
			}
		}()
	}
	if err := encoder.Encode(d); err != nil {
		panic(err)
	}
}

func show(kind protocol.MIMEType, value any) {
	send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{kind: value}})
}

func DisplayHTML(text string)   { show("text/html", text) }
func DisplayPNG(picture []byte) { show("image/png", picture) }

func UpdateHTML(id, text string) {
	send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{"text/html": text}, DisplayID: id, Metadata: map[string]any{}})
}

func RequestInput(prompt string, password bool) {
	show("gonb/jupyter_input", &protocol.InputRequest{prompt, password})
}

func Subscribe() { show("gonb/comm_subscribe", &protocol.CommSubscription{Address: "a"}) }

func Sync() int {
	show("gonb/comm_value", &protocol.CommValue{Address: "#gonbui/sync", Value: 7})
	return <-acks
}
`

const gonbuiProtocol = `package protocol

import "encoding/gob"

type MIMEType string

type DisplayData struct {
	Data      map[MIMEType]any
	Metadata  map[string]any
	DisplayID string
}

type InputRequest struct {
	Prompt   string
	Password bool
}

type CommValue struct {
	Address string
	Request bool
	Value   any
}

type CommSubscription struct {
	Address     string
	Unsubscribe bool
}

func init() {
	for _, v := range []any{DisplayData{}, InputRequest{}, CommValue{}, CommSubscription{}, []int{}, map[string]string{}} {
		gob.Register(v)
	}
}
`

// pinUser is an Output with a user who knows the number, and notes how he was asked.
type pinUser struct{ recorder }

func (u *pinUser) Input(_ context.Context, prompt string, password bool) (string, error) {
	u.add("(%s%t)", prompt, password)
	return "1234", nil
}

// What gonb's package gonbui shows is shown, in its place among what the cell prints, and before the
// cell ends; its questions are asked.
func TestDisplaysOfGonbui(t *testing.T) {
	proxyOf(t, map[string]map[string]string{"github.com/janpfeifer/gonb@v0.11.0": {
		"gonbui/gonbui.go": gonbuiSource, "gonbui/protocol/protocol.go": gonbuiProtocol,
	}})
	t.Setenv("GONOSUMDB", "*")
	n := open(t)
	n.ok("import \"fmt\"", "")
	n.matches("import \"github.com/janpfeifer/gonb/gonbui\"\n%%\nfmt.Println(`before`)\ngonbui.DisplayHTML(`<b>bold</b>`)", `.*before\n\[bold\]`)
	n.ok("gonbui.DisplayPNG([]byte{1, 2})\ngonbui.Sync()", "[<image/png>]=> 7")
	var updates strings.Builder
	for i := range 100 {
		fmt.Fprintf(&updates, "[%d]", i)
	}
	n.ok("for i := range 100 {\n\tgonbui.UpdateHTML(`id`, fmt.Sprint(i))\n}", updates.String())
	n.ok("gonbui.Subscribe()\ngonbui.Subscribe()", "[gonbui's widgets and comms need JavaScript of gonb's kernel, which is not here; package widgets has sliders, buttons and lists]")
	user := &pinUser{}
	if reply := n.execute(cell.Request{Code: "gonbui.RequestInput(`PIN: `, true)\nvar pin int\nfmt.Scan(&pin)\npin", AllowStdin: true}, user); reply.Err != nil || user.String() != "(PIN: true)=> 1234" {
		t.Errorf("%v: %s", reply.Err, user)
	}
	n.ok("%restart", "")
	n.ok("gonbui.DisplayHTML(`again`)", "[again]")
}
