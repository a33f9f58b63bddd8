package show

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// TestFlamesAreWhatTheProfileSays draws stacks of the cell's own functions, deep ones, and such as no cell calls.
func TestFlamesAreWhatTheProfileSays(t *testing.T) {
	frame := func(name string) *profile.Location {
		return &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}}
	}
	host := frame("github.com/goparallel/goparallel/internal/kernel/host.(*host).runUnit")
	sample := func(ns int64, names ...string) *profile.Sample {
		s := &profile.Sample{Value: []int64{1, ns}}
		for _, n := range names {
			s.Location = append(s.Location, frame(n))
		}
		return s
	}
	inCell := func(s *profile.Sample) *profile.Sample {
		s.Location = append(s.Location, host, frame("runtime.goexit"))
		return s
	}
	const second = 1_000_000_000
	deep := make([]string, 200)
	for i := range deep {
		deep[i] = "main.deep"
	}
	prof := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples"}, {Type: "cpu"}}, Sample: []*profile.Sample{
		inCell(sample(6*second, "main.busy[...]", "main.main")),
		inCell(sample(2*second, "a/b<c>.Long", "main.busy[...]", "main.main")),
		inCell(sample(1*second, append(deep, "main.main")...)),
		sample(1*second, "runtime.gcBgMarkWorker"),
		inCell(sample(1, "main.tiny", "main.main")),
	}}
	all := flames(prof)
	if all.ns != 10*second+1 || len(all.callee) != 2 || all.callee["the cell"].callee["main.busy[...]"].ns != 8*second {
		t.Errorf("%+v", all)
	}
	if text := all.text(); text != "Flame graph of 10s of processor time: the cell 90%, runtime.gcBgMarkWorker 10%" {
		t.Error(text)
	}
	svg := all.svg()
	for _, want := range []string{`aria-label="Flame graph of 10s`, "<title>main.busy[...]: 8s, 80.0%</title>", ">b&lt;c&gt;.Long</text>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	if strings.Contains(svg, "host") || strings.Contains(svg, "main.tiny") || strings.Count(svg, "<title>main.deep") >= flameDepth {
		t.Error(svg)
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
