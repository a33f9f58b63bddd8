package kernel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// fake is an interpreter of a small language, a command a line:
//
//	print TEXT | eprint TEXT | result TEXT | show TEXT | update TEXT | clear
//	fail NAME VALUE | input PROMPT | page TEXT | wait | bytes HEX…
type fake struct {
	mu         sync.Mutex
	stop       chan struct{} // of the running cell
	started    chan struct{} // one value for each cell that waits
	interrupts int
	closed     bool
	background cell.Output
	requests   []cell.Request
}

func newFake() *fake { return &fake{started: make(chan struct{}, 100)} }

func (f *fake) Execute(ctx context.Context, req cell.Request, out cell.Output) cell.Reply {
	f.mu.Lock()
	f.stop = make(chan struct{})
	stop := f.stop
	f.requests = append(f.requests, req)
	f.mu.Unlock()
	reply := cell.Reply{}
	for _, line := range strings.Split(req.Code, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "print":
			out.Stream("stdout", rest+"\n")
		case "eprint":
			out.Stream("stderr", rest+"\n")
		case "raw":
			out.Stream("stdout", strings.NewReplacer("<", "\xe2\x82", ">", "\xac").Replace(rest))
		case "flood":
			for range 2000 {
				out.Stream("stdout", strings.Repeat("x", 999)+"\n")
			}
		case "result":
			out.Result(cell.Bundle{"text/plain": rest}, nil)
		case "show":
			out.Display(cell.Bundle{"text/plain": rest, "image/png": []byte{1, 2, 3}, "image/svg+xml": []byte("<svg/>"),
				"application/json": map[string]any{"a": 1}}, nil, "id-1")
		case "unshowable":
			out.Display(cell.Bundle{"application/json": func() {}}, nil, "")
		case "update":
			out.Update(cell.Bundle{"text/plain": rest}, nil, "id-1")
		case "clear":
			out.Clear(true)
		case "page":
			reply.Payloads = append(reply.Payloads, map[string]any{"source": "page", "start": 0, "data": map[string]any{"text/plain": rest}})
		case "fail":
			name, value, _ := strings.Cut(rest, " ")
			return cell.Reply{Err: &cell.Error{Name: name, Value: value, Traceback: []string{"at line 1", name + ": " + value}}}
		case "panic":
			panic(rest)
		case "input":
			text, err := out.Input(ctx, rest, false)
			if err != nil {
				return cell.Reply{Err: &cell.Error{Name: "InputError", Value: err.Error(), Traceback: []string{err.Error()}}}
			}
			out.Stream("stdout", "got "+text+"\n")
		case "wait":
			f.started <- struct{}{}
			select {
			case <-stop:
			case <-ctx.Done():
			}
			return cell.Reply{Err: &cell.Error{Name: "Interrupted", Value: "interrupted", Traceback: []string{"interrupted"}}}
		}
	}
	reply.Expressions = map[string]any{}
	for name, e := range req.Expressions {
		reply.Expressions[name] = map[string]any{"status": "ok", "data": map[string]any{"text/plain": e}, "metadata": map[string]any{}}
	}
	return reply
}

func (f *fake) Interrupt() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.interrupts++
	select {
	case <-f.stop:
	default:
		close(f.stop)
	}
}

func (f *fake) IsComplete(code string) cell.Completeness {
	if strings.HasSuffix(code, "{") {
		return cell.Completeness{Status: "incomplete", Indent: "\t"}
	}
	return cell.Completeness{Status: "complete"}
}

func (f *fake) Complete(_ context.Context, code string, cursor int) cell.Completions {
	if strings.HasPrefix(code, "x\n") {
		return cell.Completions{Start: 9, End: cursor, Import: "import \"b\"", ImportAt: 2,
			Items: []cell.Completion{{Text: "New", Kind: "function", Signature: "()"}, {Text: "Now", Kind: "function"}, {Text: "Nu", Kind: "function"}}}
	}
	if !strings.HasPrefix(code, "é.") {
		return cell.Completions{Start: cursor, End: cursor}
	}
	return cell.Completions{Start: 2, End: cursor, Items: []cell.Completion{{Text: "Println", Kind: "function", Signature: "(a ...any)"}}}
}

func (f *fake) Inspect(_ context.Context, code string, cursor, detail int) cell.Inspection {
	if code != "known" {
		return cell.Inspection{}
	}
	return cell.Inspection{Found: true, Data: cell.Bundle{"text/plain": fmt.Sprint(code, cursor, detail)}}
}

// Comm has the target "echo", which opens a comm called "back", sends what it gets there,
// and fails at {"fail": …}. "wait" makes it wait for an interrupt.
func (f *fake) Comm(ctx context.Context, m cell.Comm) *cell.Error {
	switch text := string(m.Data); {
	case m.Kind == cell.CommOpen && m.Target == "echo":
		f.background.Comm(cell.Comm{Kind: cell.CommOpen, ID: "back", Target: "there", Metadata: json.RawMessage(`{"version":"1"}`)})
	case m.Kind == cell.CommOpen:
		f.background.Comm(cell.Comm{Kind: cell.CommClose, ID: m.ID})
	case strings.Contains(text, "fail"):
		return &cell.Error{Name: "panic", Value: text, Traceback: []string{"panic: " + text}}
	case strings.Contains(text, "wait"):
		f.mu.Lock()
		f.stop = make(chan struct{})
		stop := f.stop
		f.mu.Unlock()
		f.started <- struct{}{}
		<-stop
	case m.Kind == cell.CommMessage:
		f.background.Comm(cell.Comm{Kind: cell.CommMessage, ID: "back", Data: m.Data, Buffers: m.Buffers})
	}
	return nil
}

func (f *fake) Background(out cell.Output) { f.background = out }

func (f *fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.stop != nil {
		select {
		case <-f.stop:
		default:
			close(f.stop)
		}
	}
	return nil
}
