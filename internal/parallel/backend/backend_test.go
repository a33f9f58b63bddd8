package backend

import (
	"testing"
	"time"
)

// Who waits for what arrives of a call gets all of it in order, and is woken by the next arrival and by the end.
func TestLogOfArrivals(t *testing.T) {
	var l Log
	arrived, more := l.Since(0)
	if len(arrived) != 0 || more == nil {
		t.Fatalf("%v, %v", arrived, more)
	}
	select {
	case <-more:
		t.Fatal("woken by nothing")
	default:
	}
	l.Add(Arrival{First: 0, Count: 2})
	<-more
	l.Add(Arrival{First: 5, Count: 1})
	arrived, more = l.Since(0)
	if len(arrived) != 2 || arrived[0].Count != 2 || arrived[1].First != 5 {
		t.Errorf("%v", arrived)
	}
	rest, same := l.Since(1)
	if len(rest) != 1 || rest[0].First != 5 || same != more {
		t.Errorf("%v", rest)
	}
	l.Add(Arrival{First: 6}) // so that there is room for a fourth
	arrived, _ = l.Since(0)
	l.Add(Arrival{First: 7})
	_ = append(arrived, Arrival{First: 100}) // what somebody appends is nobody else's
	if all, _ := l.Since(0); len(all) != 4 || all[3].First != 7 {
		t.Errorf("%v", all)
	}
	_, last := l.Since(4)
	l.End()
	<-last
	if rest, none := l.Since(4); len(rest) != 0 || none != nil {
		t.Errorf("after the end: %v, %v", rest, none)
	}
}

func TestProgressIsALine(t *testing.T) {
	p := Progress{Function: "f", Items: 10, Done: 4, Elapsed: 2040 * time.Millisecond, Left: 3*time.Second + 200*time.Millisecond}
	if got := p.String(); got != "f: 4 of 10 items in 2s, about 3s left" {
		t.Error(got)
	}
	p.Over, p.Done, p.Items = true, 1, 1
	if got := p.String(); got != "f: 1 of 1 item in 2s" {
		t.Error(got)
	}
}

// Each number that an observer is given has a name and a text, and no two have the same.
func TestNumbersAreExplained(t *testing.T) {
	texts := make(map[string]bool)
	for c := range NumCounters {
		texts[c.String()], texts[c.Help()] = true, true
	}
	for m := range NumTimers {
		texts[m.String()], texts[m.Help()] = true, true
	}
	if want := 2 * (int(NumCounters) + int(NumTimers)); len(texts) != want || texts[""] {
		t.Errorf("%d texts, not %d", len(texts), want)
	}
}
