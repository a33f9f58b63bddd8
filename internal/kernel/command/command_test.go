package command

import (
	"errors"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/kernel/display"
)

// printed returns what f writes to standard output.
func printed(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	f()
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ended runs a cell and returns the text of its value, and what it printed.
func ended(t *testing.T, f func()) (value any, out string) {
	out = printed(t, func() {
		live.Begin(t.Context(), TimeStop)
		TimeReset()
		f()
		TimeEnd()
		if v := live.Value(); v != nil {
			data, _ := display.Render(v...)
			value = data["text/plain"]
		}
	})
	return value, out
}

func TestShow(t *testing.T) {
	for _, c := range []struct {
		values              []any
		asValues, asAResult any
	}{
		{[]any{1}, "1", "1"},
		{[]any{1, nil}, "1 <nil>", "1"},
		{[]any{nil, nil}, "<nil> <nil>", "<nil>"},
		{[]any{1, errors.New("no")}, "1 no", "1 no"},
		{[]any{nil}, "<nil>", nil},
	} {
		if got, _ := ended(t, func() { live.Show(c.values...) }); got != c.asValues {
			t.Errorf("Show(%v) shows %v, want %v", c.values, got, c.asValues)
		}
		if got, _ := ended(t, func() { live.ShowResults(c.values...) }); got != c.asAResult {
			t.Errorf("ShowResults(%v) shows %v, want %v", c.values, got, c.asAResult)
		}
	}
	if got, _ := ended(t, func() {}); got != nil {
		t.Errorf("a cell without a value shows %v", got)
	}
}

func TestTimeit(t *testing.T) {
	loop := func(n int) live.Duration {
		start := live.Now()
		for range n {
			live.Keep(n)
		}
		return live.Since(start)
	}
	line := regexp.MustCompile(`^(The slowest run .*\n)?\S+ [mμn]?s ± \S+ [mμn]?s per loop \(mean ± std\. dev\. of 3 runs, 1,000 loops each\)\n$`)
	value, out := ended(t, func() { Timeit("-n 1000 -r3 -o", loop) })
	if !line.MatchString(out) {
		t.Errorf("printed %q", out)
	}
	if text, _ := value.(string); !regexp.MustCompile(`^<TimeitResult : .* loops each\)>$`).MatchString(text) {
		t.Errorf("the value is %q", value)
	}
	if value, out = ended(t, func() { Timeit("-qcn 10", loop) }); out != "" || value != nil {
		t.Errorf("-q printed %q and showed %v", out, value)
	}
	if r := TimeitValue("-q -n 10 -r 2", loop); r.Loops != 10 || r.Repeat != 2 {
		t.Errorf("%+v", r)
	}
}

func TestParseTimeit(t *testing.T) {
	for _, c := range []struct {
		line      string
		want      TimeitArgs
		statement string
	}{
		{"f(x)", TimeitArgs{}, "f(x)"},
		{"-n10 -r 3  f(x)", TimeitArgs{Loops: 10, Repeat: 3}, "f(x)"},
		{"-oq -p 5 x -1", TimeitArgs{Result: true, Quiet: true, Precision: 5}, "x -1"},
		{"-c -v res -- -x", TimeitArgs{CPU: true, Variable: "res"}, "-x"},
		{"-tn 7", TimeitArgs{Loops: 7}, ""},
	} {
		args, at, err := ParseTimeit(c.line)
		if err != nil || args != c.want || c.line[at:] != c.statement {
			t.Errorf("%q: %+v, statement %q, %v", c.line, args, c.line[at:], err)
		}
	}
	for _, line := range []string{"-n", "-n x f()", "-r -3 f()", "-z f()"} {
		if _, _, err := ParseTimeit(line); err == nil {
			t.Errorf("%q is accepted", line)
		}
	}
}

func TestTimes(t *testing.T) {
	format := regexp.MustCompile(`^CPU times: user \S+ [mμn]?s, sys: \S+ [mμn]?s, total: \S+ [mμn]?s\nWall time: \S+ [mμn]?s\n$`)
	if _, out := ended(t, func() { TimeBegin(); TimeEnd() }); !format.MatchString(out) {
		t.Errorf("printed %q", out)
	}
	value, out := ended(t, func() { TimeBegin(); live.Show(5) })
	if !format.MatchString(out) || value != "5" {
		t.Errorf("a time left open printed %q and showed %v", out, value)
	}
	if _, out := ended(t, func() {}); out != "" {
		t.Errorf("an untimed cell printed %q", out)
	}
}

func BenchmarkKeep(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		live.Keep(i)
	}
}

func TestNamesOfFilesHaveVariables(t *testing.T) {
	t.Setenv("PLACE", "/there")
	t.Setenv("HOME", "/home/who")
	for name, want := range map[string]string{"a.txt": "a.txt", "$PLACE/a": "/there/a", "${PLACE}/a": "/there/a", "~/a": "/home/who/a", "a~": "a~", "${NOWHERE_AT_ALL}/$NOWHERE_AT_ALL": "${NOWHERE_AT_ALL}/$NOWHERE_AT_ALL"} {
		if got := FileName(name); got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
}
